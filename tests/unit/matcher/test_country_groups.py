"""Groups of a country: what a part feels of them is exact, and lines of any slope stay below what they cost."""

import random
from dataclasses import replace

import pytest

from services.matcher.adapters.solver.country.groups import Groups, watched
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Group


@pytest.fixture(scope="module")
def facts() -> Region:
    return invent(Wanted(120, Family.HOURS, 1)).region


@pytest.fixture(scope="module")
def groups(facts: Region) -> Groups:
    return watched(facts)


def test_all_groups_of_the_file_are_watched_that_are_large_enough(facts: Region, groups: Groups) -> None:
    least = facts.settings.fairness.min_size
    assert min(groups.sizes.values()) >= least
    assert groups.cost(groups.left(facts.students)) == cost_parts(facts, Plan(facts.id, facts.today))["fairness"]


@pytest.mark.parametrize("seed", range(5))
def test_in_a_part_one_more_left_out_costs_what_it_does_in_the_whole(facts: Region, groups: Groups, seed: int) -> None:
    draw = random.Random(seed)
    elsewhere = set(draw.sample(sorted(facts.students), draw.randrange(100)))
    here = {key: one for key, one in facts.students.items() if key not in elsewhere}
    left = groups.left(elsewhere)
    settings = replace(facts.settings, fairness=groups.within(left))
    part = replace(facts, students=here, settings=settings)
    felt = cost_parts(part, Plan(facts.id, facts.today))["fairness"]
    assert felt == groups.cost(groups.left(facts.students)) - groups.cost(left)


@pytest.mark.parametrize("slope", [0, 1, 20_000, 50_000, 130_000, 10**6])
def test_a_line_less_what_it_lies_above_is_never_above_the_prices_and_touches_them(groups: Groups, slope: int) -> None:
    for group in groups.prices:
        slopes = {other: slope if other == group else 0 for other in groups.prices}
        below = [slope * left - groups.beyond(slopes) for left in range(groups.sizes[group] + 1)]
        costs = [_cost(groups, group, left) for left in range(groups.sizes[group] + 1)]
        assert all(line <= cost for line, cost in zip(below, costs, strict=True))
        assert any(line == cost for line, cost in zip(below, costs, strict=True))


def _cost(groups: Groups, group: Group, left: int) -> int:
    return groups.prices[group].price(left)
