"""Who has more asked of them than the hours they have."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from services.matcher.domain.holding import held
from services.matcher.domain.ids import PeriodId, SiteId, SupervisorId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.places import Place
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Period, Supervisor
from services.matcher.domain.rules import Tie, tie_to_site
from services.matcher.domain.signals.findings import Finding, Lack
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.table import RULES, RuleName
from services.matcher.domain.vocabulary import EVERY_SITE, Tier

NOTHING_TO_GIVE = 999
"""Percent asked of somebody who has no hours at all."""


def guided_by(placement: Placement) -> tuple[SupervisorId, ...]:
    """Everybody whom a placement names."""
    trainers = (one for one in (placement.so, placement.io) if one is not None)
    return *(share.supervisor for share in placement.wpb), *trainers


def overloads(scene: Scene, person: Supervisor, guided: Sequence[Place]) -> Iterator[Finding]:
    """More asked of somebody than their hours, days away taken off, in each period that is near or has begun."""
    lack = _lack(person, guided)
    asked = asked_of(scene, person, guided)
    for name in sorted(asked):
        period = scene.facts.periods.get(name)
        if period is None or period.end < scene.today or not scene.is_near(period):
            continue
        left = scene.days_left(period)
        has = person.qh.get(name, 0) * (left - scene.days_away(person, period)) // left
        percent = min(NOTHING_TO_GIVE, 100 * asked[name] // has if has else NOTHING_TO_GIVE)
        if asked[name] > has:
            yield replace(_overload(scene, person, period, (asked[name], has, max(percent, 101))), lack=lack)


def _overload(scene: Scene, person: Supervisor, period: Period, load: tuple[int, int, int]) -> Finding:
    asked, has, percent = load
    site = person.sites[0] if person.sites and person.sites[0] != EVERY_SITE else None
    is_away = scene.days_away(person, period)
    return Finding(
        RuleName.OVERLOADED,
        (person.id, period.id),
        percent,
        RULES[RuleName.OVERLOADED].level,
        {"supervisor": person.id, "period": period.id},
        {"site": site, "asked_qh": asked, "available_qh": has},
        scene.why_away([person]) if is_away else "fewer-hours",
        {"asked-qh": asked, "available-qh": has, "percent": percent},
        scene.next_of(*(one.end for one in person.absences), period.start, period.end),
    )


def asked_of(scene: Scene, person: Supervisor, guided: Iterable[Place]) -> Mapping[PeriodId, int]:
    """The hours that students take of somebody, with the fixed hours of a trainer for each site and of whoever is lent."""
    asked: Counter[PeriodId] = Counter()
    visited: dict[PeriodId, set[SiteId]] = defaultdict(set)
    for place in guided:
        placement, site = held(place), place.site
        if placement is None or site is None:
            continue
        qh = _hours(scene, person, placement, site)
        for period in placement.periods:
            asked[period] += qh
            visited[period].add(site)
    fixed = scene.region.settings.trainer_site_qh
    per_site = {Tier.WPB: 0, Tier.SO: fixed.so, Tier.IO: fixed.io}[person.tier]
    return {period: qh + per_site * len(visited[period]) for period, qh in asked.items()}


def _hours(scene: Scene, person: Supervisor, placement: Placement, site: SiteId) -> int:
    if person.tier is not Tier.WPB:
        student = scene.facts.students.get(placement.student)
        needs = None if student is None else needs_of(scene.region.settings, student)
        return 0 if needs is None else needs.so if person.tier is Tier.SO else needs.io
    lending = scene.region.settings.levers.lending
    at = scene.facts.sites.get(site)
    is_lent = lending.on and at is not None and tie_to_site(scene.region, person, at) is Tie.LENT
    shares = sum(share.qh for share in placement.wpb if share.supervisor == person.id)
    return shares + (lending.overhead_qh if is_lent else 0)


def _lack(person: Supervisor, guided: Sequence[Place]) -> Lack | None:
    """The first by id of those whom somebody guides: a lever that adds guidance there takes that off them."""
    placements = (one for one in map(held, guided) if one is not None)
    first = min(placements, key=lambda one: one.student, default=None)
    return None if first is None else Lack((first.student,), first.workplace, person.tier)
