"""Bounds: no plan is ever cheaper or leaves fewer out, with any lever, and on small regions they meet the optimum."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.bounds.bound import BoundTurns, bound
from services.matcher.adapters.solver.bounds.limits import BoundLimits, BoundResult
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Costs, Fairness
from tests.support.brute_force import least_cost
from tests.support.brute_force_levers import least_cost_with_levers
from tests.support.effort import examples
from tests.support.lever_regions import tiny_lever_region
from tests.support.regions import (
    invented_region,
    placement,
    region,
    settings,
    site,
    student,
    supervisor,
    workplace,
)
from tests.support.small_regions import optima, read
from tests.support.wild_regions import wild_region

NEVER = 10**12
"""A value that no bound reaches, so that everything is tried."""
ALL_PRICES = {field.name: 0 for field in fields(Costs) if field.name not in ("travel", "wish", "load")}
LEAVES_ONE_OUT = Costs(**{**ALL_PRICES, "unplaced": 1}, travel=((30, 0),), wish=(0,), load=(0,))
"""A plan costs the number of students without a place."""


def only_heads(facts: Region) -> Region:
    """The same, where nothing costs but a student without a place."""
    return replace(facts, settings=replace(facts.settings, costs=LEAVES_ONE_OUT, fairness=Fairness(())))


def value(facts: Region, plan: Plan) -> int:
    return sum(cost_parts(facts, plan).values())


def test_a_proposal_that_moves_pays_for_a_move_and_not_for_being_dropped() -> None:
    people = [supervisor(name) for name in ("v1", "t1", "i1")]
    dear = settings(costs={"drop_proposed": 60_000})
    facts = region([site(), workplace(1, seats={}), workplace(2), *people, student(1), placement(1)], dear)

    assert bound(facts, NEVER).bound == least_cost(facts) == dear.costs.move_workplace


@pytest.mark.parametrize(("name", "off", "optimum"), optima())
def test_no_bound_on_a_small_region_exceeds_its_proven_optimum(name: str, off: str, optimum: int) -> None:
    found = bound(read(name, off), NEVER)
    assert 0 <= found.bound <= optimum
    if name not in ("levers-18", "relief-20"):
        assert found.bound == optimum


@pytest.mark.parametrize(("name", "_", "least"), optima("unplaced_least"))
def test_no_bound_says_that_more_are_left_out_than_need_be(name: str, _: str, least: int) -> None:
    assert bound(read(name), NEVER).unplaced_bound <= least


@effort(max_examples=examples(3, 6), deadline=None)
@given(st.integers(0, 10**6))
def test_no_plan_of_a_tiny_region_with_any_lever_is_cheaper_than_the_bound(seed: int) -> None:
    facts = tiny_lever_region(seed)
    facts = replace(facts, settings=replace(facts.settings, fairness=replace(facts.settings.fairness, min_size=2)))
    assert bound(facts, NEVER).bound <= least_cost_with_levers(facts)


@effort(max_examples=examples(3, 5), deadline=None)
@given(st.integers(0, 10**6))
def test_no_plan_of_a_tiny_region_with_any_lever_leaves_fewer_out_than_the_bound(seed: int) -> None:
    facts = tiny_lever_region(seed)
    assert bound(facts, NEVER).unplaced_bound <= least_cost_with_levers(only_heads(facts))


@effort(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.7, 2.5))
def test_without_levers_that_pool_hours_the_bound_of_a_tiny_region_is_its_optimum(seed: int, scarcity: float) -> None:
    facts = invented_region(seed, students=4, sites=2, scarcity=scarcity)
    facts = replace(facts, settings=replace(facts.settings, fairness=replace(facts.settings.fairness, min_size=2)))
    least = least_cost(facts)
    found = bound(facts, least)
    assert (found.bound, found.is_exact) == (least, True)


@effort(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_no_plan_with_every_lever_found_by_another_solver_beats_the_bound(seed: int, heads: bool) -> None:
    facts = tiny_lever_region(seed, students=8)
    facts = only_heads(facts) if heads else facts
    made = CpSatSolver().solve(facts, Plan(facts.id, facts.today, ()), SolveLimits(1.0))
    found = bound(facts, value(facts, made))
    assert found.bound <= value(facts, made)
    assert found.unplaced_bound <= len(made.unplaced)


@effort(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_no_plan_found_by_another_solver_beats_the_bound(seed: int) -> None:
    facts = wild_region(seed, students=12, sites=4)
    made = CpSatSolver().solve(facts, Plan(facts.id, facts.today, ()), SolveLimits(1.0))
    found = bound(facts, value(facts, made))
    assert found.bound <= value(facts, made)
    assert found.unplaced_bound <= len(made.unplaced)


@effort(max_examples=examples(3, 6), deadline=None)
@given(st.integers(0, 10**6), st.floats(1.2, 2.5))
def test_parts_of_a_larger_region_prove_no_more_than_a_plan_costs(seed: int, scarcity: float) -> None:
    facts = invented_region(seed, students=45, sites=7, scarcity=scarcity)
    made = CpSatSolver().solve(facts, Plan(facts.id, facts.today, ()), SolveLimits(1.0))
    found = bound(facts, value(facts, made), BoundLimits(rounds=2, nodes=20, steps=3))
    assert found.bound <= value(facts, made)


def test_bounds_rise_and_the_last_one_told_is_the_result() -> None:
    told: list[BoundResult] = []
    found = bound(invented_region(3, students=40, sites=6, scarcity=1.8), NEVER, on_progress=told.append)
    bounds = [one.bound for one in told]
    assert bounds == sorted(bounds)
    assert told[-1].bound == found.bound > 0


def test_the_same_region_in_another_order_has_the_same_bound() -> None:
    facts = invented_region(5, students=30, sites=5, scarcity=1.8)
    names = ("sites", "workplaces", "supervisors", "students")
    turned: dict[str, Any] = {name: dict(reversed(getattr(facts, name).items())) for name in names}
    one, other = bound(facts, NEVER), bound(replace(facts, **turned), NEVER)
    assert (one.bound, one.unplaced_bound, one.prices) == (other.bound, other.unplaced_bound, other.prices)


def test_who_stops_at_once_still_has_a_valid_bound() -> None:
    facts = region([site(), student(1), student(2)])
    found = bound(facts, NEVER, stop=lambda: True)
    assert found.unplaced_bound == 2
    assert 0 <= found.bound <= 200_000


def test_it_ends_when_the_plan_is_proven() -> None:
    facts = region([site(), student(1), student(2)])
    found = bound(facts, 200_000)
    assert (found.bound, found.unplaced_bound, found.is_exact) == (200_000, 2, True)


def scarce(seats: int, hours: int) -> Region:
    people = [supervisor("v1", qh={"2026-S1": hours}), supervisor("t1"), supervisor("i1")]
    return region([site(), workplace(seats={"2026-S1": seats}), *people, student(1), student(2)])


def test_one_more_seat_is_worth_a_student_where_seats_are_scarce() -> None:
    prices = bound(scarce(seats=1, hours=40), NEVER).prices
    assert [round(one, -3) for one in prices.seats.values()] == [100_000]
    assert all(one < 1_000 for one in prices.hours.values())


def test_one_more_quarter_hour_is_worth_a_student_where_it_is_the_last_that_lacks() -> None:
    prices = bound(scarce(seats=2, hours=11), NEVER).prices
    assert [round(one, -3) for one in prices.hours.values()] == [100_000]
    assert not prices.seats


def test_prices_have_the_right_sign() -> None:
    prices = bound(invented_region(3, students=40, sites=6, scarcity=1.8), NEVER).prices
    assert prices.hours
    assert min([*prices.hours.values(), *prices.seats.values()]) > 0


def test_prices_beyond_what_can_be_summed_exactly_prove_nothing_false() -> None:
    base = settings()
    facts = region([site(), student(1)], replace(base, costs=replace(base.costs, unplaced=10**12)))
    assert bound(facts, NEVER * 10).bound == 0


def test_a_portfolio_gets_the_bound_step_by_step() -> None:
    facts = invented_region(7, students=30, sites=5, scarcity=1.8)
    board = Board(facts, lambda _: None, lambda: False)
    bounder, proven = BoundTurns(board), list[float]()
    for number in range(40):
        goes_on = bounder.take(board, Turn(number, seed=1)) is not None
        proven.append(board.bound)
    first = proven[1]
    assert not goes_on
    assert bound(facts, NEVER).prices.hours
    assert 0 < first <= board.bound == bound(facts, NEVER).bound
    assert board.unplaced_bound > 0
