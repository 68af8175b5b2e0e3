"""The compiled search in regions with many periods, as where each week is one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.matcher.adapters.solver.compiled.search import SearchLimits, improve
from services.matcher.adapters.solver.portfolio import AnytimeLimits, solve_anytime
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ids import PeriodId
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Period, Region
from tests.support.regions import ALL_ON, settings

MONDAY = date(2026, 8, 31)


def weeks(number: int) -> dict[PeriodId, Period]:
    """So many weeks, each a period."""
    starts = [MONDAY + timedelta(weeks=week) for week in range(number)]
    named = [(PeriodId(f"W{week:03}"), start) for week, start in enumerate(starts)]
    return {name: Period(name, start, start + timedelta(days=4)) for name, start in named}


def in_weeks(number: int, *, levers: bool) -> Region:
    """A region in which each student is somewhere for three weeks in turn, and hours and seats are there every week."""
    made = invent(Wanted(80, Family.LEVERS if levers else Family.HOURS, 3)).region
    periods, first = weeks(number), min(made.periods)
    names = [*periods]
    turns = [tuple(names[(3 * turn + week) % number] for week in range(3)) for turn in range(number)]
    students = {
        one.id: replace(one, period_sets=(turns[place % number],)) for place, one in enumerate(made.students.values())
    }
    people = {
        one.id: replace(one, qh=dict.fromkeys(names, one.qh.get(first, 0)), absences=(), departs=None)
        for one in made.supervisors.values()
    }
    workplaces = {
        one.id: replace(one, seats=dict.fromkeys(names, one.seats.get(first, 0))) for one in made.workplaces.values()
    }
    chosen = settings(levers=ALL_ON if levers else {})
    found = replace(made, periods=periods, students=students, supervisors=people, workplaces=workplaces, placements=())
    return replace(found, settings=replace(made.settings, levers=chosen.levers, grace_days=3))


@pytest.mark.parametrize("levers", [False, True])
@pytest.mark.parametrize("number", [31, 32, 70])
def test_many_periods_are_searched_exactly(number: int, levers: bool) -> None:
    facts = in_weeks(number, levers=levers)

    found = improve(facts, Plan(facts.id, facts.today), SearchLimits(3_000))

    assert check(facts, found) == []
    assert len(found.placements) > len(facts.students) / 2
    assert len({period for one in found.placements for period in one.periods}) >= min(number, 60)


def test_periods_that_nobody_asks_for_change_nothing() -> None:
    made = invent(Wanted(70, Family.SEATS, 2)).region
    more = replace(made, periods={**made.periods, **weeks(52)})

    plans = [improve(one, Plan(one.id, one.today), SearchLimits(20_000)) for one in (made, more)]

    assert plans[0].placements == plans[1].placements
    assert plans[0].placements


def test_a_region_in_weeks_is_solved_with_a_bound_that_holds() -> None:
    facts = in_weeks(40, levers=False)

    found = solve_anytime(facts, AnytimeLimits(time_s=3))

    assert check(facts, found) == []
    assert found.certificate is not None
    assert found.certificate.bound <= sum(cost_parts(facts, found).values())
    assert len(found.placements) > len(facts.students) / 2
