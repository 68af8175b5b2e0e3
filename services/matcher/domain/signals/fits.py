"""What fits badly between a student and their place although no rule is broken, and what somebody reported as such."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from services.matcher.domain.facts import Mismatch
from services.matcher.domain.rules import Tie, guides_subject
from services.matcher.domain.signals.at_risk import of_case
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


def open_mismatch(scene: Scene, case: Case) -> Finding | None:
    """A mismatch that is open for more than ten school days, while another place was looked for and none is on offer."""
    reports, switch = scene.mismatches.get(case.student.id, []), scene.switches.get(case.student.id)
    if not reports or switch is None or switch.is_open:
        return None
    waited, obstacle = school_days(reports[0].reported_on, scene.today), switch.obstacle
    cause = "none-better" if obstacle is None or obstacle.reason is None else obstacle.reason.value
    if switch.outcome is not None:
        cause = f"offer-{switch.outcome}"
    figures = {"school-days": waited, "reports": len(reports)}
    if obstacle is not None:
        figures |= {"free-places": obstacle.free_places, "swaps": obstacle.swaps}
    return replace(of_case(scene, case, RuleName.OPEN_MISMATCH, waited, cause), figures=figures)


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
