"""What scarce things are worth: never more is saved than the price and the gap say, and nothing is worth less than nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.bounds.limits import Prices
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.pricing import TooMuchWork, prices
from services.matcher.domain.ids import PeriodId, SupervisorId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Costs
from tests.support.regions import invented_region, plan, region, site, student, supervisor, workplace

ONLY_HEADS = Costs(100_000, 0, 0, 0, 0, ((30, 0),), 0, (0,), 0, 0, 0, 0, 0, (0,), 0)


def scarce(seed: int) -> Region:
    made = invented_region(seed, students=14, sites=3, scarcity=1.6)
    return replace(made, settings=replace(made.settings, costs=ONLY_HEADS))


def least(made: Region) -> int:
    certificate = CpSatSolver().solve(made, plan(made), SolveLimits(5.0)).certificate
    assert certificate is not None
    assert certificate.gap == 0
    return certificate.value


def with_more(made: Region, who: SupervisorId, when: PeriodId, qh: int) -> Region:
    person = made.supervisors[who]
    eased = replace(person, qh={**person.qh, when: person.qh.get(when, 0) + qh})
    return replace(made, supervisors={**made.supervisors, who: eased})


@effort(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_prices_are_above_nothing_and_what_has_none_is_not_scarce(seed: int) -> None:
    found = prices(scarce(seed))
    assert all(price > 0 for price in (*found.hours.values(), *found.seats.values()))


@effort(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_an_added_hour_never_makes_the_proven_optimum_worse(seed: int) -> None:
    made = scarce(seed)
    best = least(made)
    for (who, when), _ in sorted(prices(made).hours.items(), key=lambda one: -one[1])[:2]:
        assert least(with_more(made, who, when, 4)) <= best


def test_who_is_short_of_one_quarter_hour_is_worth_a_student() -> None:
    people = [supervisor("v1", qh={"2026-S1": 11}), supervisor("t1"), supervisor("i1")]
    made = region([site(), workplace(seats={"2026-S1": 9}), *people, student(1), student(2)])
    found = prices(made)
    key = (SupervisorId("v1"), PeriodId("2026-S1"))
    saved = least(made) - least(with_more(made, *key, 1))
    assert found.hours[key] >= saved - 100 > 0
    assert found.seats == {}


def test_too_much_work_is_refused_before_it_begins_and_a_stop_is_heard() -> None:
    made = scarce(1)
    with pytest.raises(TooMuchWork) as refused:
        prices(made, most_work=1e-9)
    assert refused.value.work > 0
    assert prices(made, None, lambda: True) == Prices()
    assert prices(made, None) == prices(made)
