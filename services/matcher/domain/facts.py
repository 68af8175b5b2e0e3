"""What the matcher has been told of a region, by aggregate, and what of it a plan has yet to answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.matcher.domain.ids import PeriodId, RegionId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.region import Period, Site, Student, Supervisor, Workplace
from services.matcher.domain.settings import Settings

Document = Mapping[str, Any]
BOARD = "board"
"""Of a site its board, beside what the plan reads of it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The whole state of one aggregate; `subject` is kind/id, `document` None when it ended."""

    region: RegionId
    subject: str
    sequence: int
    document: Document | None

    @property
    def kind(self) -> str:
        """What it is about: student, site, workplace, supervisor, region, day, a decision, a mismatch."""
        return self.subject.partition("/")[0]

    @property
    def id(self) -> str:
        """The aggregate's own id."""
        return self.subject.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a school or an institute decided about a student's place; `agrees` is None for: keep it, and look for another.

    `refused` are the workplaces that were refused before. `offer` names the offer of another place that it answers, `reason` is
    one of the closed lists of reasons.
    """

    agrees: bool | None
    workplace: WorkplaceId
    periods: frozenset[PeriodId]
    refused: tuple[WorkplaceId, ...] = ()
    offer: int | None = None
    reason: str | None = None

    @property
    def not_offered(self) -> tuple[WorkplaceId, ...]:
        """The workplaces where this student is not placed again, oldest first; who refuses an offer keeps the place they have."""
        is_refusal = self.agrees is False and self.offer is None
        return (*self.refused, self.workplace) if is_refusal else self.refused


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A student and a place or somebody who guides that do not fit, as somebody reported it; `kind` is of a closed list."""

    id: str
    student: StudentId
    kind: str
    reported_on: date


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed since the last plan: the seeds of the neighbourhood that is solved again."""

    students: frozenset[StudentId] = frozenset()
    sites: frozenset[SiteId] = frozenset()
    workplaces: frozenset[WorkplaceId] = frozenset()
    supervisors: frozenset[SupervisorId] = frozenset()
    everything: bool = False

    def __or__(self, other: "Touched") -> "Touched":
        return Touched(
            self.students | other.students,
            self.sites | other.sites,
            self.workplaces | other.workplaces,
            self.supervisors | other.supervisors,
            self.everything or other.everything,
        )

    def __bool__(self) -> bool:
        return self.everything or bool(self.students or self.sites or self.workplaces or self.supervisors)


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """All facts of one region; what they refer to may not have arrived yet."""

    id: RegionId
    sequences: Mapping[str, int] = field(default_factory=dict)
    settings: Settings | None = None
    today: date | None = None
    periods: Mapping[PeriodId, Period] = field(default_factory=dict)
    sites: Mapping[SiteId, Site] = field(default_factory=dict)
    workplaces: Mapping[WorkplaceId, Workplace] = field(default_factory=dict)
    supervisors: Mapping[SupervisorId, Supervisor] = field(default_factory=dict)
    students: Mapping[StudentId, Student] = field(default_factory=dict)
    school_decisions: Mapping[StudentId, Decision] = field(default_factory=dict)
    institute_decisions: Mapping[StudentId, Decision] = field(default_factory=dict)
    mismatches: Mapping[str, Mismatch] = field(default_factory=dict)

    @property
    def can_be_planned(self) -> bool:
        """Whether settings and a day were told."""
        return self.settings is not None and self.today is not None
