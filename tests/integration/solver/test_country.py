"""A country in parts: no plan of the whole is cheaper than the bound, and what parts find is an allowed plan of the whole."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.board import Progress
from services.matcher.adapters.solver.country.course import Course, Stage, solve_country
from services.matcher.adapters.solver.country.cutting import is_country, parts_of
from services.matcher.adapters.solver.country.prices import Prices, Pricing, Proven
from services.matcher.adapters.solver.country.processes import Alone, Processes
from services.matcher.adapters.solver.country.reporting import CountryProgress
from services.matcher.adapters.solver.country.tasks import BoundFound, run
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.portfolio import AnytimeLimits
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent, invent_country
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Costs, Fairness
from tests.support.brute_force import least_cost
from tests.support.brute_force_levers import least_cost_with_levers
from tests.support.countries import in_parts, lending_country, plain_country, tiny_country, watching
from tests.support.effort import examples

SHORT = (Stage(0.1), Stage(0.2, 0.5, sounds=True), Stage(0.2, 0.5), Stage(0.2, 0.5, sounds=True), Stage(0.1, 0.5))
ENOUGH = 5.0


def proven_at(facts: Region, prices: Prices) -> Proven:
    """What the parts prove at these prices."""
    pricing = _course(facts).pricing
    return _proven(pricing, facts, prices)


def _course(facts: Region) -> Course:
    return Course(facts, Alone(), lambda _: None, 1)


def _proven(pricing: Pricing, facts: Region, prices: Prices) -> Proven:
    parts = range(len(parts_of(facts)))
    found = [run(pricing.task(part, prices, ENOUGH), None) for part in parts]
    return pricing.sum([one for one in found if isinstance(one, BoundFound)], prices)


def any_prices(facts: Region, seed: int) -> Prices:
    """Prices of students and groups of which nobody has thought."""
    draw, pricing = random.Random(seed), _course(facts).pricing
    most = facts.settings.costs.unplaced
    slopes = {group: draw.choice([0, 10_000, 50_000, 120_000]) for group in pricing.groups.prices}
    return Prices(slopes, {one: draw.choice([0, 1_000, most // 3, most, 3 * most]) for one in pricing.abroad})


@effort(max_examples=examples(12, 30), deadline=None)
@given(st.integers(0, 10**6), st.floats(0.7, 2.5))
def test_at_any_prices_the_parts_together_prove_no_more_than_the_cheapest_plan_costs(
    seed: int, scarcity: float
) -> None:
    facts = plain_country(seed, scarcity)
    least = least_cost(facts)
    assert proven_at(facts, any_prices(facts, seed)).bound <= least
    assert _course(facts).proven.bound <= least


@effort(max_examples=examples(3, 8), deadline=None)
@given(st.integers(0, 10**6))
def test_nor_do_they_with_every_lever(seed: int) -> None:
    facts = tiny_country(seed)
    assert proven_at(facts, any_prices(facts, seed)).bound <= least_cost_with_levers(facts)


@effort(max_examples=examples(3, 8), deadline=None)
@given(st.integers(0, 10**6))
def test_nor_that_more_are_left_out_than_need_be(seed: int) -> None:
    facts = plain_country(seed, 1.5)
    heads = replace(facts, settings=replace(facts.settings, costs=_only_heads(), fairness=Fairness(())))
    assert proven_at(facts, any_prices(facts, seed)).unplaced <= least_cost(heads)


def _only_heads() -> Costs:
    free = {name: 0 for name in Costs.__slots__ if name not in ("travel", "wish", "load")}
    return Costs(**{**free, "unplaced": 1}, travel=((30, 0),), wish=(0,), load=(0,))


@pytest.mark.parametrize("slope", [0, 50_000, 120_000, 10**6])
def test_groups_count_for_no_more_than_they_cost_whatever_one_more_is_said_to_cost(slope: int) -> None:
    facts = replace(plain_country(1, 1.0), workplaces={})
    nobody = sum(cost_parts(facts, Plan(facts.id, facts.today)).values())
    slopes = dict.fromkeys(_course(facts).pricing.groups.prices, slope)
    found = proven_at(facts, Prices(slopes, {}))
    assert found.bound <= nobody
    assert found.unplaced == len(facts.students)


def test_a_student_who_could_be_in_two_parts_counts_once() -> None:
    """Everybody has room in both parts: if a place in each were counted for, the bound would be too high."""
    facts = next(one for seed in range(100) if _crosses(one := plain_country(seed, 3.0)))
    pricing = _course(facts).pricing
    dear = Prices(
        dict.fromkeys(pricing.groups.prices, 0), dict.fromkeys(pricing.abroad, 10 * facts.settings.costs.unplaced)
    )
    assert _proven(pricing, facts, dear).bound <= least_cost(facts)


def _crosses(facts: Region) -> bool:
    return len(_course(facts).pricing.abroad) > 1


@effort(max_examples=examples(2, 5), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(list(Family)))
def test_what_a_country_is_said_to_cost_is_what_the_checker_says_and_it_is_allowed(seed: int, family: Family) -> None:
    facts = watching(in_parts(invent(Wanted(40, family, seed % 50, 0.1)).region, seed, 3))
    steps: list[Progress] = []
    plan = solve_country(facts, AnytimeLimits(), steps.append, stages=SHORT)
    assert check(facts, plan) == []
    for step in steps:
        assert check(facts, step.plan) == []
        assert step.value == sum(cost_parts(facts, step.plan).values())
    assert plan.certificate is not None
    assert plan.certificate.bound <= plan.certificate.value
    assert plan.certificate.unplaced_bound <= len(facts.students) - len(plan.placements)


@pytest.mark.parametrize("seed", [0, 1])
def test_who_is_lent_over_a_border_is_asked_no_more_than_they_have_and_their_load_is_that_of_the_whole(
    seed: int,
) -> None:
    facts = lending_country(seed)
    steps: list[Progress] = []
    plan = solve_country(facts, AnytimeLimits(), steps.append, stages=SHORT)
    assert check(facts, plan) == []
    for step in steps:
        assert check(facts, step.plan) == []
        assert step.value == sum(cost_parts(facts, step.plan).values())
    course = _course(facts)
    course.state.begin_again(plan)
    used = [{key for key, heads in use.heads.items() if heads} for use in course.state.sharing.uses]
    assert any(one & other for at, one in enumerate(used) for other in used[:at])


def test_the_parts_find_nearly_what_the_whole_would_cost_at_best() -> None:
    facts = watching(in_parts(invent(Wanted(30, Family.HOURS, 3, 0.1)).region, 3, 2))
    whole = CpSatSolver().solve(facts, Plan(facts.id, facts.today), SolveLimits(20.0))
    assert whole.certificate is not None
    assert whole.certificate.gap == 0
    found = solve_country(facts, AnytimeLimits(), stages=SHORT)
    assert found.certificate is not None
    assert found.certificate.bound <= whole.certificate.value <= found.certificate.value


def test_the_same_country_gives_the_same_plan_by_one_process_or_two() -> None:
    facts = invent_country(Wanted(60, Family.LEVERS, 2), 2).region
    stages = (Stage(0.05), Stage(0.05, 0.2, sounds=True), Stage(0.05, 0.2))
    one = solve_country(facts, AnytimeLimits(threads=1), stages=stages)
    two = solve_country(facts, AnytimeLimits(threads=2), stages=stages)
    assert one == two


def test_it_tells_of_each_part_whom_it_has_and_what_is_proven() -> None:
    facts = invent_country(Wanted(90, Family.HOURS, 1), 3).region
    steps: list[Progress] = []
    solve_country(facts, AnytimeLimits(), steps.append, stages=SHORT)
    last = next(one for one in reversed(steps) if isinstance(one, CountryProgress) and one.parts)
    assert [one.name for one in last.parts] == ["NL-R01-R1", "NL-R01-R2", "NL-R01-R3"]
    assert sum(one.students for one in last.parts) == 90
    assert sum(one.unplaced for one in last.parts) == last.unplaced
    assert all(0 <= one.gap <= 1 for one in last.parts)


def test_a_process_that_dies_costs_its_task_and_no_more() -> None:
    facts = invent_country(Wanted(60, Family.HOURS, 1), 2).region
    course = _course(facts)
    begun = course.state.begin_round(0)
    crew = Processes(2)
    try:
        crew._workers[0].process.kill()
        tasks = iter([course.state.task(begun, part, 0.1) for part in range(2)])
        found = list(crew.results(tasks, None, lambda: False))
        assert [one.part for one in found] == [1]
        again = iter([course.state.task(begun, part, 0.1) for part in range(2)])
        assert [one.part for one in crew.results(again, None, lambda: False)] == [0, 1]
    finally:
        crew.close()


@pytest.mark.parametrize(("students", "regions", "is_one"), [(60, 3, False), (3_000, 1, False), (3_000, 3, True)])
def test_only_what_is_large_is_solved_in_parts(students: int, regions: int, is_one: bool) -> None:
    wanted = Wanted(students, Family.SEATS, 1)
    made = invent(wanted) if regions == 1 else invent_country(wanted, regions)
    assert is_country(made.region) is is_one


def test_a_large_region_without_names_is_cut_in_pieces_of_about_a_size() -> None:
    facts = invent(Wanted(9_000, Family.SEATS, 1)).region
    parts = parts_of(facts)
    assert sorted(site for sites in parts.values() for site in sites) == sorted(facts.sites)
    seats = {one.site: 0 for one in facts.workplaces.values()}
    for one in facts.workplaces.values():
        seats[one.site] += max(one.seats.values())
    shares = [sum(seats.get(site, 0) for site in sites) / sum(seats.values()) for sites in parts.values()]
    assert len(parts) == 4
    assert max(shares) < 1.2 * min(shares)
