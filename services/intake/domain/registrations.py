"""What intake decides: which registrations, changes, withdrawals and mismatch reports hold. Pure functions, no I/O, no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from services.intake.domain.codes import InstituteCode, Own, SiteCode
from shared.contracts.registrations import (
    Mismatch,
    MismatchReported,
    MismatchWithdrawn,
    Student,
    StudentChanged,
    StudentNeeds,
    StudentRegistered,
    StudentWithdrawn,
)
from shared.contracts.vocabulary import Contract, Day, EntityId, MismatchKind, RegionId
from shared.errors import Conflict, DomainError
from shared.security.free_text import check_free_text

Reference = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.:/-]*$")]
"""How an institute itself calls a student: never who they are."""


NOBODY: Mapping[str, str] = {}
NOT_A_FELLOW = "Deze student kennen we niet bij uw opleiding. Samen of apart kan alleen met eigen studenten."

Home = AfterValidator(lambda degrees: round(degrees, 3))
"""About where somebody lives, to a hundred metres: enough for a travel time, and nobody's front door."""


class AskedNeeds(StudentNeeds):
    """What a student needs and may do, as it is sent: institutes and sites also as OOAPI writes them."""

    institute: InstituteCode
    lat: Annotated[float, Field(ge=49, le=55, allow_inf_nan=False, description="In of bij Nederland."), Home]
    lon: Annotated[float, Field(ge=2, le=9, allow_inf_nan=False, description="In of bij Nederland."), Home]
    wishes: tuple[SiteCode, ...] = ()
    not_sites: tuple[SiteCode, ...] = ()
    only_sites: tuple[SiteCode, ...] = ()


class NewRegistration(AskedNeeds):
    """A student to be registered; `reference` is the institute's own, to find the student again."""

    region: RegionId
    reference: Annotated[Reference, Own] | None = None


class NewMismatch(Contract):
    """What does not fit, for which student; no free text, so nothing personal is written down."""

    student: EntityId
    kind: MismatchKind
    reported_by: Literal["institute", "school"] = "institute"
    reported_on: Day | None = None


class RegistrationStatus(StrEnum):
    """Whether the institute still asks a place."""

    REGISTERED = "registered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class KnownRegion:
    """What intake needs to know of a region: its periods, the institutes that send students (empty: any), and related subjects;
    what it is called, and the last day of its periods, as far as that is known.
    """

    id: str
    periods: Collection[str]
    institutes: Collection[str]
    related: Collection[str] = ()
    name: str = ""
    ends: Mapping[str, date] = field(default_factory=dict)

    def open_on(self, day: date) -> list[str]:
        """The periods that have not ended."""
        return [each for each in self.periods if self.ends.get(each, day) >= day]


@dataclass(frozen=True, slots=True)
class KnownSite:
    """What a school is called, and where it is in degrees."""

    id: str
    name: str
    town: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Registration:
    """A student's registration and its version; `reference` is the institute's own, and no event carries it."""

    region: str
    student: Student
    status: RegistrationStatus
    sequence: int
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class MismatchReport:
    """A mismatch somebody reported, open until it is withdrawn."""

    region: str
    mismatch: Mismatch
    is_open: bool
    sequence: int


def register(
    region: KnownRegion | None,
    name: str,
    student: Student,
    reference: str | None = None,
    fellows: Mapping[str, str] = NOBODY,
) -> tuple[Registration, StudentRegistered]:
    """A new registration in a region that exists, for periods that it has.

    `fellows` are the institutes of those whom the student is to be together with, or apart from.
    """
    _fits(region, name, student)
    _are_own(student, fellows, ())
    registration = Registration(name, student, RegistrationStatus.REGISTERED, 1, reference)
    return registration, StudentRegistered(region=name, sequence=1, student=student)


def reference_taken() -> Conflict:
    """An institute's own reference is used once among its registrations that are not withdrawn."""
    return Conflict("kenmerk-bestaat", "Met dit kenmerk is al een student ingeschreven.", pointer="/reference")


def change(
    held: Registration, region: KnownRegion | None, student: Student, fellows: Mapping[str, str] = NOBODY
) -> tuple[Registration, StudentChanged | None]:
    """The registration with the student as they are now, `fellows` as for `register`; None as event when nothing changed."""
    _still_registered(held, "Schrijf de student opnieuw in; hetzelfde kenmerk mag.")
    if student.institute != held.student.institute:
        raise DomainError("andere-opleiding", "De opleiding van een inschrijving verandert niet.", pointer="/institute")
    _fits(region, held.region, student)
    _are_own(student, fellows, fellows_of(held.student))
    if student == held.student:
        return held, None
    sequence = held.sequence + 1
    changed = replace(held, student=student, sequence=sequence)
    return changed, StudentChanged(region=held.region, sequence=sequence, student=student)


def withdraw(held: Registration) -> tuple[Registration, StudentWithdrawn | None]:
    """The registration withdrawn; withdrawing twice changes nothing."""
    if held.status is RegistrationStatus.WITHDRAWN:
        return held, None
    sequence = held.sequence + 1
    withdrawn = replace(held, status=RegistrationStatus.WITHDRAWN, sequence=sequence)
    event = StudentWithdrawn(
        region=held.region, sequence=sequence, student=held.student.id, institute=held.student.institute
    )
    return withdrawn, event


