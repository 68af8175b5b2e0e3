"""What capacity tells: sites, workplaces, supervisors and their availability, and the school's decisions on placements."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.registrations import PeriodSet
from shared.contracts.vocabulary import (
    BoardId,
    Contract,
    EntityId,
    InstituteId,
    Latitude,
    Longitude,
    PeriodId,
    PlainText,
    QuarterHours,
    RefusalReason,
    RegionId,
    Sector,
    Sequence,
    SiteId,
    SiteRole,
    Slug,
    SupervisorKind,
    SupportClass,
    Tier,
    Weekday,
)


class SiteProfile(Contract):
    """What a school location is and asks."""

    sector: Sector
    lat: Latitude
    lon: Longitude
    role: SiteRole = SiteRole.CORE
    core: SiteId | None = None
    min_students: Annotated[int, Field(ge=0, le=1000)] = 0
    max_support: SupportClass = 3

    @model_validator(mode="after")
    def _a_shell_names_its_core(self) -> Self:
        if (self.role is SiteRole.SHELL) != (self.core is not None):
            raise ValueError("a shell site names its core site, and no other site does")
        return self


class Site(SiteProfile):
    """One school location, as the plan sees it."""

    id: SiteId


class WorkplaceOffer(Contract):
    """A place for students at one site, for a subject or class band, with seats per period."""

    site: SiteId
    subject: Slug
    seats: dict[PeriodId, Annotated[int, Field(ge=0, le=1000)]] = Field(default_factory=dict)
    phases: tuple[Slug, ...] = ()


class Workplace(WorkplaceOffer):
    """A workplace as the plan sees it."""

    id: EntityId


class Absence(Contract):
    """Days on which somebody does not guide; without an end it lasts. There is no field for a reason, and there will be none."""

    start: date
    end: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError("an absence ends on or after the day it starts")
        return self


ServedSite = Annotated[str, Field(pattern=r"^(\*|\d{2}[A-Z]{2}\d{2})$")]


class SupervisorProfile(Contract):
    """What somebody who guides can offer: hours and limits, no name."""

    tier: Tier
    kind: SupervisorKind = SupervisorKind.TEACHER
    sites: tuple[ServedSite, ...] = ()
    institutes: tuple[InstituteId, ...] = ()
    subjects: tuple[Slug, ...] = ()
    qh: dict[PeriodId, QuarterHours] = Field(default_factory=dict)
    max_students: Annotated[int, Field(ge=0, le=1000)] | None = None
    max_support: SupportClass = 3
    starter: bool = False
    lendable: bool = False
    days: tuple[Weekday, ...] = ()


class Supervisor(SupervisorProfile):
    """Somebody who guides students, as the plan sees them."""

    id: EntityId
    absences: tuple[Absence, ...] = ()
    departs: date | None = None


class SiteChanged(Contract):
    """`nl.leerplek.site.changed.v1`; the name and town of a school are public, and so is its board."""

    region: RegionId
    sequence: Sequence
    site: Site
    name: Annotated[PlainText, Field(max_length=200)] = ""
    town: Annotated[PlainText, Field(max_length=120)] = ""
    board: BoardId | None = None


class WorkplaceChanged(Contract):
    """`nl.leerplek.workplace.changed.v1`; a workplace without seats is closed."""

    region: RegionId
    sequence: Sequence
    workplace: Workplace


class SupervisorEvent(Contract):
    """The whole state of one supervisor."""

    region: RegionId
    sequence: Sequence
    supervisor: Supervisor


class SupervisorRegistered(SupervisorEvent):
    """`nl.leerplek.supervisor.registered.v1`."""


class SupervisorHoursChanged(SupervisorEvent):
    """`nl.leerplek.supervisor.hours-changed.v1`: hours, subjects, days or limits."""


class SupervisorAbsenceReported(SupervisorEvent):
    """`nl.leerplek.supervisor.absence-reported.v1`: dates only, never why."""


class SupervisorReturned(SupervisorEvent):
    """`nl.leerplek.supervisor.returned.v1`."""


class SupervisorDeparted(SupervisorEvent):
    """`nl.leerplek.supervisor.departed.v1`; `departs` is the first day away."""


class SchoolDecision(Contract):
    """What a school decided about a placement, by student, workplace and periods.

    `refused` are the workplaces where this student was refused before. `offer` is the sequence of the offer of another place
    that it answers; None when it is about the place that the student has.
    """

    region: RegionId
    sequence: Sequence
    student: EntityId
    site: SiteId
    workplace: EntityId
    periods: PeriodSet
    refused: tuple[EntityId, ...] = ()
    offer: Sequence | None = None


class PlacementAccepted(SchoolDecision):
    """`nl.leerplek.placement.accepted.v1`."""


class PlacementRefused(SchoolDecision):
    """`nl.leerplek.placement.refused.v1`: this place is not offered to this student again."""

    reason: RefusalReason
