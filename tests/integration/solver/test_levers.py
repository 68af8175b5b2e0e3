"""Every lever is used by the solver: small regions to their optimum, and no plan is cheaper."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState, Relief
from tests.support.brute_force_levers import least_cost_with_levers
from tests.support.effort import examples
from tests.support.lever_regions import tiny_lever_region
from tests.support.regions import plan, region, settings, site, student, supervisor, workplace
from tests.support.small_regions import REGIONS, optima, read

LIMITS = SolveLimits(4.0)


def solve(facts: Region, start: Plan | None = None) -> Plan:
    made = CpSatSolver().solve(facts, start or Plan(facts.id, facts.today, facts.placements), LIMITS)
    assert made.certificate is not None
    assert [str(one) for one in (*check(facts, made), *check_reasons(facts, made))] == []
    assert cost_parts(facts, made) == made.certificate.parts
    return made


def figures(made: Plan) -> tuple[int, float]:
    assert made.certificate is not None
    return made.certificate.value, made.certificate.bound


@pytest.mark.skipif(not REGIONS.exists(), reason="the small regions are not at hand")
@pytest.mark.parametrize(("name", "off", "optimum"), optima())
def test_small_regions_reach_their_optimum_with_every_lever_and_without_each(name: str, off: str, optimum: int) -> None:
    assert figures(solve(read(name, off))) == (optimum, optimum)


@effort(max_examples=examples(3, 6), deadline=None)
@given(st.integers(0, 10**6))
def test_no_plan_of_a_tiny_region_with_levers_is_cheaper(seed: int) -> None:
    facts = tiny_lever_region(seed)
    least = least_cost_with_levers(facts)
    assert figures(solve(facts)) == (least, least)


@effort(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_a_change_forbids_is_dropped_and_no_more(seed: int, other: int) -> None:
    made = solve(tiny_lever_region(seed, students=7))
    after = tiny_lever_region(other, students=7)
    kept, lost = drop_invalid(after, made)
    assert check(after, kept) == []
    for one in lost:
        pair = [one.placement, *(two.placement for two in lost if two.placement.student == one.placement.duo_with)]
        assert check(after, replace(kept, placements=(*kept.placements, *pair))) != []


@effort(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_a_plan_that_uses_levers_holds_and_is_not_made_worse(seed: int) -> None:
    facts = tiny_lever_region(seed, students=7)
    made = solve(facts)
    held = replace(facts, placements=tuple(replace(one, state=PlacementState.SETTLED) for one in made.placements))
    kept, lost = drop_invalid(held, Plan(held.id, held.today, held.placements))
    assert lost == ()
    again = CpSatSolver().solve(held, kept, SolveLimits(0.0), frozenset(sorted(held.students)[:4]))
    assert check(held, again) == []
    assert again.placements == held.placements
    assert figures(solve(held, kept))[0] <= figures(made)[0]


def school(*things: Any, seats: int = 4, **levers: Any) -> Region:
    people = [supervisor("t1"), supervisor("i1")]
    return region([site(), workplace(seats={"2026-S1": seats}), *people, *things], settings(levers=levers))


def test_two_who_agreed_share_a_supervisor_for_less() -> None:
    pair = [student(1, duo=True), student(2, duo=True)]
    facts = school(supervisor("v1", qh={"2026-S1": 9}), *pair, duo={"on": True})
    made = solve(facts)
    assert [one.duo_with for one in made.placements] == ["s2", "s1"]
    assert sum(share.qh for one in made.placements for share in one.wpb) == 9
    alone = replace(facts, students={**facts.students, student(2).id: student(2)})
    assert len(solve(alone).placements) == 1


def test_a_team_pools_the_hours_of_its_members() -> None:
    people = [supervisor("v1", qh={"2026-S1": 4}), supervisor("v2", qh={"2026-S1": 3})]
    made = solve(school(*people, student(1), team={"on": True}))
    assert sorted(share.supervisor for share in made.placements[0].wpb) == ["v1", "v2"]
    assert figures(made) == (30, 30)


def test_peers_need_less_when_there_are_enough_of_them() -> None:
    peers = [student(number) for number in (1, 2, 3)]
    facts = school(supervisor("v1", qh={"2026-S1": 12}), *peers, peer={"on": True, "min_group": 3})
    assert [one.relief for one in solve(facts).placements] == [Relief.PEER] * 3
    too_few = school(supervisor("v1", qh={"2026-S1": 12}), *peers, peer={"on": True, "min_group": 4})
    assert len(solve(too_few).placements) == 2


def test_a_senior_lowers_the_hours_of_juniors() -> None:
    people = [student(1), student(2), student(3, phase="lio")]
    facts = school(supervisor("v1", qh={"2026-S1": 16}), *people, senior={"on": True, "per_senior": 2})
    made = {one.student: one.relief for one in solve(facts).placements}
    assert made == {"s1": Relief.SENIOR, "s2": Relief.SENIOR, "s3": None}


def test_who_is_placed_in_a_duo_is_moved_with_the_partner_or_not_at_all() -> None:
    pair = [student(1, duo=True), student(2, duo=True)]
    facts = school(supervisor("v1", qh={"2026-S1": 9}), supervisor("v2"), *pair, duo={"on": True})
    first = solve(facts)
    only = CpSatSolver().solve(facts, first, LIMITS, frozenset({student(1).id}))
    assert only.placements == first.placements


def test_a_duo_ends_when_one_of_them_leaves() -> None:
    pair = [student(1, duo=True), student(2, duo=True)]
    facts = school(supervisor("v1", qh={"2026-S1": 9}), *pair, duo={"on": True})
    made = solve(facts)
    gone = replace(facts, students={student(1).id: student(1, duo=True)})
    kept, lost = drop_invalid(gone, made)
    assert kept.placements == ()
    assert {one.placement.student: one.cause.value for one in lost} == {
        "s1": "guidance-ended",
        "s2": "student-withdrawn",
    }
    assert plan(gone).placements == ()
