"""One region as the matcher sees it: its schools, the people who guide, the students, and what holds today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.matcher.domain.ids import InstituteId, PeriodId, RegionId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement
from services.matcher.domain.settings import Needs, Settings
from services.matcher.domain.vocabulary import EVERY_SITE, Kind, Sector, SiteRole, Tier


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days in which students are at school; both ends included."""

    id: PeriodId
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Site:
    """One school location."""

    id: SiteId
    sector: Sector
    lat: float
    lon: float
    role: SiteRole = SiteRole.CORE
    core: SiteId | None = None
    min_students: int = 0
    max_support: int = 3
    region: RegionId | None = None
    """The region within a file of a whole country; none named means that of the file."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """A place for students at one site, for a subject or class band, with seats per period."""

    id: WorkplaceId
    site: SiteId
    subject: str
    seats: Mapping[PeriodId, int] = field(default_factory=dict)
    phases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which somebody does not guide; why is nobody's business."""

    start: date
    end: date | None = None

    def covers(self, day: date) -> bool:
        """An absence without an end lasts until the return is reported."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Somebody who guides students in one tier, with hours per period and limits."""

    id: SupervisorId
    tier: Tier
    kind: Kind = Kind.TEACHER
    sites: tuple[str, ...] = ()
    institutes: tuple[InstituteId, ...] = ()
    subjects: tuple[str, ...] = ()
    qh: Mapping[PeriodId, int] = field(default_factory=dict)
    max_students: int | None = None
    max_support: int = 3
    starter: bool = False
    lendable: bool = False
    days: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    departs: date | None = None

    def serves(self, site: SiteId) -> bool:
        """Works at this site, or at every site."""
        return site in self.sites or EVERY_SITE in self.sites


@dataclass(frozen=True, slots=True)
class Student:
    """A student as the plan sees them: what they need, never who they are."""

    id: StudentId
    institute: InstituteId
    route: str
    phase: str
    support: int
    sector: Sector
    subject: str
    lat: float
    lon: float
    period_sets: tuple[tuple[PeriodId, ...], ...]
    wishes: tuple[SiteId, ...] = ()
    not_sites: tuple[SiteId, ...] = ()
    only_sites: tuple[SiteId, ...] = ()
    together: tuple[StudentId, ...] = ()
    apart: tuple[StudentId, ...] = ()
    duo: bool = False
    days: tuple[str, ...] = ()
    max_travel_min: int | None = None
    needs: Needs | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """All facts that a plan rests on. References may dangle while facts arrive one by one: what dangles is not used."""

    id: RegionId
    today: date
    settings: Settings
    periods: Mapping[PeriodId, Period] = field(default_factory=dict)
    sites: Mapping[SiteId, Site] = field(default_factory=dict)
    workplaces: Mapping[WorkplaceId, Workplace] = field(default_factory=dict)
    supervisors: Mapping[SupervisorId, Supervisor] = field(default_factory=dict)
    students: Mapping[StudentId, Student] = field(default_factory=dict)
    placements: tuple[Placement, ...] = ()