def check_can_be_erased(held: Registration, *, has_ended: bool) -> None:
    """Raises Conflict for a student who still asks a place, or has one."""
    if held.status is not RegistrationStatus.WITHDRAWN and not has_ended:
        raise Conflict("nog-ingeschreven", "Deze student is nog ingeschreven. Trek de inschrijving eerst in.")


def report_mismatch(
    held: Registration, mismatch: Mismatch, open_kinds: Sequence[str]
) -> tuple[MismatchReport, MismatchReported]:
    """A mismatch of a registered student; the same kind is reported once until it is withdrawn."""
    _still_registered(held, "Bij deze student is niets meer te melden.")
    if mismatch.kind in open_kinds:
        raise Conflict("mismatch-al-gemeld", "Deze mismatch is al gemeld en staat nog open.")
    report = MismatchReport(held.region, mismatch, True, 1)
    return report, MismatchReported(region=held.region, sequence=1, mismatch=mismatch)


def withdraw_mismatch(report: MismatchReport) -> tuple[MismatchReport, MismatchWithdrawn | None]:
    """The report closed; closing twice changes nothing."""
    if not report.is_open:
        return report, None
    sequence = report.sequence + 1
    mismatch = report.mismatch
    event = MismatchWithdrawn(
        region=report.region,
        sequence=sequence,
        mismatch=mismatch.id,
        student=mismatch.student,
        institute=mismatch.institute,
    )
    return replace(report, is_open=False, sequence=sequence), event


def _still_registered(held: Registration, advice: str) -> None:
    if held.status is RegistrationStatus.WITHDRAWN:
        raise Conflict("ingetrokken", f"Deze inschrijving is ingetrokken. {advice}")


def _fits(region: KnownRegion | None, name: str, student: Student) -> None:
    if region is None:
        raise DomainError("onbekende-regio", f"De regio {name} kennen we niet.", pointer="/region")
    for index, period_set in enumerate(student.period_sets):
        unknown = [period for period in period_set if period not in region.periods]
        if unknown:
            known = ", ".join(sorted(region.periods))
            detail = f"De periode {unknown[0]} bestaat niet in regio {name}; wel: {known}."
            raise DomainError("onbekende-periode", detail, pointer=f"/period_sets/{index}")
        if len(set(period_set)) != len(period_set):
            raise DomainError("dubbele-periode", "Een periode staat er tweemaal in.", pointer=f"/period_sets/{index}")
    if region.institutes and student.institute not in region.institutes:
        detail = f"De opleiding {student.institute} werkt niet mee in regio {name}."
        raise DomainError("onbekende-opleiding", detail, pointer="/institute")
    for name in ("route", "phase", "subject"):
        check_free_text(getattr(student, name), f"/{name}")
    _fellows_agree(student)


def fellows_of(student: StudentNeeds) -> tuple[str, ...]:
    """Whom a student is to be together with, or apart from."""
    return (*student.together, *student.apart)


def _are_own(student: Student, fellows: Mapping[str, str], before: Collection[str]) -> None:
    """Nobody is tied to a student of another institute, nor told that there is one.

    Who was named before, and was erased since, may stay named: that ties nobody.
    """
    for name, named in (("together", student.together), ("apart", student.apart)):
        for index, fellow in enumerate(named):
            is_erased = fellow in before and fellow not in fellows
            if fellows.get(fellow) != student.institute and not is_erased:
                raise DomainError("onbekende-student", NOT_A_FELLOW, pointer=f"/{name}/{index}")


def without_strangers(held: Registration, fellows: Mapping[str, str]) -> tuple[Registration, StudentChanged | None]:
    """A registration from before that rule without ties to students of other institutes; None as event when there were none."""
    own, kept = held.student.institute, {}
    for name in ("together", "apart"):
        kept[name] = tuple(each for each in getattr(held.student, name) if fellows.get(each, own) == own)
    student = held.student.model_copy(update=kept)
    if student == held.student or held.status is RegistrationStatus.WITHDRAWN:
        return held, None
    sequence = held.sequence + 1
    changed = replace(held, student=student, sequence=sequence)
    return changed, StudentChanged(region=held.region, sequence=sequence, student=student)


def _fellows_agree(student: Student) -> None:
    """Nobody is placed together with, or apart from, themselves, and no two students both at once."""
    for name, fellows in (("together", student.together), ("apart", student.apart)):
        if student.id in fellows:
            detail = "Een student kan niet bij zichzelf horen, en niet apart van zichzelf."
            raise DomainError("student-zelf", detail, pointer=f"/{name}/{fellows.index(student.id)}")
    for index, fellow in enumerate(student.apart):
        if fellow in student.together:
            detail = "Deze student staat bij samen (together) en bij apart. Kies een van beide."
            raise DomainError("samen-en-apart", detail, pointer=f"/apart/{index}")
