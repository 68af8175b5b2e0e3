"""The rules on the guidance that a student gets at their place: hours, back-up, and who gives it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.matcher.domain.holding import held
from services.matcher.domain.ids import SupervisorId
from services.matcher.domain.region import Supervisor
from services.matcher.domain.rules import Tie, guides_subject, guides_support
from services.matcher.domain.signals.at_risk import lacks, of_case
from services.matcher.domain.signals.findings import Finding
from services.matcher.domain.signals.scene import Case, Scene
from services.matcher.domain.signals.table import RULES, RuleName
from services.matcher.domain.vocabulary import Tier
from shared.contracts.vocabulary import SignalLevel

CHOSEN = ("peer", "senior")
"""Reliefs that the region chose: less of the guide, and more of others instead."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """How much of the norm is missing in a tier, and why."""

    percent: int
    tier: Tier
    cause: str
    figures: Mapping[str, int]


def short_of_hours(scene: Scene, case: Case) -> Iterator[Finding]:
    """Less guidance than the norm in the tier that has least; days away and a relief take from it, a duo is guided together."""
    short = (
        max(_shortfalls(scene, case), key=lambda one: one.percent, default=None) if scene.is_near(case.period) else None
    )
    if short is None or not short.percent:
        return
    back = _first_back(case)
    rules = [RuleName.HOURS_BELOW_80] + [RuleName.SUPPORT_BELOW_NORM] * (case.student.support > 1)
    for rule in rules:
        found = of_case(scene, case, rule, short.percent, f"{short.tier}-{short.cause}")
        is_grave = short.cause not in CHOSEN or rule is RuleName.SUPPORT_BELOW_NORM
        yield replace(
            found,
            level=RULES[rule].level if is_grave else SignalLevel.INFO,
            figures=short.figures,
            next_date=scene.next_of(back, case.period.start, case.period.end),
            lack=lacks(case, short.tier),
        )


def _shortfalls(scene: Scene, case: Case) -> Iterator[Shortfall]:
    placement, left = case.placement, scene.days_left(case.period)
    for tier, guided, norm in (
        (Tier.WPB, _in_class(scene, case), case.needs.wpb),
        (Tier.SO, [(case.so, case.needs.so)], case.needs.so),
        (Tier.IO, [(case.io, case.needs.io)], case.needs.io),
    ):
        if norm:
            away = [left if one is None else scene.days_away(one, case.period) for one, _ in guided]
            given = sum(qh * (left - gone) for (_, qh), gone in zip(guided, away, strict=True))
            relief = placement.relief.value if placement.relief is not None and tier is Tier.WPB else "fewer-hours"
            cause = scene.why_away([one for one, _ in guided if one is not None]) if any(away) else relief
            percent = max(0, 100 - 100 * given // (norm * left))
            yield Shortfall(
                percent, tier, cause, {"norm-qh": norm, "given-qh": given // left, "percent-missing": percent}
            )


def _in_class(scene: Scene, case: Case) -> list[tuple[Supervisor | None, int]]:
    """Who guides in class for how many hours; a duo is guided together, so it has the hours of both."""
    shares = [*case.placement.wpb]
    other = None if case.placement.duo_with is None else held(scene.places.get(case.placement.duo_with))
    if other is not None and other.duo_with == case.student.id:
        shares += other.wpb
    return [(scene.person(share.supervisor), share.qh) for share in shares]


def _first_back(case: Case) -> date | None:
    """The first day on which somebody who guides is expected back."""
    ends = (absence.end for _, people in case.tiers for one in people for absence in one.absences)
    return min((end + timedelta(1) for end in ends if end is not None), default=None)


def trainer_overloaded(
    scene: Scene, case: Case, overloaded: Mapping[SupervisorId, Mapping[str, int]]
) -> Finding | None:
    """The school trainer or the institute trainer is overloaded, by the signal on them."""
    for tier, people in case.tiers:
        for one in people if tier is not Tier.WPB else ():
            if one.id in overloaded:
                found = of_case(scene, case, RuleName.TRAINER_OVERLOADED, 1, f"{tier}-overloaded")
                return replace(found, figures=overloaded[one.id], lack=lacks(case, tier))
    return None


def no_backup(scene: Scene, case: Case) -> Finding | None:
    """Nobody else who serves the site could guide this student, subject and support class, in all periods."""
    if len(case.guides) != 1:
        return None
    if any(one.id != case.guides[0].id and _could_guide(one, case) for one in scene.colleagues(case.site.id)):
        return None
    return of_case(scene, case, RuleName.NO_BACKUP, 1, "one-person-section")


def _could_guide(one: Supervisor, case: Case) -> bool:
    return (
        guides_subject(one, case.workplace.subject, Tie.OWN)
        and guides_support(one, case.student)
        and one.max_students != 0
        and all(one.qh.get(period, 0) > 0 for period in case.placement.periods)
    )


def guided_by_starter(scene: Scene, case: Case) -> Finding | None:
    """One of those who guide in class has just begun as a teacher."""
    if not any(one.starter for one in case.guides):
        return None
    return of_case(scene, case, RuleName.GUIDED_BY_STARTER, 1, "starter")
