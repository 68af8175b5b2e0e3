"""Where the time of an answer goes: from accepted to its event on Kafka, to the plan that answers it, to that on Kafka.

The stamps are those of the events and of Kafka's records, all of one machine's clock; whole milliseconds, so a stretch is right to one.
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka.structs import ConsumerRecord

from bench.stack import Stage
from bench.stream.load import Loaded, Sent
from bench.stream.log import records
from shared.contracts.catalogue import PLACEMENTS, STUDENT_REGISTRATIONS
from shared.contracts.envelope import Event
from shared.contracts.placements import PlaceEvent
from simulator.report import percentile

STRETCHES = ("to Kafka", "to the plan", "told on Kafka")


@dataclass(frozen=True, slots=True)
class OnKafka:
    """When a record was put on Kafka, and when its event was made (seconds since 1970)."""

    put_at: float
    made_at: float


async def way(stage: Stage, loaded: Loaded) -> Mapping[str, tuple[float, float]]:
    """The median and the 99th percentile of each stretch in seconds, over whatever has a certain answer."""
    region, since_1970 = stage.cast.world.region, time.time() - time.monotonic()
    asked, answers = defaultdict[str, list[OnKafka]](list), defaultdict[str, dict[int, OnKafka]](dict)
    async for event, record in records(stage.stack.bootstrap, region, STUDENT_REGISTRATIONS):
        asked[event.subject].append(_stamps(event, record))
    async for event, record in records(stage.stack.bootstrap, region, PLACEMENTS):
        if isinstance(event.data, PlaceEvent):
            answers[event.data.student][event.data.sequence] = _stamps(event, record)
    ways = [
        found
        for one in loaded.told()
        if (found := _way(one, since_1970, asked[f"student/{one.student}"], answers)) is not None
    ]
    each = [sorted(one[rank] for one in ways) for rank in range(len(STRETCHES))]
    return {name: (percentile(took, 0.5), percentile(took, 0.99)) for name, took in zip(STRETCHES, each, strict=True)}


def _way(
    sent: Sent, since_1970: float, asked: list[OnKafka], answers: Mapping[str, Mapping[int, OnKafka]]
) -> tuple[float, float, float] | None:
    """A registration is the first that is told of a student, a withdrawal the last; None for what was not answered."""
    later = {number: one for number, one in answers.get(str(sent.student), {}).items() if number > sent.before}
    if not later or not asked:
        return None
    event, answer = asked[0] if sent.kind == "register" else asked[-1], later[min(later)]
    accepted_at = sent.accepted_at + since_1970
    stretches = event.put_at - accepted_at, answer.made_at - event.put_at, answer.put_at - answer.made_at
    return stretches[0], stretches[1], stretches[2]


def _stamps(event: Event, record: ConsumerRecord) -> OnKafka:
    return OnKafka(record.timestamp / 1000, event.time.timestamp())
