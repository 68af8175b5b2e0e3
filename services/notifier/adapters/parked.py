"""Counts what lies put aside on the parked topics and was not sent again."""

from collections.abc import Mapping, Sequence

from shared.errors import DomainError
from shared.messaging.parked.topic import list_parked


async def count_parked(bootstrap: str, topics: Sequence[str]) -> Mapping[str, int]:
    """By topic; a topic that does not exist has none. Raises TransientError when Kafka is away."""
    counts: dict[str, int] = {}
    for topic in topics:
        try:
            found = await list_parked(bootstrap, topic)
        except DomainError:
            found = []
        waiting = {each.origin or each.position for each in found if each.replayed_at is None}
        counts[topic] = len(waiting)
    return counts
