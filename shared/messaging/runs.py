"""Many events of one kind at once, among others: what reads and writes for all of them together."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from shared.contracts.envelope import Event
from shared.messaging.inbox import Tombstone

Some = Sequence[Event | Tombstone]


def runs(events: Some, *kinds: Any) -> Iterator[tuple[Any, Some]]:
    """Neighbours whose data is of the same of these kinds (classes or unions) with that kind; and neighbours of no such, with None."""

    def kind_of(event: Event | Tombstone) -> Any:
        return next((kind for kind in kinds if isinstance(event, Event) and isinstance(event.data, kind)), None)

    for kind, some in groupby(events, kind_of):
        yield kind, list(some)


def data_of(some: Some) -> list[Any]:
    """What a run of events tells; tombstones tell nothing."""
    return [event.data for event in some if isinstance(event, Event)]


def heard(known: Mapping[str, int], told: Sequence[tuple[str, int]]) -> tuple[list[int | None], dict[str, int]]:
    """What of a run of (name, sequence) is newer than what is known, each after those before it.

    Gives for each the sequence before it (0: never heard of), None where it is no news; and up to where what was news is known now.
    """
    newest: dict[str, int] = {}
    before: list[int | None] = []
    for name, sequence in told:
        held = newest.get(name, known.get(name, 0))
        before.append(held if held < sequence else None)
        if held < sequence:
            newest[name] = sequence
    return before, newest
