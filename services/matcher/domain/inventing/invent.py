"""Puts an invented region together, and the planted plan that it was built around."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.matcher.domain.ids import PeriodId, RegionId, SiteId
from services.matcher.domain.inventing import land, mixes, pulling, staffing
from services.matcher.domain.inventing.learners import S1, S2, make_students, pick
from services.matcher.domain.inventing.planting import Field, Planted, plant_all, workplace_id
from services.matcher.domain.inventing.wanted import Family, Wanted
from services.matcher.domain.plan import Placement, Plan, WpbShare
from services.matcher.domain.region import Absence, Period, Region, Site, Student, Supervisor
from services.matcher.domain.settings import Duo, Lending, Lever, Levers, Peer, Senior, Settings, Team, Travel
from services.matcher.domain.vocabulary import PlacementState, Sector, Tier

BEFORE = date(2026, 6, 15)
UNDER_WAY = date(2026, 10, 5)
LIMITS_MIN = range(25, 95, 5)
IN_REACH = 16
"""The travel limit is the shortest at which students have so many workplaces in reach on average."""
WAVE = {Tier.WPB: 0.08, Tier.SO: 0.02, Tier.IO: 0.02}
ON = Lever(on=True)
ALL_ON = Levers(Duo(on=True), Team(on=True), Peer(on=True), Senior(on=True), ON, Lending(on=True), ON, ON, ON, ON, ON)


@dataclass(frozen=True, slots=True)
class Invented:
    """A region, and an allowed plan for it that may leave out more than the best plan does."""

    region: Region
    planted: Plan


def invent(wanted: Wanted) -> Invented:
    """A region with what is asked scarce; the same wish gives the same region on every machine."""
    draw = random.Random(f"{wanted.seed}/{wanted.family}/{wanted.students}")
    sites = land.make_sites(draw, wanted)
    if wanted.has_levers:
        sites = pulling.with_shells(draw, sites)
    offers = {site.id: _offer(draw, site) for site in sites}
    offered = _offered(sites, offers)
    students = make_students(draw, wanted, sites, offered)
    settings = _settings(wanted, _limit(students, sites, offers))
    ground = Field(draw, wanted, settings, sites)
    ground.offers = offers
    if wanted.has_levers:
        students = [ground.within_reach(one) for one in students]
    plant_all(ground, students)
    if wanted.has_levers:
        pulling.pull_levers(ground)
    return _finish(ground, students)


def _offer(draw: random.Random, site: Site) -> tuple[str, ...]:
    left, chosen = dict(mixes.SUBJECTS[site.sector]), []
    for _ in range(draw.randint(*mixes.OFFERED[site.sector])):
        chosen.append(pick(draw, left))
        del left[chosen[-1]]
    return tuple(chosen)


def _offered(sites: Sequence[Site], offers: dict[SiteId, tuple[str, ...]]) -> dict[Sector, set[str]]:
    found: dict[Sector, set[str]] = defaultdict(set)
    for site in sites:
        found[site.sector].update(offers[site.id])
    return found


def _settings(wanted: Wanted, limit_min: int) -> Settings:
    levers = ALL_ON if wanted.has_levers else Levers(shifted=Lever(wanted.family is Family.PERIODS))
    travel = Travel(limit_min=limit_min)
    return Settings(mixes.norms(), seed=wanted.seed, travel=travel, related=mixes.RELATED, levers=levers)


def _limit(students: Sequence[Student], sites: Sequence[Site], offers: dict[SiteId, tuple[str, ...]]) -> int:
    """The shortest limit with enough workplaces in reach; the longest where there are never enough."""
    near = {sector: land.Near(site for site in sites if site.sector is sector) for sector in Sector}
    travel = Travel()
    sample = students[:200]
    for limit in LIMITS_MIN:
        km = (limit - float(travel.base_min)) / float(travel.per_km_min)
        found = sum(
            student.subject in offers[site.id]
            for student in sample
            for site in near[student.sector].within((student.lat, student.lon), km)
        )
        if found >= IN_REACH * len(sample):
            return limit
    return LIMITS_MIN[-1]


def _finish(ground: Field, students: Sequence[Student]) -> Invented:
    wanted = ground.wanted
    periods = _periods(students)
    trainers = staffing.Trainers(ground)
    names = [one.id for one in periods]
    workplaces = staffing.workplaces(ground, names)
    people = [*staffing.teachers(ground, names), *trainers.supervisors(names)]
    placements = tuple(_placement(trainers, one) for _, one in sorted(ground.planted.items()))
    at_site: dict[SiteId, Counter[PeriodId]] = defaultdict(Counter)
    for planted in ground.planted.values():
        at_site[planted.site.id].update(planted.periods)
    sites = [_with_minimum(ground, one, at_site[one.id]) for one in ground.sites.values()]
    today = BEFORE
    if wanted.family is Family.INCREMENTAL:
        today = UNDER_WAY
        placements = tuple(_held(ground.draw, one) for one in placements)
        people = [_hit(ground.draw, one) for one in people]
    region = Region(
        RegionId(wanted.region),
        today,
        ground.settings,
        {one.id: one for one in periods},
        {one.id: one for one in sites},
        {one.id: one for one in workplaces if one.seats},
        {one.id: one for one in people},
        {one.id: one for one in students},
        placements if wanted.family is Family.INCREMENTAL else (),
    )
    return Invented(region, Plan(region.id, today, placements))


def _periods(students: Sequence[Student]) -> list[Period]:
    asked = {period for student in students for periods in student.period_sets for period in periods}
    return [period for period in mixes.PERIODS if period.id in asked]


def _placement(trainers: staffing.Trainers, one: Planted) -> Placement:
    shares = tuple(WpbShare(name, qh) for name, qh in one.shares.items())
    name, so, io = one.student.id, trainers.so[one.student.id], trainers.io[one.student.id]
    where = workplace_id(one.site.id, one.subject)
    return Placement(name, one.periods, where, shares, so, io, one.duo_with, one.relief)


def _with_minimum(ground: Field, site: Site, used: Counter[PeriodId]) -> Site:
    """With the levers on some sites open for two or more only, where the planted plan brings so many."""
    if not ground.wanted.has_levers or ground.draw.random() > 0.15:
        return site
    return replace(site, min_students=min(3, min(used.values()))) if used else site


def _held(draw: random.Random, one: Placement) -> Placement:
    """Who is at school now has started; of the others half is settled."""
    if S1 in one.periods:
        return replace(one, state=PlacementState.STARTED)
    assert S2 in one.periods
    return replace(one, state=draw.choice([PlacementState.SETTLED, PlacementState.PROPOSED]))


def _hit(draw: random.Random, one: Supervisor) -> Supervisor:
    """A wave of absences and departures; some end within the grace or in this period, some last."""
    if draw.random() > WAVE[one.tier]:
        return one
    start = UNDER_WAY - timedelta(days=draw.randint(0, 10))
    if draw.random() < 0.2:
        return replace(one, departs=start)
    end = draw.choice([None, None, start + timedelta(days=12), start + timedelta(days=60)])
    return replace(one, absences=(Absence(start, end),))
