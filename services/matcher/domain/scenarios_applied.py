"""Applies a scenario to a copy of a region; the same scenario and region give the same copy."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import floor
from typing import TypeVar

from services.matcher.domain.ids import PeriodId, StudentId, SupervisorId
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Absence, Region, Student, Supervisor
from services.matcher.domain.scenarios import Change, Scenario, Which
from services.matcher.domain.scenarios_opened import Opened
from services.matcher.domain.vocabulary import EVERY_SITE, PlacementState

WEEKS_A_YEAR = 40
QUARTERS = 4
T = TypeVar("T", Student, Supervisor)


def apply(scenario: Scenario, region: Region) -> Region:
    """The region after all changes of the scenario, in the order of the page that documents them."""
    changed = _with_opened(replace(region, settings=scenario.settings), scenario.opened)
    steps: tuple[tuple[tuple[Change, ...], Callable[[Region, Change], Region]], ...] = (
        (scenario.intake, _with_intake),
        (scenario.numerus_fixus, _with_cap),
        (scenario.seats, _with_seats),
        (scenario.hours, _with_hours),
        (scenario.budget, _with_budget),
        (scenario.leadership, _with_leadership),
        (scenario.absences, _with_absences),
    )
    for changes, step in steps:
        for change in changes:
            changed = step(changed, change)
    return _without_sites(changed, scenario.close_sites)


def _with_hours(region: Region, change: Change) -> Region:
    def more(one: Supervisor) -> Supervisor:
        hours = {
            period: max(0, floor((one.qh.get(period, 0) + change.add) * change.factor))
            for period in _periods(region, one, change.which)
        }
        return replace(one, qh={**one.qh, **hours})

    return _with_people(region, (more(one) for one in _people(region, change.which)))


def _with_opened(region: Region, opened: Opened) -> Region:
    return replace(
        region,
        sites={**region.sites, **{one.id: one for one in opened.sites}},
        workplaces={**region.workplaces, **{one.id: one for one in opened.workplaces}},
        supervisors={**region.supervisors, **{one.id: one for one in opened.supervisors}},
    )


def _with_budget(region: Region, change: Change) -> Region:
    """Euros become hours of a year, quarter hours of a week, and these go round one by one until they are spent."""
    total = floor(change.euro / change.euro_per_hour / WEEKS_A_YEAR * QUARTERS)
    return _spread(region, _people(region, change.which), change.which, total)


def _with_leadership(region: Region, change: Change) -> Region:
    """The hours that a site's leader frees go round over the people of whom that is the first site."""
    at_home: dict[str, list[Supervisor]] = {}
    for one in _people(region, change.which):
        home = next(iter(one.sites), EVERY_SITE)
        if home != EVERY_SITE and _fits(change.which.sites, home):
            at_home.setdefault(home, []).append(one)
    for _, people in sorted(at_home.items()):
        region = _spread(region, people, change.which, change.add)
    return region


def _spread(region: Region, people: list[Supervisor], which: Which, total: int) -> Region:
    """So many quarter hours a week more in each period, divided evenly, the rest to the first of them."""
    chosen = [(one, period) for one in people for period in _periods(region, one, which)]
    by_period: dict[PeriodId, list[Supervisor]] = {}
    for one, period in chosen:
        by_period.setdefault(period, []).append(one)
    extra: dict[SupervisorId, dict[PeriodId, int]] = {one.id: dict(one.qh) for one in people}
    for period, there in by_period.items():
        each, rest = divmod(total, len(there))
        for number, one in enumerate(there):
            extra[one.id][period] = extra[one.id].get(period, 0) + each + (number < rest)
    return _with_people(region, (replace(one, qh=extra[one.id]) for one in people))


def _with_absences(region: Region, change: Change) -> Region:
    people = _by_hash(region, _people(region, change.which), "absent")
    away = people[: round(len(people) * change.share)]
    absence = Absence(change.start, change.end)
    return _with_people(region, (replace(one, absences=(*one.absences, absence)) for one in away))


def _with_seats(region: Region, change: Change) -> Region:
    which, made = change.which, dict(region.workplaces)
    for one in region.workplaces.values():
        named = _fits(which.workplaces, one.id) and _fits(which.sites, one.site) and _fits(which.subjects, one.subject)
        if named:
            periods = [period for period in region.periods if _fits(which.periods, period)]
            asked = periods if which.periods else [period for period in periods if one.seats.get(period, 0)]
            seats = {period: max(0, one.seats.get(period, 0) + change.add) for period in asked}
            made[one.id] = replace(one, seats={**one.seats, **seats})
    return replace(region, workplaces=made)


def _with_intake(region: Region, change: Change) -> Region:
    there = _students(region, change.which)
    wanted = round(len(there) * change.factor)
    if wanted <= len(there):
        return _keep(region, there, wanted)
    order, made = _by_hash(region, there, "more"), dict(region.students)
    for number in range(wanted - len(there)):
        copied = order[number % len(order)]
        name = StudentId(f"{copied.id}+{number // len(order) + 1}")
        made[name] = replace(copied, id=name, together=(), apart=())
    return replace(region, students=made)


def _with_cap(region: Region, change: Change) -> Region:
    there = _students(region, change.which)
    return _keep(region, there, min(len(there), change.at_most))


def _keep(region: Region, there: list[Student], number: int) -> Region:
    """Keep so many of these students: first who has a firm promise, then who has a proposal, then by hash."""
    held: dict[StudentId, Placement] = {one.student: one for one in region.placements}

    def promise(one: Student) -> int:
        place = held.get(one.id)
        return 2 if place is None else int(place.state is PlacementState.PROPOSED)

    gone = {one.id for one in sorted(_by_hash(region, there, "fewer"), key=promise)[number:]}
    students = {name: one for name, one in region.students.items() if name not in gone}
    return replace(
        region, students=students, placements=tuple(one for one in region.placements if one.student not in gone)
    )


def _without_sites(region: Region, closed: Iterable[str]) -> Region:
    shut = set(closed)
    workplaces = {name: replace(one, seats={}) if one.site in shut else one for name, one in region.workplaces.items()}
    return replace(region, workplaces=workplaces)


def _people(region: Region, which: Which) -> list[Supervisor]:
    return [
        one
        for _, one in sorted(region.supervisors.items())
        if _fits(which.supervisors, one.id)
        and (which.tier is None or one.tier is which.tier)
        and (not which.sites or bool({*which.sites} & {*one.sites}))
        and (not which.subjects or bool({*which.subjects} & {*one.subjects}))
    ]


def _periods(region: Region, one: Supervisor, which: Which) -> list[PeriodId]:
    """The named periods, else those in which somebody has hours already."""
    return [period for period in region.periods if period in (which.periods or one.qh)]


def _students(region: Region, which: Which) -> list[Student]:
    return [
        one
        for _, one in sorted(region.students.items())
        if _fits(which.institutes, one.institute)
        and _fits(which.subjects, one.subject)
        and _fits(which.routes, one.route)
        and _fits(which.sectors, one.sector.value)
    ]


def _fits(names: tuple[str, ...], name: str) -> bool:
    return not names or name in names


def _with_people(region: Region, changed: Iterable[Supervisor]) -> Region:
    return replace(region, supervisors={**region.supervisors, **{one.id: one for one in changed}})


def _by_hash(region: Region, things: list[T], purpose: str) -> list[T]:
    return sorted(things, key=lambda one: tie_break(region.settings.seed, purpose, one.id))
