"""More room never makes the best plan worse: for every resource, every limit, every lever and every price."""

import random
from dataclasses import replace
from datetime import date

import pytest

from services.matcher.adapters.solver.portfolio import AnytimeLimits, solve_anytime
from services.matcher.domain.checker import check
from services.matcher.domain.region import Region
from tests.support.effort import examples
from tests.support.lever_regions import tiny_lever_region
from tests.support.relaxed import relaxations
from tests.support.wild_regions import wild_region

WAYS = relaxations()


def base(seed: int) -> Region:
    """A tiny region, scarce in every way, with its levers on or off by chance; somebody departs."""
    made = wild_region(seed, students=7) if seed % 2 else tiny_lever_region(seed, students=5)
    one = made.supervisors[random.Random(seed).choice(sorted(made.supervisors))]
    return replace(made, supervisors={**made.supervisors, one.id: replace(one, departs=date(2026, 10, 1))})


def optimum(region: Region) -> int:
    found = solve_anytime(region, AnytimeLimits())
    assert not check(region, found)
    assert found.certificate is not None
    assert found.certificate.bound == found.certificate.value
    return found.certificate.value


@pytest.fixture(scope="module")
def optima() -> dict[int, int]:
    """Of each tiny region the proven cost, solved when first asked for."""
    return {}


@pytest.mark.parametrize("name", WAYS)
def test_more_room_never_makes_the_best_plan_dearer(name: str, optima: dict[int, int]) -> None:
    number, tried = [*WAYS].index(name), 0
    for seed in range(1000):
        region = base(seed)
        relaxed = WAYS[name](region, random.Random(seed + number))
        if relaxed == region:
            continue
        if seed not in optima:
            optima[seed] = optimum(region)
        assert optimum(relaxed) <= optima[seed], f"seed {seed}"
        tried += 1
        if tried == examples(4, 40):
            break
    assert tried, "no region in which this changes anything"


@pytest.mark.parametrize("name", ["a seat", "no minimum", "lever shifted", "smaller groups of peers"])
def test_some_room_is_worth_something_somewhere(name: str) -> None:
    found = (optimum(WAYS[name](base(seed), random.Random(seed))) < optimum(base(seed)) for seed in range(200))
    assert any(found)
