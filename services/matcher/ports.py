"""What the matcher's handlers need from outside."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from services.matcher.domain.changes import Change, Suggestion
from services.matcher.domain.facts import Fact, RegionFacts
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import ChangedPlace, Outcome, Place
from services.matcher.domain.plan import Certificate, Placement, Unplaced
from services.matcher.domain.region import Region
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.looking import ChangedSignal
from shared.contracts.vocabulary import Contract
from shared.messaging.record import Partition, Record


class Effort(StrEnum):
    """Repair what an event touched, or improve the whole region beside that."""

    REPAIR = "repair"
    IMPROVE = "improve"


@dataclass(frozen=True, slots=True)
class Held:
    """A region with the plan that holds in it, and what is proven about it: all that planning begins with."""

    region: Region
    bound: float = 0.0
    unplaced_bound: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What changes in a region, or a suggestion to adopt.

    Stamps name states of the region in the memory of this process: the step leads from the state `after` to `stamp`.
    """

    region: RegionId
    after: int
    stamp: int
    work: Change | Suggestion


@dataclass(frozen=True, slots=True)
class Planned:
    """An allowed plan, judged by the independent checker, told as what becomes of those whom the step may concern.

    The certificate is that of the plan as it stands.
    """

    outcome: Outcome
    certificate: Certificate
    without_place: int
    seconds: float


Base = Callable[[], Held | None]
"""The state that a step starts from; None where there was nothing to plan for."""


class Planner(Protocol):
    """Makes plans without blocking the event loop, and keeps what it needs from step to step.

    The same state and step give the same plan, whatever the planner has kept: `base` is asked when it has not kept enough.
    """

    async def plan(self, step: Step, base: Base) -> Planned:
        """The plan after the step; raises NoAllowedPlan when the checker refuses the repair and what was before it."""
        ...

    async def suggest(self, region: RegionId, stamp: int, turn: int, base: Base) -> Suggestion | None:
        """What one turn of looking at the whole region finds in this state; None when nothing is left to look for."""
        ...


class NoAllowedPlan(Exception):
    """The checker refused the plan and what was before it: a bug, never published."""


@dataclass(frozen=True, slots=True)
class RegionState:
    """All that the matcher knows of one region; `version` counts its published plans."""

    facts: RegionFacts
    places: Mapping[StudentId, Place] = field(default_factory=dict)
    version: int = 0
    certificate: Certificate | None = None
    signals: Mapping[str, Signal] = field(default_factory=dict)

    def placements(self) -> tuple[Placement, ...]:
        """What was last published."""
        return tuple(place.placement for place in self.places.values() if place.placement is not None)

    def held(self) -> dict[StudentId, Placement]:
        """The same by student."""
        return {one.student: one for one in self.placements()}

    def without_known(self, suggestion: Suggestion) -> Suggestion:
        """The suggestion without reasons that were published already."""
        reasons = [one for one in suggestion.reasons if not self._is_known(one)]
        return replace(suggestion, reasons=reasons)

    def _is_known(self, reason: Unplaced) -> bool:
        place = self.places.get(reason.student)
        return place is not None and place.unplaced is not None and place.unplaced.reason == reason.reason


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan to be published: it replaces the version before it, and no other.

    An improvement tells how it was found: by which turn of looking, at which version, after how many steps of proving.
    """

    region: RegionId
    version: int
    today: date
    planned: Planned
    changes: Sequence[ChangedPlace]
    covers: Mapping[Partition, int] = field(default_factory=dict)
    effort: Effort = Effort.REPAIR
    turn: int | None = None
    seen_version: int | None = None
    proof_steps: int | None = None
    signals: Sequence[ChangedSignal] = ()

    @property
    def events(self) -> list[Contract]:
        """All that is told of it, in order: what becomes of students, then what people must know."""
        told = [event for change in self.changes for event in change.events]
        return told + [one.event for one in self.signals if one.event is not None]


@dataclass(frozen=True, slots=True)
class Commit:
    """All that one batch changes; kept whole or not at all. `before` and `after` are offsets."""

    before: Mapping[Partition, int] = field(default_factory=dict)
    after: Mapping[Partition, int] = field(default_factory=dict)
    facts: Sequence[Fact] = ()
    parked: Sequence[tuple[Record, str]] = ()
    plans: Sequence[NewPlan] = ()


class Store(Protocol):
    """The matcher's database."""

    async def load(self, region: RegionId) -> RegionState:
        """A region from its facts and places; empty when unknown."""
        ...

    async def regions_of(self, subjects: Collection[str]) -> Mapping[str, RegionId]:
        """The regions of those of these aggregates that were told of before."""
        ...

    async def next_offsets(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Where the stream goes on."""
        ...

    async def commit(self, commit: Commit, now: datetime) -> None:
        """Keeps a batch in one transaction; raises Conflict when another worker was first."""
        ...


class Answers(Protocol):
    """What is told about plans to whoever asks."""

    async def plan(self, region: str) -> dict[str, object]:
        """The plan that holds in a region; raises NotFound."""
        ...

    async def version(self, region: str) -> int:
        """The number of the plan that holds; raises NotFound."""
        ...

    async def region_file(self, region: str) -> dict[str, object]:
        """The region as the matcher plans for it now, as a region file; raises NotFound."""
        ...

    async def fairness(self, region: str) -> dict[str, object]:
        """Which groups have how many without a place; raises NotFound."""
        ...

    async def versions(self, region: str) -> dict[str, object]:
        """How the plan of a region came about; raises NotFound."""
        ...

    async def explanation(self, student: str) -> dict[str, object]:
        """Where a student is placed, or why not; raises NotFound."""
        ...
