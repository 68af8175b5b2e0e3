"""What intake tells: students, their registrations, mismatch reports and the institute's decisions on placements."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.vocabulary import (
    Contract,
    Day,
    DeclineReason,
    EntityId,
    InstituteId,
    Latitude,
    Longitude,
    Minutes,
    MismatchKind,
    PeriodId,
    QuarterHours,
    RegionId,
    Sector,
    Sequence,
    SiteId,
    Slug,
    SupportClass,
    Weekday,
)

PeriodSet = Annotated[tuple[PeriodId, ...], Field(min_length=1)]


class Needs(Contract):
    """Hours a student needs from each tier when the norm does not fit."""

    wpb: QuarterHours
    so: QuarterHours
    io: QuarterHours


class StudentNeeds(Contract):
    """What a student needs and may do; never who they are."""

    institute: InstituteId
    route: Slug
    phase: Slug
    support: SupportClass
    sector: Sector
    subject: Slug
    lat: Latitude
    lon: Longitude
    period_sets: Annotated[tuple[PeriodSet, ...], Field(min_length=1)]
    wishes: tuple[SiteId, ...] = ()
    not_sites: tuple[SiteId, ...] = ()
    only_sites: tuple[SiteId, ...] = ()
    together: tuple[EntityId, ...] = ()
    apart: tuple[EntityId, ...] = ()
    duo: bool = False
    days: tuple[Weekday, ...] = ()
    max_travel_min: Minutes | None = None
    needs: Needs | None = None


class Student(StudentNeeds):
    """A student as the plan sees them."""

    id: EntityId


class StudentEvent(Contract):
    """The whole state of one student."""

    region: RegionId
    sequence: Sequence
    student: Student


class StudentRegistered(StudentEvent):
    """`nl.leerplek.student.registered.v1`: an institute asks a place for this student."""


class StudentChanged(StudentEvent):
    """`nl.leerplek.student.changed.v1`: what the student needs or may do has changed."""


class StudentWithdrawn(Contract):
    """`nl.leerplek.student.withdrawn.v1`: the institute asks no place for this student any more."""

    region: RegionId
    sequence: Sequence
    student: EntityId
    institute: InstituteId


class Mismatch(Contract):
    """A student and a place or supervisor that do not fit, as somebody reported it."""

    id: EntityId
    student: EntityId
    institute: InstituteId
    kind: MismatchKind
    reported_on: Day
    reported_by: Literal["institute", "school"]


class MismatchReported(Contract):
    """`nl.leerplek.student.mismatch-reported.v1`."""

    region: RegionId
    sequence: Sequence
    mismatch: Mismatch


class MismatchWithdrawn(Contract):
    """`nl.leerplek.student.mismatch-withdrawn.v1`: solved, or reported by mistake."""

    region: RegionId
    sequence: Sequence
    mismatch: EntityId
    student: EntityId
    institute: InstituteId


class InstituteDecision(Contract):
    """What an institute decided about the placement of one of its students, by workplace and periods.

    `refused` are the workplaces that it declined before for this student. `offer` is the sequence of the offer of another
    place that it answers; None when it is about the place that the student has.
    """

    region: RegionId
    sequence: Sequence
    student: EntityId
    institute: InstituteId
    workplace: EntityId
    periods: PeriodSet
    refused: tuple[EntityId, ...] = ()
    offer: Sequence | None = None


class PlacementConfirmed(InstituteDecision):
    """`nl.leerplek.student.placement-confirmed.v1`."""


class PlacementDeclined(InstituteDecision):
    """`nl.leerplek.student.placement-declined.v1`: this place is not offered to this student again."""

    reason: DeclineReason


class SwitchRequested(InstituteDecision):
    """`nl.leerplek.student.switch-requested.v1`: keep the place until there is a better one."""

    reason: DeclineReason
