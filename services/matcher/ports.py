"""What the matcher's handlers need from outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.matcher.domain.facts import Fact, RegionFacts, Touched
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import Change, Place
from services.matcher.domain.plan import Certificate, Placement, Plan
from services.matcher.domain.region import Region
from shared.contracts.placements import MoveCause
from shared.messaging.record import Partition, Record


class Effort(StrEnum):
    """Repair what an event touched, or improve the whole region while nothing happens."""

    REPAIR = "repair"
    IMPROVE = "improve"


@dataclass(frozen=True, slots=True)
class Task:
    """A region with what holds today, and what changed."""

    region: Region
    touched: Touched
    effort: Effort


@dataclass(frozen=True, slots=True)
class Planned:
    """An allowed plan with its certificate, judged by the independent checker, and why placements had to go.

    `value_before` is what the plan that holds costs where it is still allowed: an improvement costs less.
    """

    plan: Plan
    value_before: int
    causes: Mapping[StudentId, MoveCause]
    seconds: float


class Planner(Protocol):
    """Makes plans without blocking the event loop."""

    async def plan(self, task: Task) -> Planned:
        """The best plan found within the effort's limits; raises NoAllowedPlan when the checker refuses every one."""
        ...


class NoAllowedPlan(Exception):
    """The checker refused the plan and the fall-back: a bug, never published."""


@dataclass(frozen=True, slots=True)
class RegionState:
    """All that the matcher knows of one region; `version` counts its published plans."""

    facts: RegionFacts
    places: Mapping[StudentId, Place] = field(default_factory=dict)
    version: int = 0
    certificate: Certificate | None = None

    def placements(self) -> tuple[Placement, ...]:
        """What was last published."""
        return tuple(place.placement for place in self.places.values() if place.placement is not None)


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan to be published: it replaces the version before it, and no other."""

    region: RegionId
    version: int
    planned: Planned
    changes: Sequence[Change]
    effort: Effort
    covers: Mapping[Partition, int]


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

    async def versions(self, region: str) -> dict[str, object]:
        """How the plan of a region came about; raises NotFound."""
        ...

    async def explanation(self, student: str) -> dict[str, object]:
        """Where a student is placed, or why not; raises NotFound."""
        ...
