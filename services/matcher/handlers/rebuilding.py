"""A region made anew: its facts and places as the log tells them, and a plan that looks at everything again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.matcher.domain.facts import Fact
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.reading import RegionProblems
from services.matcher.domain.relearning import Published, Relearning
from services.matcher.ports import RegionState
from shared.contracts.envelope import Event, UnreadableEvent
from shared.messaging.inbox import Tombstone
from shared.messaging.record import Partition, Record

Id = TypeVar("Id", bound=str)
Read = Sequence[tuple[Record, Event | Tombstone]]


@dataclass(frozen=True, slots=True)
class Known:
    """What the database has of a region, where the stream is, and the newest version that it knows of."""

    facts: Mapping[str, Fact]
    state: RegionState
    positions: Mapping[Partition, int]
    version: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the region is now, before it is planned again, and what of it was other than in the database."""

    facts: Sequence[Fact]
    state: RegionState
    changed_facts: Sequence[str] = field(default=())
    changed_places: Sequence[StudentId] = field(default=())


def rebuilt(region: RegionId, known: Known, told: Read, published: Read) -> Rebuilt:
    """The facts as the log tells them up to where the stream is, and the places as they were published."""
    facts = _facts(region, known, told)
    words = Published()
    for _, event in published:
        if isinstance(event, Tombstone):
            words.erase(event.subject)
        elif event.region == region:
            words.tell(event)
    model = facts.folding.facts
    places = dict(known.state.places) if model.today is None else words.as_known(known.state.places, model.today)
    state = replace(
        known.state, facts=model, places=places, version=max(known.version, words.version), certificate=None
    )
    return Rebuilt(
        [facts.facts[subject] for subject in sorted(facts.facts)],
        state,
        sorted(_changed(known.facts, facts.facts)),
        sorted(_changed(known.state.places, places)),
    )


def _facts(region: RegionId, known: Known, told: Read) -> Relearning:
    """What is told again only beyond the position was told before it in a word that is no longer in the log."""
    learned = Relearning(region)
    later: set[str] = set()
    for record, event in told:
        if record.offset >= known.positions.get(record.partition, 0):
            later.add(event.subject)
            continue
        try:
            learned.erase(event.subject) if isinstance(event, Tombstone) else learned.tell(event)
        except (UnreadableEvent, RegionProblems):  # it was parked then, and is not known now
            continue
    for subject in sorted(known.facts.keys() - learned.facts.keys()):
        fact = known.facts[subject]
        if subject in later or fact.document is None:
            learned.take(fact)
    return learned


def _changed(before: Mapping[Id, object], after: Mapping[Id, object]) -> Iterable[Id]:
    return (one for one in before.keys() | after.keys() if before.get(one) != after.get(one))
