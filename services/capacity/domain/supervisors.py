"""Supervisors: what they offer, when they are away, and when they leave. Dates only, never a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.capacity.domain.regions import Region, check_periods
from services.capacity.domain.sites import SchoolSite, site_of
from shared.contracts.availability import (
    Absence,
    Supervisor,
    SupervisorAbsenceReported,
    SupervisorDeparted,
    SupervisorHoursChanged,
    SupervisorProfile,
    SupervisorRegistered,
    SupervisorReturned,
)
from shared.contracts.vocabulary import Tier
from shared.dutch import short_dutch_date
from shared.errors import Conflict, DomainError
from shared.security.free_text import check_free_text

EVERY_SITE = "*"
PLAUSIBLE = timedelta(days=5 * 366)
"""A date further away than this is a slip of the pen."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SupervisorRecord:
    """A supervisor in a region and the version; their name lies elsewhere, sealed."""

    region: str
    supervisor: Supervisor
    sequence: int
    is_erased: bool = False

    def has_departed(self, today: date) -> bool:
        """Whether they guide nobody any more."""
        return self.supervisor.departs is not None and self.supervisor.departs <= today


def register(
    region: Region, supervisor: Supervisor, sites: Mapping[str, SchoolSite]
) -> tuple[SupervisorRecord, SupervisorRegistered]:
    """A new supervisor at sites of one region; `sites` holds those that exist."""
    _fits(region, supervisor, sites)
    record = SupervisorRecord(region.id, supervisor, 1)
    return record, SupervisorRegistered(region=region.id, sequence=1, supervisor=supervisor)


def change_hours(
    held: SupervisorRecord,
    region: Region,
    profile: SupervisorProfile,
    sites: Mapping[str, SchoolSite],
    today: date,
) -> tuple[SupervisorRecord, SupervisorHoursChanged | None]:
    """The supervisor with what they offer now; absences and departure stay. None as event when nothing changed."""
    offered = {name: getattr(profile, name) for name in SupervisorProfile.model_fields}
    supervisor = held.supervisor.model_copy(update=offered)
    if supervisor == held.supervisor:
        return held, None
    if held.has_departed(today):
        raise Conflict("vertrokken", "Deze begeleider is vertrokken; uren wijzigen kan niet meer.")
    _fits(region, profile, sites)
    changed = _next(held, supervisor)
    return changed, SupervisorHoursChanged(region=held.region, sequence=changed.sequence, supervisor=supervisor)


def report_absence(
    held: SupervisorRecord, absence: Absence, today: date
) -> tuple[SupervisorRecord, SupervisorAbsenceReported | None]:
    """The supervisor away on these days. The same start corrects the end of that absence; another overlap is refused.

    An overlap is not merged: of "away until 12 October" and "away from 5 October, end unknown" only the school knows which holds.
    """
    _plausible(absence.start, today, "/start")
    if absence.end is not None:
        _plausible(absence.end, today, "/end")
    departs = held.supervisor.departs
    if departs is not None and departs <= absence.start:
        raise Conflict("vertrokken", f"Deze begeleider vertrekt op {short_dutch_date(departs)}.", pointer="/start")
    others = [each for each in held.supervisor.absences if each.start != absence.start]
    for other in others:
        if _overlap(other, absence):
            detail = (
                f"Er is al een afwezigheid gemeld {_span(other)}. Wijzig het einde daarvan, of meld eerst de terugkeer."
            )
            raise Conflict("afwezigheid-overlapt", detail, pointer="/start")
    supervisor = _with_absences(held.supervisor, [*others, absence])
    if supervisor == held.supervisor:
        return held, None
    changed = _next(held, supervisor)
    return changed, SupervisorAbsenceReported(region=held.region, sequence=changed.sequence, supervisor=supervisor)


def report_return(held: SupervisorRecord, on: date, today: date) -> tuple[SupervisorRecord, SupervisorReturned | None]:
    """The supervisor back on this day: the absence that covers it ends the day before, or falls away when it would start then."""
    _plausible(on, today, "/on")
    absences = held.supervisor.absences
    current = next((each for each in absences if _covers(each, on)), None)
    if current is None:
        if any(each.end == on - ONE_DAY for each in absences):
            return held, None
        raise Conflict("niet-afwezig", f"Op {short_dutch_date(on)} is geen afwezigheid gemeld.", pointer="/on")
    others = [each for each in absences if each is not current]
    ended = [Absence(start=current.start, end=on - ONE_DAY)] if current.start < on else []
    supervisor = _with_absences(held.supervisor, [*others, *ended])
    changed = _next(held, supervisor)
    return changed, SupervisorReturned(region=held.region, sequence=changed.sequence, supervisor=supervisor)


