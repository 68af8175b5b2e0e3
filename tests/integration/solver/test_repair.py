"""What facts no longer allow is taken out with its cause, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.repair import LostCause, drop_invalid
from services.matcher.domain.checker import check
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState
from shared.contracts.placements import MoveCause
from tests.support.regions import invented_region, placement, plan, region, site, student, supervisor, workplace


def world(*changed: Any, without: tuple[str, ...] = ()) -> Region:
    base = [site(), workplace(), *(supervisor(one) for one in ("v1", "t1", "i1")), student(1), student(2)]
    merged = {one.id: one for one in (*base, *changed) if one.id not in without}
    return region(merged.values())


def lost_in(facts: Region, *placements: Placement) -> dict[str, str]:
    kept, lost = drop_invalid(facts, plan(facts, *placements))
    assert check(facts, kept) == []
    assert {one.student for one in kept.placements} == {one.student for one in placements} - {
        one.placement.student for one in lost
    }
    return {one.placement.student: one.cause.value for one in lost}


def test_nothing_is_lost_from_an_allowed_plan() -> None:
    assert lost_in(world(), placement(1), placement(2)) == {}


@pytest.mark.parametrize(
    ("cause", "changed"),
    [
        ("guidance-ended", supervisor("v1", qh={})),
        ("guidance-ended", supervisor("v1", departs="2026-09-01")),
        ("guidance-ended", supervisor("t1", absences=[{"start": "2026-09-01"}])),
        ("guidance-ended", supervisor("i1", qh={"2026-S1": 1})),
        ("workplace-ended", workplace(seats={})),
        ("no-longer-fits", workplace(phases=["lio"])),
        ("no-longer-fits", student(1, lat=53.5)),
        ("no-longer-fits", student(1, needs={"wpb": 9, "so": 2, "io": 1})),
        ("no-longer-fits", site(min_students=2)),
    ],
)
def test_what_is_lost_is_told_with_its_cause(cause: str, changed: Any) -> None:
    assert lost_in(world(changed), placement(1)) == {"s1": cause}


@pytest.mark.parametrize(
    ("gone", "cause"), [("s1", "student-withdrawn"), ("w1", "workplace-ended"), ("v1", "guidance-ended")]
)
def test_what_is_gone_is_told(gone: str, cause: str) -> None:
    assert lost_in(world(without=(gone,)), placement(1)) == {"s1": cause}


def test_started_and_settled_placements_stay_before_proposed_ones() -> None:
    facts = replace(
        world(workplace(seats={"2026-S1": 1})), placements=(replace(placement(2), state=PlacementState.STARTED),)
    )
    assert lost_in(facts, placement(1), replace(placement(2), state=PlacementState.STARTED)) == {
        "s1": "workplace-ended"
    }


def test_as_few_as_can_be_are_lost_when_hours_shrink() -> None:
    heavy = student(1, needs={"wpb": 12, "so": 2, "io": 1})
    facts = world(heavy, student(3), workplace(seats={"2026-S1": 3}), supervisor("v1", qh={"2026-S1": 12}))
    assert lost_in(facts, placement(1, qh=12), placement(2), placement(3)) == {"s1": "guidance-ended"}


def test_a_site_that_falls_below_its_minimum_loses_all() -> None:
    facts = world(site(min_students=2), without=("s2",))
    assert lost_in(facts, placement(1), placement(2)) == {"s1": "no-longer-fits", "s2": "student-withdrawn"}


def test_who_may_not_be_together_is_parted() -> None:
    assert len(lost_in(world(student(1, apart=["s2"])), placement(1), placement(2))) == 1


@effort(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_after_any_change_what_is_left_is_allowed_and_nothing_was_lost_in_vain(seed: int, other: int) -> None:
    before = invented_region(seed, students=12, sites=3)
    made = CpSatSolver().solve(before, Plan(before.id, before.today), SolveLimits(0.1))
    after = invented_region(other, students=12, sites=3, scarcity=1.5)
    kept, lost = drop_invalid(after, made)
    assert check(after, kept) == []
    for one in lost:
        put_back = replace(kept, placements=(*kept.placements, one.placement))
        assert check(after, put_back) != []


def test_the_causes_are_those_of_events() -> None:
    assert {cause.value for cause in LostCause} <= {cause.value for cause in MoveCause}
