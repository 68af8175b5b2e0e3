"""What the matcher's handlers need from outside."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from services.matcher.domain.asking import Had
from services.matcher.domain.capacity import Figures, Spot
from services.matcher.domain.changes import Change, Suggestion
from services.matcher.domain.erasing import Erased
from services.matcher.domain.facts import Fact, RegionFacts, Touched
from services.matcher.domain.holding import PeriodsHad, PlacementsHeld
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import ChangedPlace, Outcome, Place
from services.matcher.domain.plan import Certificate, Placement, Unplaced
from services.matcher.domain.region import Region
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.looking import ChangedSignal
from services.matcher.domain.signals.scope import News
from services.matcher.domain.switches import Found, Obstacle, Switch, Wanted
from services.matcher.domain.switching import ChangedSwitch
from services.matcher.domain.waiting import Missing, Waiting
from shared.contracts.vocabulary import Contract
from shared.messaging.record import Partition, Record


class Effort(StrEnum):
    """Repair what an event touched, beside that improve the whole region or seek its plan anew, or rebuild it because somebody
    asked to. Or only look at what people must know, where events came too fast to do so at once."""

    REPAIR = "repair"
    IMPROVE = "improve"
    RENEW = "renew"
    REBUILD = "rebuild"
    SIGNALS = "signals"


@dataclass(frozen=True, slots=True)
class Again:
    """Which turn of improving is to be done again: one that had done so many steps of proving (0: of improving), or a renewal."""

    turn: int
    proof_steps: int
    is_renewal: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A region with the plan that holds in it, and what is proven about it: all that planning begins with."""

    region: Region
    bound: float = 0.0
    unplaced_bound: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What changes in a region, or a suggestion to adopt, and what other places are to be looked for then.

    Stamps name states of the region in the memory of this process: the step leads from the state `after` to `stamp`. To who
    only follows it is `told` what became of whom it concerned.
    """

    region: RegionId
    after: int
    stamp: int
    work: Change | Suggestion
    wanted: tuple[Wanted, ...] = ()
    told: Mapping[StudentId, Placement | None] | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """An allowed plan, judged by the independent checker, told as what becomes of those whom the step may concern.

    The certificate is that of the plan as it stands.
    """

    outcome: Outcome
    certificate: Certificate
    without_place: int
    seconds: float
    switches: Mapping[StudentId, Found | Obstacle] = field(default_factory=dict)


Base = Callable[[], Held | None]
"""The state that a step starts from; None where there was nothing to plan for."""


class Planner(Protocol):
    """Makes plans without blocking the event loop, and keeps what it needs from step to step.

    The same state and step give the same plan, whatever the planner has kept: `base` is asked when it has not kept enough.
    """

    async def plan(self, step: Step, base: Base) -> Planned:
        """The plan after the step; raises NoAllowedPlan where there is none, also from the state as `base` tells it, and
        CannotPlanNow."""
        ...

    async def try_out(self, region: RegionId, stamp: int, base: Base) -> None:
        """Plans for the whole of this state with nothing changed, and forgets what came of it: raises as `plan` does where not
        even that goes well."""
        ...

    async def begin(self, region: RegionId, stamp: int, base: Base) -> None:
        """Be ready for steps from this state, so that the first one does not wait; raises NoAllowedPlan where planning cannot begin,
        and CannotPlanNow."""
        ...

    async def only(self, regions: Collection[RegionId]) -> None:
        """Forget every other region: it has left."""
        ...

    async def suggest(self, region: RegionId, stamp: int, turn: int, base: Base) -> Suggestion | None:
        """What one turn of improving the whole region finds in this state; None when nothing is left to find.
        Raises NoAllowedPlan where that fails."""
        ...


class NoAllowedPlan(Exception):
    """The checker refused the plan and what was before it, or planning failed: a bug, never published."""


class CannotPlanNow(Exception):
    """The machine failed: a process that plans died twice, or there was no memory for it. That says nothing of what was asked,
    until the same happens again while all else goes well."""


UNKNOWN_NEWS = News(Touched(everything=True))
"""What is still to be looked at where the database only knows that something is."""


@dataclass(frozen=True, slots=True)
class RegionState:
    """All that the matcher knows of one region; `version` counts its published plans.

    `unlooked` is what nobody has looked at yet to see what people must know of it. Where it `is_behind` there are facts that the plan
    does not answer: planning failed with them, and the next plan looks at the whole region.
    """

    facts: RegionFacts
    places: Mapping[StudentId, Place] = field(default_factory=dict)
    switches: Mapping[StudentId, Switch] = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=dict)
    version: int = 0
    certificate: Certificate | None = None
    waiting: Mapping[Missing, Waiting] = field(default_factory=dict)
    unlooked: News | None = None
    is_behind: bool = False

    def placements(self) -> tuple[Placement, ...]:
        """What was last published."""
        return tuple(self.held().values())

    def had(self) -> Had:
        """The periods of the placement that each student has, or had until it ended; looked up when asked for."""
        return PeriodsHad(self.places)

    def held(self) -> Mapping[StudentId, Placement]:
        """The placement of each student who has one now; looked up when asked for."""
        return PlacementsHeld(self.places)

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

    An improvement tells how it was found: by which turn of improving, at which version, after how many steps of proving. What people
    must know of it is looked at with it, or later (`is_looked_at` false); what nobody had looked at before it was unknown
    (`looks_anew`) where the worker had begun since.
    """

    region: RegionId
    version: int
    today: date
    planned: Planned
    changes: Sequence[ChangedPlace]
    switches: Sequence[ChangedSwitch] = ()
    covers: Mapping[Partition, int] = field(default_factory=dict)
    effort: Effort = Effort.REPAIR
    turn: int | None = None
    seen_version: int | None = None
    proof_steps: int | None = None
    signals: Sequence[ChangedSignal] = ()
    is_looked_at: bool = True
    looks_anew: bool = False

    @property
    def events(self) -> list[Contract]:
        """All that is told of it, in order: what becomes of students, other places for them, then what people must know."""
        told = [event for change in self.changes for event in change.events]
        told += [event for change in self.switches for event in change.events]
        return told + [one.event for one in self.signals if one.event is not None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a region had, and what was asked of it, when a day began."""

    region: RegionId
    day: date
    rows: Mapping[Spot, Figures]


@dataclass(frozen=True, slots=True)
class Commit:
    """All that one batch changes; kept whole or not at all. `before` and `after` are offsets."""

    before: Mapping[Partition, int] = field(default_factory=dict)
    after: Mapping[Partition, int] = field(default_factory=dict)
    facts: Sequence[Fact] = ()
    parked: Sequence[tuple[Record, str]] = ()
    plans: Sequence[NewPlan] = ()
    snapshots: Sequence[Snapshot] = ()
    waiting: Mapping[RegionId, Mapping[Missing, Waiting]] = field(default_factory=dict)
    """What waits for something that was never heard of, in regions where another day began."""
    erased: Sequence[Erased] = ()
    """Of whom nothing stays, and everything that was published is taken back, after the plans."""
    unplanned: Sequence[Record] = ()
    """Records whose facts are kept although planning failed with them."""
    behind: Mapping[RegionId, bool] = field(default_factory=dict)
    """Regions that fall behind by that, or no longer are."""
    told: Collection[RegionId] = ()
    """Regions of which something was told that asked for no other plan."""


class Store(Protocol):
    """The matcher's database."""

    async def load(self, region: RegionId) -> RegionState:
        """A region from its facts and places; empty when unknown."""
        ...

    async def regions(self) -> Collection[RegionId]:
        """All regions that anything was told of."""
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


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of one batch of records: how many told something new, by the kind of event and what was done with it."""

    records: int
    outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Watch(Protocol):
    """Whoever counts, measures and tells what the matcher does; nothing that it does changes a plan."""

    def working(self) -> AbstractContextManager[None]:
        """Around the work on one batch."""
        ...

    def handled(self, batch: Handled) -> None:
        """A batch was kept."""
        ...

    def kept(self, commit: Commit, states: Mapping[RegionId, RegionState]) -> None:
        """Plans and facts are in the database; the states are those that changed."""
        ...

    def only(self, states: Collection[RegionState]) -> None:
        """These are the regions of this matcher from now on."""
        ...

    def waits_for_machine(self) -> None:
        """An event could not be planned for since the machine failed, and is tried again."""
        ...
