"""A region with a little more room: one hour, seat, option or lever more, or one limit less. Whatever was allowed still is."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from services.matcher.domain.region import Region
from services.matcher.domain.settings import Levers
from services.matcher.domain.vocabulary import Kind, Tier

Relax = Callable[[Region, random.Random], Region]
FAR_MIN, LONG_DAYS = 500, 400
LEVERS = tuple(Levers.__slots__)
SIZES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "a duo needs less": ("duo", lambda one: replace(one, factor=one.factor / 2)),
    "one more in a team": ("team", lambda one: replace(one, max_members=one.max_members + 1)),
    "team members may give less": ("team", lambda one: replace(one, min_qh=max(1, one.min_qh - 1))),
    "smaller groups of peers": ("peer", lambda one: replace(one, min_group=max(1, one.min_group - 1))),
    "more juniors a senior": ("senior", lambda one: replace(one, per_senior=one.per_senior + 1)),
    "lent further away": ("lending", lambda one: replace(one, max_min=one.max_min + 30)),
    "lending without overhead": ("lending", lambda one: replace(one, overhead_qh=0)),
}
RELIEFS = {"more relief by peers": "peer", "more relief by seniors": "senior"}
"""Without teams only: a team must find its least hours for each member in what is left to give."""
CHEAPER = (
    "unplaced",
    "break_started",
    "break_settled",
    "move_workplace",
    "move_supervisor",
    "beyond",
    "no_wish",
    "later_set",
    "team_member",
    "lending",
    "starter",
)


def relaxations() -> dict[str, Relax]:
    """Every way to give more room, by name; one that finds nothing to change gives the region back as it is."""
    ways: dict[str, Relax] = {name.lstrip("_").replace("_", " "): way for name, way in _ways()}
    ways |= {f"lever {name}": partial(_switched, name) for name in LEVERS}
    ways |= {name: partial(_sized, *size) for name, size in SIZES.items()}
    ways |= {name: partial(_more_relief, lever) for name, lever in RELIEFS.items()}
    return ways | {f"cheaper: {name}": partial(_cheaper, name) for name in CHEAPER}


def _ways() -> Iterator[tuple[str, Relax]]:
    for way in (
        *(_an_hour, _a_head, _higher_support, _a_subject, _a_site, _an_institute, _nobody_absent, _no_departure),
        *(_a_teacher, _no_starter, _lendable, _every_day, _a_seat, _every_phase, _no_minimum, _support_at_site),
        *(_no_forbidden_site, _free_days, _a_longer_journey, _another_period, _agreed_to_a_duo),
        *(_a_higher_limit, _more_grace, _fewer_common_days, _so_without_fixed_hours, _io_without_fixed_hours),
    ):
        yield way.__name__, way


def _supervisor(region: Region, draw: random.Random, change: Callable[[Any, str], dict[str, Any]]) -> Region:
    one = region.supervisors[draw.choice(sorted(region.supervisors))]
    changed = replace(one, **change(one, draw.choice(sorted(region.periods))))
    return replace(region, supervisors={**region.supervisors, one.id: changed})


def _an_hour(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda one, at: {"qh": {**one.qh, at: one.qh.get(at, 0) + 1}})


def _a_head(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda one, _: {"max_students": one.max_students and one.max_students + 1})


def _higher_support(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda _one, _: {"max_support": 3})


def _a_subject(region: Region, draw: random.Random) -> Region:
    more = draw.choice(sorted({one.subject for one in region.workplaces.values()}))
    return _supervisor(region, draw, lambda one, _: {"subjects": one.subjects and (*one.subjects, more)})


def _a_site(region: Region, draw: random.Random) -> Region:
    more = draw.choice(sorted(region.sites))
    return _supervisor(region, draw, lambda one, _: {"sites": one.sites if "*" in one.sites else (*one.sites, more)})


def _an_institute(region: Region, draw: random.Random) -> Region:
    more = draw.choice(sorted({one.institute for one in region.students.values()}))
    is_io = {one.id: one.tier is Tier.IO for one in region.supervisors.values()}
    return _supervisor(region, draw, lambda one, _: {"institutes": (*one.institutes, *[more][: is_io[one.id]])})


def _nobody_absent(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda _one, _: {"absences": ()})


def _no_departure(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda _one, _: {"departs": None})


def _a_teacher(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda _one, _: {"kind": Kind.TEACHER})


def _no_starter(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda _one, _: {"starter": False})


def _lendable(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda _one, _: {"lendable": True})


def _every_day(region: Region, draw: random.Random) -> Region:
    return _supervisor(region, draw, lambda _one, _: {"days": ()})


def _a_seat(region: Region, draw: random.Random) -> Region:
    one, at = region.workplaces[draw.choice(sorted(region.workplaces))], draw.choice(sorted(region.periods))
    more = replace(one, seats={**one.seats, at: one.seats.get(at, 0) + 1})
    return replace(region, workplaces={**region.workplaces, one.id: more})


def _every_phase(region: Region, draw: random.Random) -> Region:
    one = region.workplaces[draw.choice(sorted(region.workplaces))]
    return replace(region, workplaces={**region.workplaces, one.id: replace(one, phases=())})


def _no_minimum(region: Region, draw: random.Random) -> Region:
    one = region.sites[draw.choice(sorted(region.sites))]
    return replace(region, sites={**region.sites, one.id: replace(one, min_students=0)})


def _support_at_site(region: Region, draw: random.Random) -> Region:
    one = region.sites[draw.choice(sorted(region.sites))]
    return replace(region, sites={**region.sites, one.id: replace(one, max_support=3)})


def _student(region: Region, draw: random.Random, **change: Any) -> Region:
    one = region.students[draw.choice(sorted(region.students))]
    return replace(region, students={**region.students, one.id: replace(one, **change)})


def _no_forbidden_site(region: Region, draw: random.Random) -> Region:
    return _student(region, draw, not_sites=())


def _free_days(region: Region, draw: random.Random) -> Region:
    return _student(region, draw, days=())


def _a_longer_journey(region: Region, draw: random.Random) -> Region:
    return _student(region, draw, max_travel_min=FAR_MIN)


def _another_period(region: Region, draw: random.Random) -> Region:
    one, at = region.students[draw.choice(sorted(region.students))], draw.choice(sorted(region.periods))
    is_known = {at} in [{*periods} for periods in one.period_sets]
    more = replace(one, period_sets=(*one.period_sets, *[(at,)][: not is_known]))
    return replace(region, students={**region.students, one.id: more})


def _agreed_to_a_duo(region: Region, draw: random.Random) -> Region:
    return _student(region, draw, duo=True)


def _settings(region: Region, **change: Any) -> Region:
    return replace(region, settings=replace(region.settings, **change))


def _a_higher_limit(region: Region, _: random.Random) -> Region:
    travel = region.settings.travel
    return _settings(region, travel=replace(travel, limit_min=travel.limit_min + 30))


def _more_grace(region: Region, _: random.Random) -> Region:
    return _settings(region, grace_days=LONG_DAYS)


def _fewer_common_days(region: Region, _: random.Random) -> Region:
    return _settings(region, min_common_days=max(0, region.settings.min_common_days - 1))


def _so_without_fixed_hours(region: Region, _: random.Random) -> Region:
    return _settings(region, trainer_site_qh=replace(region.settings.trainer_site_qh, so=0))


def _io_without_fixed_hours(region: Region, _: random.Random) -> Region:
    return _settings(region, trainer_site_qh=replace(region.settings.trainer_site_qh, io=0))


def _lever(region: Region, name: str, change: Callable[[Any], Any]) -> Region:
    levers = region.settings.levers
    return _settings(region, levers=replace(levers, **{name: change(getattr(levers, name))}))


def _switched(name: str, region: Region, _: random.Random) -> Region:
    return _lever(region, name, lambda one: replace(one, on=True))


def _sized(name: str, change: Callable[[Any], Any], region: Region, _: random.Random) -> Region:
    return _lever(region, name, change)


def _more_relief(name: str, region: Region, _: random.Random) -> Region:
    if region.settings.levers.team.on:
        return region
    return _lever(region, name, lambda one: replace(one, relief_qh=one.relief_qh + 1))


def _cheaper(name: str, region: Region, _: random.Random) -> Region:
    costs = region.settings.costs
    return _settings(region, costs=replace(costs, **{name: getattr(costs, name) // 2}))
