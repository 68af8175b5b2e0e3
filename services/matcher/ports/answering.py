"""What whoever answers questions about plans needs from outside."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from services.matcher.domain.capacity import Figures, Spot
from services.matcher.domain.facts import Document
from services.matcher.domain.viewing import Within


@dataclass(frozen=True, slots=True)
class PlanHead:
    """The plan that holds in a region: its number, its day, what is proven, and how far the stream was read for it and by now.

    `told` grows with what was told of the region that asked for no other plan.
    """

    region: str
    version: int
    today: date | None
    published_at: datetime | None
    certificate: Document
    covers: Mapping[str, int]
    position: Mapping[str, int]
    told: int


@dataclass(frozen=True, slots=True)
class Told:
    """What was last published about a student; `body` is the placement or the reason for having none."""

    student: str
    region: str
    institute: str
    status: str
    since: date
    site: str | None
    lost_site: str | None
    body: Document | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many students are placed and how many are not, by reason."""

    placed: int
    unplaced_by_reason: Mapping[str, int]

    @property
    def students(self) -> int:
        """Everybody who asks for a place."""
        return self.placed + sum(self.unplaced_by_reason.values())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Spots of the capacity that somebody asks for: each list that is not empty limits them."""

    sites: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    within: Within = field(default_factory=Within)
    """Of a school or board only its sites, and nothing of the region as a whole."""

    def holds(self, spot: Spot) -> bool:
        """Whether this is one of them."""
        return (
            (not self.sites or spot.site in self.sites)
            and (not self.subjects or spot.subject in self.subjects)
            and (not self.periods or spot.period in self.periods)
            and self.within.has_site(spot.site)
        )

    def holds_row(self, row: Document) -> bool:
        """The same of a row with its spot's fields."""
        return self.holds(Spot(row["sector"], row["subject"], row["site"], row["period"]))


@dataclass(frozen=True, slots=True)
class OpenSignal:
    """A signal as it was last told; `told` are what it is about, its cause, figures, levers, and the next date."""

    id: str
    rule: str
    level: str
    status: str
    since: date
    told: Document


class Reads(Protocol):
    """What is read of plans by whoever asks; nothing here waits for a solve."""

    async def version(self, region: str) -> int:
        """The number of the plan that holds; raises NotFound."""
        ...

    async def head(self, region: str) -> PlanHead:
        """The plan that holds, without its places; raises NotFound."""
        ...

    async def counts(self, region: str, within: Within) -> Counts:
        """How many of these students have a place."""
        ...

    async def page(self, region: str, within: Within, cursor: str, most: int) -> Sequence[Told]:
        """So many of these students at most, by id, those after the cursor."""
        ...

    async def place(self, student: str) -> Told:
        """What was last published about a student; raises NotFound."""
        ...

    async def switch(self, student: str) -> Document | None:
        """The search for another place for a student as it was last told; None where there was none."""
        ...

    async def signals(self, region: str) -> Sequence[OpenSignal]:
        """The signals of a region that were told and are not over, by id."""
        ...

    async def sites_of(self, board: str) -> frozenset[str]:
        """The sites that name this board."""
        ...

    async def own(self, students: Collection[str], within: Within) -> frozenset[str]:
        """Which of these students somebody may know of."""
        ...

    async def versions(self, region: str, before: int | None, most: int) -> Sequence[Document]:
        """How the plan came about: its versions before that number, newest first."""
        ...

    async def trend(self, region: str, since: date, spots: Wanted) -> Sequence[tuple[date, Spot, Figures]]:
        """What was noted of these spots at the beginning of each day, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """Work for a process beside this one: a name, what it is about, and whether it solves."""

    name: str
    about: Mapping[str, Any]
    solves: bool = False


class WorkFailed(Exception):
    """The work raised what nobody expects, or its process died: a bug; the text is its trace."""


class Workshop(Protocol):
    """Processes that compute while others are answered; cancelling who waits ends the work."""

    async def do(self, job: Job, step: Callable[[Document], None] = lambda _: None) -> Document:
        """What comes of it. Raises DomainError or RegionProblems as the work did, TransientError when too much waits, WorkFailed."""
        ...

    def warm_up(self) -> None:
        """Gets ready, so that the first work does not wait for that."""
        ...

    def close(self) -> None:
        """Ends all that is going on."""
        ...


class TrialState(StrEnum):
    """The life of what somebody tries on a copy of a region; the last four are its end."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_over(self) -> bool:
        """Nothing more will come of it."""
        return self not in (TrialState.WAITING, TrialState.RUNNING)


class TrialKind(StrEnum):
    """Changes to try together, or every lever by itself."""

    SCENARIO = "scenario"
    LEVERS = "levers"


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody tries on a copy of a region, how far it is and what came of it."""

    id: str
    region: str
    kind: TrialKind
    name: str
    seconds: int
    document: Document
    created_at: datetime
    state: TrialState = TrialState.WAITING
    plan_version: int | None = None
    result: Document | None = None
    problem: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrialStep:
    """How far it was at one moment; numbers grow by one."""

    number: int
    at: datetime
    body: Document


class Trials(Protocol):
    """What is tried on copies of regions, kept for a while."""

    async def get(self, trial: str) -> Tried:
        """Raises NotFound."""
        ...

    async def listed(self, region: str, kind: TrialKind, most: int) -> Sequence[Tried]:
        """Those of a region, the newest first."""
        ...

    async def waiting(self) -> Sequence[str]:
        """Those of this process that are to be begun, oldest first."""
        ...

    async def begin(self, trial: str, now: datetime) -> bool:
        """Whether it still waited, and runs now."""
        ...

    async def note(self, trial: str, step: TrialStep) -> bool:
        """Keep how far it is; whether it is still to go on."""
        ...

    async def end(
        self,
        trial: str,
        state: TrialState,
        now: datetime,
        *,
        result: Document | None = None,
        problem: str | None = None,
    ) -> bool:
        """Keep its end, once; whether it had not ended before."""
        ...

    async def steps(self, trial: str, after: int) -> Sequence[TrialStep]:
        """How far it was since that number, in order."""
        ...

    async def stop_own(self, now: datetime) -> int:
        """Ends as stopped what this process had not ended before it was started anew; how many."""
        ...

    async def keep_alive(self, now: datetime) -> None:
        """Says that this process is at its own, and ends as stopped what another has not been at for long."""
        ...

    async def forget(self, before: datetime) -> None:
        """Deletes what ended before that moment."""
        ...
