"""A region made anew: its facts, places, signals and searches as the log tells them, and a plan that looks at everything again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.matcher.domain.facts import Fact
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.reading import RegionProblems
from services.matcher.domain.relearning import Published, Relearning
from services.matcher.domain.relearning_signals import PublishedSignals, closing
from services.matcher.domain.switching import ChangedSwitch
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
    changed_signals: Sequence[str] = field(default=())
    changed_switches: Sequence[StudentId] = field(default=())
    closed: Sequence[ChangedSwitch] = field(default=())
    """Offers that end, since what was offered is in no event."""


def rebuilt(region: RegionId, known: Known, told: Read, published: Read) -> Rebuilt:
    """The facts as the log tells them up to where the stream is, and places, signals and searches as they were published."""
    facts = _facts(region, known, told)
    words, signals = Published(), PublishedSignals()
    for _, event in published:
        if isinstance(event, Tombstone):
            words.erase(event.subject)
            signals.erase(event.subject)
        elif event.region == region:
            words.tell(event)
            signals.tell(event.data)
    model, before = facts.folding.facts, known.state
    state = replace(before, facts=model, version=max(known.version, words.version), certificate=None, is_behind=False)
    closed: list[ChangedSwitch] = []
    if model.today is not None:
        switches = signals.switches_as_known(before.switches, model.sequences, model.today)
        closed = closing(region, switches, state.version + 1)
        state = replace(
            state,
            places=words.as_known(before.places, model.students, model.today),
            signals=signals.signals_as_known(before.signals, model.sequences),
            switches={**switches, **{one.switch.student: one.switch for one in closed}},
        )
    return Rebuilt(
        [facts.facts[subject] for subject in sorted(facts.facts)],
        state,
        sorted(_changed(known.facts, facts.facts)),
        sorted(_changed(before.places, state.places)),
        sorted(_changed(before.signals, state.signals)),
        sorted(_changed(before.switches, state.switches)),
        closed,
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
