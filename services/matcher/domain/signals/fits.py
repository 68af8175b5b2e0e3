"""What fits badly between a student and their place although no rule is broken, and what somebody reported as such."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.explanation import barriers
from services.matcher.domain.facts import Mismatch
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.options import places_of
from services.matcher.domain.region import Student
from services.matcher.domain.rules import Tie, guides_subject
from services.matcher.domain.signals.at_risk import at_risk, of_case
from services.matcher.domain.signals.findings import Finding
from services.matcher.domain.signals.scene import Case, Scene
from services.matcher.domain.signals.table import RULES, RuleName
from services.matcher.domain.travel import travel_minutes

SCHOOL_DAYS_A_WEEK = 5
MOST_SCHOOL_DAYS = RULES[RuleName.OPEN_MISMATCH].raised_from - 1


def travel(scene: Scene, case: Case) -> Iterator[Finding]:
    """More than ninety minutes one way puts a student at risk; a very long journey within that fits badly."""
    minutes = travel_minutes(scene.region.settings.travel, case.student, case.site)
    for found in (
        of_case(scene, case, RuleName.LONG_TRAVEL, minutes, "travel"),
        misfit(scene, case, RuleName.MISFIT_TRAVEL, minutes, "travel"),
    ):
        yield replace(found, figures={"minutes": minutes})


def subject(scene: Scene, case: Case) -> Iterator[Finding]:
    """Placed at a related subject; or guided by people none of whom teaches the subject of the workplace."""
    if case.workplace.subject != case.student.subject:
        yield misfit(scene, case, RuleName.MISFIT_SUBJECT, 1, "subject")
    if case.guides and not any(guides_subject(one, case.workplace.subject, Tie.OWN) for one in case.guides):
        yield misfit(scene, case, RuleName.MISFIT_GUIDANCE, 1, "guidance-match")


def days(scene: Scene, case: Case) -> Iterator[Finding]:
    """On how many of the student's days nobody who guides is at school; who names no days is always there."""
    wanted = {*case.student.days}
    if not wanted or not case.guides or not all(one.days for one in case.guides):
        return
    common = len(wanted & {each for one in case.guides for each in one.days})
    found = misfit(scene, case, RuleName.MISFIT_DAYS, 100 * (len(wanted) - common) // len(wanted), "days")
    yield replace(found, figures={"days": len(wanted), "common-days": common})


def reported(scene: Scene, case: Case, mismatch: Mismatch) -> Finding:
    """Somebody reported that it does not fit, and has not withdrawn that."""
    found = misfit(scene, case, RuleName.REPORTED, 1, mismatch.kind)
    figures = {"school-days": school_days(mismatch.reported_on, scene.today)}
    due = _tenth_school_day(mismatch.reported_on)
    return replace(found, subject=(mismatch.id,), cause="reported", figures=figures, next_date=scene.next_of(due))


def open_mismatch(scene: Scene, student: Student, ledger: Ledger) -> Finding | None:
    """A mismatch that is open for more than ten school days while no place elsewhere is free; the ledger has all places."""
    reports = scene.mismatches.get(student.id, [])
    waited = max((school_days(one.reported_on, scene.today) for one in reports), default=0)
    if waited <= MOST_SCHOOL_DAYS or _has_alternative(ledger, student):
        return None
    place = scene.places.get(student.id)
    found = at_risk(student, RuleName.OPEN_MISMATCH, waited, reports[0].kind, None if place is None else place.site)
    return replace(found, figures={"school-days": waited, "reports": len(reports)})


def has_waited(scene: Scene, student: StudentId) -> bool:
    """One of the student's mismatches is open for more than ten school days."""
    reports = scene.mismatches.get(student, ())
    return any(school_days(one.reported_on, scene.today) > MOST_SCHOOL_DAYS for one in reports)


def ledger_of(scene: Scene) -> Ledger:
    """All places of the region, booked."""
    placements = (place.placement for place in scene.places.values() if place.placement is not None)
    return Ledger(Atlas(scene.region), placements)


def _has_alternative(ledger: Ledger, student: Student) -> bool:
    """A place at another site is free, beside what everybody else has."""
    site = ledger.site_of.get(student.id)
    held = ledger.remove(student.id) if site is not None else None
    is_free = any(place.site != site and not barriers(ledger, place) for place in places_of(ledger.atlas, student))
    if held is not None:
        ledger.add(held)
    return is_free


def misfit(scene: Scene, case: Case, rule: RuleName, measure: int, kind: str) -> Finding:
    """What a rule finds between a student and a place."""
    found = of_case(scene, case, rule, measure, "detected")
    return replace(found, about={**found.about, "kind": kind}, told={}, next_date=scene.next_of(case.period.start))


def school_days(after: date, until: date) -> int:
    """The weekdays after one day until another, that one included; school holidays are not known here."""
    if until <= after:
        return 0
    weeks, rest = divmod((until - after).days, 7)
    return weeks * SCHOOL_DAYS_A_WEEK + sum(
        (after + timedelta(one)).weekday() < SCHOOL_DAYS_A_WEEK for one in range(1, rest + 1)
    )


def _tenth_school_day(after: date) -> date:
    """The first day on which more than ten school days have passed."""
    day = after
    while school_days(after, day) <= MOST_SCHOOL_DAYS:
        day += timedelta(1)
    return day
