"""The solver: always allowed, never worse than what was there, the same for the same input, and right about its bound."""

import pickle
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver import search
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState
from tests.support.brute_force import least_cost
from tests.support.effort import examples
from tests.support.regions import (
    ALL_ON,
    invented_region,
    placement,
    plan,
    region,
    settings,
    site,
    student,
    supervisor,
    workplace,
)
from tests.support.small_regions import REGIONS, optima, read

LIMITS = SolveLimits(deterministic_time=2.0)
SHORT = SolveLimits(deterministic_time=0.2)
BASE_RULES = ("hours-40", "trainers-30", "periods-30", "incremental-40")


def solve(facts: Region, limits: SolveLimits = LIMITS) -> Plan:
    return CpSatSolver().solve(facts, Plan(facts.id, facts.today, facts.placements), limits)


def certificate(made: Plan) -> Certificate:
    assert made.certificate is not None
    return made.certificate


def assert_sound(facts: Region, made: Plan) -> None:
    assert [str(one) for one in (*check(facts, made), *check_reasons(facts, made))] == []
    assert cost_parts(facts, made) == certificate(made).parts
    assert sum(certificate(made).parts.values()) == certificate(made).value


@pytest.mark.skipif(not REGIONS.exists(), reason="the small regions are not at hand")
@pytest.mark.parametrize("name", BASE_RULES)
def test_small_regions_reach_their_proven_optimum(name: str) -> None:
    optimum = {one: value for one, off, value in optima() if not off}[name]
    facts = read(name)
    made = solve(facts)
    assert_sound(facts, made)
    assert (certificate(made).value, certificate(made).bound, certificate(made).gap) == (optimum, optimum, 0)


def tiny(seed: int, scarcity: float, least: int) -> Region:
    facts = invented_region(seed, students=4, sites=2, scarcity=scarcity)
    names = list(facts.students)
    pupils = dict(facts.students)
    pupils[names[0]] = replace(pupils[names[0]], together=(names[1],))
    pupils[names[2]] = replace(pupils[names[2]], apart=(names[3],))
    sites = {name: replace(one, min_students=least) for name, one in facts.sites.items()}
    fairness = replace(facts.settings.fairness, min_size=2)
    return replace(facts, students=pupils, sites=sites, settings=replace(facts.settings, fairness=fairness))


@effort(max_examples=examples(20, 40), deadline=None)
@example(seed=511, scarcity=1.0, least=2)  # CP-SAT told a bound of 600058.0000000001
@given(st.integers(0, 10**6), st.floats(0.7, 2.0), st.sampled_from([0, 2]))
def test_no_plan_of_a_tiny_region_is_cheaper(seed: int, scarcity: float, least: int) -> None:
    facts = tiny(seed, scarcity, least)
    made = solve(facts)
    assert_sound(facts, made)
    assert certificate(made).value == certificate(made).bound == least_cost(facts)


@effort(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.7, 3.0), st.booleans())
def test_a_plan_never_breaks_a_rule(seed: int, scarcity: float, all_on: bool) -> None:
    facts = invented_region(seed, students=25, sites=5, scarcity=scarcity)
    if all_on:
        facts = replace(facts, settings=settings(levers=ALL_ON))
    assert_sound(facts, solve(facts, SHORT))


def test_the_same_input_in_another_order_gives_the_same_plan() -> None:
    facts = invented_region(7, students=30, sites=6, scarcity=1.5)
    turned: dict[str, Any] = {
        name: dict(reversed(getattr(facts, name).items()))
        for name in ("sites", "workplaces", "supervisors", "students")
    }
    assert solve(facts, SHORT) == solve(replace(facts, **turned), SHORT) == solve(facts, SHORT)


def test_a_larger_region_is_searched_in_rounds_the_same_way_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = invented_region(3, students=70, sites=10, scarcity=1.8)
    made = solve(facts, SolveLimits(0.5))
    assert_sound(facts, made)
    assert made == solve(facts, SolveLimits(0.5))
    assert certificate(made).bound <= certificate(made).value
    greedy = solve(facts, SolveLimits(0.0))
    assert_sound(facts, greedy)
    assert certificate(made).value < certificate(greedy).value
    monkeypatch.setattr(search, "LARGEST_WHOLE_MODEL", 0)
    assert certificate(solve(facts, SolveLimits(0.5))).bound == 0


def test_who_is_not_free_keeps_exactly_what_they_have() -> None:
    facts = invented_region(11, students=30, sites=6, scarcity=1.4)
    before = solve(facts, SHORT)
    facts = replace(facts, placements=before.placements)
    free = frozenset(sorted(facts.students)[:10])
    after = CpSatSolver().solve(facts, before, SHORT, free)
    assert_sound(facts, after)
    kept = {one.student: one for one in before.placements if one.student not in free}
    assert {one.student: one for one in after.placements if one.student not in free} == kept
    assert certificate(after).bound == 0
    assert certificate(after).value <= sum(cost_parts(facts, before).values())


def test_a_plan_is_never_worse_than_the_incumbent() -> None:
    facts = invented_region(13, students=30, sites=6, scarcity=1.6)
    before = solve(facts)
    facts = replace(facts, placements=before.placements)
    after = CpSatSolver().solve(facts, before, SolveLimits(0.0))
    assert after.placements == before.placements


def test_promises_are_kept_when_somebody_else_would_fit_better() -> None:
    held = replace(placement(1), state=PlacementState.STARTED)
    one_seat = workplace(seats={"2026-S1": 1})
    people = [supervisor(name) for name in ("v1", "t1", "i1")]
    far = student(1, lat=52.4, wishes=["01AA02"])
    facts = region([site(), site(2), one_seat, *people, far, student(2, wishes=["01AA01"]), held])
    assert solve(facts).placements == (held,)


def test_a_state_follows_what_holds_today() -> None:
    settled = replace(placement(), state=PlacementState.SETTLED)
    facts = replace(region(), placements=(settled,))
    made = CpSatSolver().solve(facts, plan(facts, placement()), LIMITS, frozenset())
    assert made.placements == (settled,)


def test_nobody_to_place_is_an_empty_plan() -> None:
    facts = region([site()])
    made = solve(facts)
    assert_sound(facts, made)
    assert (made.placements, certificate(made).value, certificate(made).gap) == ((), 0, 0)


def test_everything_travels_between_processes() -> None:
    facts = invented_region(17, students=6, sites=2, scarcity=2.0)
    made = solve(facts, SHORT)
    assert pickle.loads(pickle.dumps((facts, made, CpSatSolver, LIMITS)))[:2] == (facts, made)


def test_what_an_absence_takes_is_given_to_others_as_far_as_it_goes() -> None:
    facts = invented_region(19, students=40, sites=8)
    before = solve(facts, SHORT)
    away = before.placements[0].wpb[0].supervisor
    gone = replace(facts.supervisors[away], qh={})
    facts = replace(facts, supervisors={**facts.supervisors, away: gone}, placements=before.placements)
    kept, lost = drop_invalid(facts, before)
    after = CpSatSolver().solve(facts, kept, SHORT, frozenset(one.placement.student for one in lost))
    assert_sound(facts, after)
    assert len(after.placements) >= len(kept.placements)
