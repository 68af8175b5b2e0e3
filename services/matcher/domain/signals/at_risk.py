"""The rules by which a student is at risk for want of a place, of a successor or of rest."""

from collections.abc import Mapping
from dataclasses import replace

from services.matcher.domain.holding import held
from services.matcher.domain.ids import PeriodId
from services.matcher.domain.places import Place
from services.matcher.domain.region import Student
from services.matcher.domain.rules import allowed_period_sets
from services.matcher.domain.signals.findings import Finding, Lack
from services.matcher.domain.signals.scene import Case, Scene
from services.matcher.domain.signals.table import NEAR_DAYS, RULES, SOON_DAYS, RuleName
from services.matcher.domain.vocabulary import PlacementState, Tier
from shared.contracts.placements import MoveCause
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import SignalLevel

Moves = Mapping[str, int]
"""How often somebody has moved, by period."""


def unplaced(scene: Scene, student: Student) -> Finding | None:
    """No place thirty days before the period, fourteen days before it, and when it begins."""
    place = scene.places.get(student.id)
    period = scene.period_of({each for _, periods in allowed_period_sets(scene.region, student) for each in periods})
    if place is None or place.unplaced is None or period is None:
        return None
    left = (period.start - scene.today).days
    step = 3 if left <= 0 else 2 if left <= SOON_DAYS else 1 if left <= NEAR_DAYS else 0
    found = at_risk(student, RuleName.UNPLACED, step, place.unplaced.reason.value)
    rule = AtRiskRule.UNPLACED_14_DAYS if step > 1 else AtRiskRule.UNPLACED_30_DAYS
    return replace(
        found,
        level=SignalLevel.CRITICAL if step > 1 else found.level,
        told={**found.told, "rule": rule.value},
        figures={"days-left": max(0, left), **place.unplaced.facts},
        next_date=scene.next_of(*scene.milestones(period)),
        lack=Lack((student.id,)),
    )


def lost_guidance(scene: Scene, student: Student) -> Finding | None:
    """The place was lost because those who guided have gone, and there is no other."""
    place = scene.places.get(student.id)
    if (
        place is None
        or place.unplaced is None
        or place.lost is None
        or place.lost.cause is not MoveCause.GUIDANCE_ENDED
    ):
        return None
    period = scene.period_of(student.period_sets[0])
    if period is None:
        return None
    found = at_risk(student, RuleName.NO_SUCCESSOR, 1, "guidance-ended", place.lost.site)
    return replace(found, next_date=scene.next_of(*scene.milestones(period)), lack=Lack((student.id,)))


def no_successor(scene: Scene, case: Case) -> Finding | None:
    """Everybody whom the plan names in a tier has gone for the rest of the period, and the plan still names only them."""
    if not scene.is_near(case.period):
        return None
    for tier, people in case.tiers:
        if people and all(scene.has_gone(one, case.period) for one in people):
            found = of_case(scene, case, RuleName.NO_SUCCESSOR, 1, f"{tier}-{scene.why_away(people)}")
            return replace(found, lack=lacks(case, tier))
    return None


def second_move(scene: Scene, student: Student, moves: Moves) -> Finding | None:
    """Moved more than once in a period that is not over."""
    counted = {one: number for one in moves if (number := moves[one]) and one in scene.facts.periods}
    if not counted:
        return None
    period = scene.facts.periods[PeriodId(max(counted, key=lambda one: (counted[one], one)))]
    place = scene.places.get(student.id)
    found = at_risk(student, RuleName.SECOND_MOVE, counted[period.id], "moved")
    site = None if place is None else place.site
    figures, told = {"moves": counted[period.id]}, {**found.told, "site": site}
    return replace(found, told=told, figures=figures, next_date=scene.next_of(period.end))


def moved(scene: Scene, moves: Moves, before: Place | None) -> Moves:
    """The moves of a student whose place was another before; those in periods that are over are forgotten.

    A move counts when it is to another workplace, or to another site after the place was lost; from thirty days before the
    period on, or when the place was agreed upon.
    """
    kept = {one: moves[one] for one in sorted(moves) if _is_open(scene, one)}
    now = None if before is None else scene.places.get(before.student)
    had, has = held(before), held(now)
    if before is None or now is None or has is None:
        return kept
    if had is not None and had.workplace != has.workplace:
        periods = {*had.periods} & {*has.periods}
        was_agreed = had.state is not PlacementState.PROPOSED
    elif had is None and before.lost is not None and before.lost.site != now.site:
        periods, was_agreed = {*has.periods}, False
    else:
        return kept
    for name in sorted(periods):
        if _is_open(scene, name) and (was_agreed or scene.is_near(scene.facts.periods[name])):
            kept[name] = kept.get(name, 0) + 1
    return kept


def _is_open(scene: Scene, name: str) -> bool:
    period = scene.facts.periods.get(PeriodId(name))
    return period is not None and period.end >= scene.today


def at_risk(student: Student, rule: RuleName, measure: int, cause: str, site: str | None = None) -> Finding:
    """What a rule finds of a student."""
    about = {"student": student.id, "institute": student.institute}
    told = {"site": site, "rule": rule.value}
    return Finding(rule, (student.id,), measure, RULES[rule].level, about, told, cause)


def of_case(scene: Scene, case: Case, rule: RuleName, measure: int, cause: str) -> Finding:
    """What a rule finds of a student at a place; it matters more when the period begins, and until it ends."""
    found = at_risk(case.student, rule, measure, cause, case.site.id)
    about = {**found.about, "site": case.site.id}
    return replace(found, about=about, next_date=scene.next_of(case.period.start, case.period.end))


def lacks(case: Case, tier: Tier) -> Lack:
    """Guidance of a tier at the place where the student is."""
    return Lack((case.student.id,), case.workplace.id, tier)