def report_departure(
    held: SupervisorRecord, departs: date, today: date
) -> tuple[SupervisorRecord, SupervisorDeparted | None]:
    """The supervisor gone from this day on; a later report corrects the day, the same day again changes nothing."""
    _plausible(departs, today, "/departs")
    if departs == held.supervisor.departs:
        return held, None
    changed = _next(held, held.supervisor.model_copy(update={"departs": departs}))
    return changed, SupervisorDeparted(region=held.region, sequence=changed.sequence, supervisor=changed.supervisor)


def cancel_departure(held: SupervisorRecord) -> tuple[SupervisorRecord, SupervisorReturned | None]:
    """The supervisor stays, also when the day of departure has passed; nothing changes for who was to stay anyway."""
    if held.is_erased:
        raise _erased()
    if held.supervisor.departs is None:
        return held, None
    changed = _next(held, held.supervisor.model_copy(update={"departs": None}))
    return changed, SupervisorReturned(region=held.region, sequence=changed.sequence, supervisor=changed.supervisor)


def serves(record: SupervisorRecord, site: SchoolSite) -> bool:
    """Whether somebody guides at this site, named or as one of all in the region."""
    return record.region == site.region and bool({site.site.id, EVERY_SITE} & set(record.supervisor.sites))


def is_of_school(record: SupervisorRecord) -> bool:
    """A school reports about its own people; an institute's trainers are the institute's to report about."""
    return record.supervisor.tier is not Tier.INSTITUTE_TRAINER


def absence_on(supervisor: Supervisor, day: date) -> Absence | None:
    """The absence that covers this day."""
    return next((each for each in supervisor.absences if _covers(each, day)), None)


def next_absence(supervisor: Supervisor, day: date) -> Absence | None:
    """The first absence that starts after this day."""
    return min((each for each in supervisor.absences if each.start > day), key=lambda each: each.start, default=None)


def _fits(region: Region, profile: SupervisorProfile, sites: Mapping[str, SchoolSite]) -> None:
    check_periods(region, profile.qh, "/qh")
    for index, subject in enumerate(profile.subjects):
        check_free_text(subject, f"/subjects/{index}")
    for index, name in enumerate(profile.sites):
        if name == EVERY_SITE:
            continue
        site = site_of(sites, name, f"/sites/{index}")
        if site.region != region.id:
            detail = f"Vestiging {name} hoort bij regio {site.region}; een begeleider werkt in één regio."
            raise DomainError("andere-regio", detail, pointer=f"/sites/{index}")


def _next(held: SupervisorRecord, supervisor: Supervisor) -> SupervisorRecord:
    if held.is_erased:
        raise _erased()
    return replace(held, supervisor=supervisor, sequence=held.sequence + 1)


def _erased() -> Conflict:
    return Conflict("naam-verwijderd", "De naam van deze begeleider is verwijderd. Meld deze begeleider opnieuw aan.")


def _with_absences(supervisor: Supervisor, absences: list[Absence]) -> Supervisor:
    ordered = tuple(sorted(absences, key=lambda each: each.start))
    return supervisor.model_copy(update={"absences": ordered})


def _covers(absence: Absence, day: date) -> bool:
    return absence.start <= day and (absence.end is None or day <= absence.end)


def _overlap(one: Absence, other: Absence) -> bool:
    return _covers(one, other.start) or _covers(other, one.start)


def _plausible(day: date, today: date, pointer: str) -> None:
    if abs(day - today) > PLAUSIBLE:
        detail = f"{short_dutch_date(day)} ligt meer dan vijf jaar van vandaag. Klopt het jaar?"
        raise DomainError("onwaarschijnlijke-datum", detail, pointer=pointer)


def _span(absence: Absence) -> str:
    until = f"tot en met {short_dutch_date(absence.end)}" if absence.end else "zonder einddatum"
    return f"vanaf {short_dutch_date(absence.start)} {until}"
