"""How few students must be left out: what is proven is exact on tiny regions, and never above what some plan does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver import fewest
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.fewest import fewest_unplaced
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Costs
from tests.support.brute_force import least_cost
from tests.support.brute_force_levers import least_cost_with_levers
from tests.support.lever_regions import tiny_lever_region
from tests.support.regions import invented_region, plan
from tests.support.wild_regions import wild_region

LIMITS = SolveLimits(2.0)
ONLY_HEADS = Costs(1, 0, 0, 0, 0, ((30, 0),), 0, (0,), 0, 0, 0, 0, 0, (0,), 0)


def heads(region: Region) -> Region:
    """The same region where a plan costs how many it leaves out, and nothing else."""
    settings = region.settings
    fairness, related = replace(settings.fairness, groups=()), tuple(replace(one, cost=0) for one in settings.related)
    return replace(region, settings=replace(settings, costs=ONLY_HEADS, fairness=fairness, related=related))


def proven(region: Region, made: Plan, known: int = 0) -> int:
    atlas = Atlas(region)
    openings = Openings(atlas)
    places = {name: openings.of(one) for name, one in region.students.items()}
    return fewest_unplaced(atlas, places, made, known, LIMITS).unplaced_bound


def solved(region: Region) -> Plan:
    return CpSatSolver().solve(region, plan(region), SolveLimits(0.5))


@effort(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_nobody_can_place_more_than_trying_every_plan_does(seed: int) -> None:
    region = wild_region(seed, students=4, sites=2)
    assert proven(region, plan(region)) == least_cost(heads(region))


@effort(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_levers_are_made_use_of(seed: int) -> None:
    region = tiny_lever_region(seed)
    assert proven(region, plan(region)) == least_cost_with_levers(heads(region))
    assert proven(region, solved(region)) == proven(region, plan(region))


def test_what_is_known_stands_and_is_enough_when_the_plan_does_no_worse() -> None:
    region = invented_region(3, 40, 6, scarcity=1.4)
    made = solved(region)
    left = len(region.students) - len(made.placements)
    assert 0 < proven(region, made) <= left
    assert proven(region, made, known=left) == left
    assert fewest_unplaced(Atlas(region), dict.fromkeys(region.students, ()), made, 0, LIMITS).deterministic_time == 0


def test_of_a_large_region_only_what_is_known_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    region = invented_region(3, 40, 6, scarcity=1.4)
    monkeypatch.setattr(fewest, "LARGEST", 39)
    assert proven(region, solved(region), known=1) == 1
