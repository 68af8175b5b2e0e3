"""What a wish costs: the plan with the student there can be had, and is the cheapest where that is said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver import making_room, wishes
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.wishes import Grant, Wishes
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.ids import SiteId, StudentId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.options import options_of
from services.matcher.domain.plan import Plan
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region
from tests.support.regions import (
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

S1, S2, S3 = StudentId("s1"), StudentId("s2"), StudentId("s3")


def two_schools(*more: Any, **given: Any) -> Region:
    """Two schools with one place each; what is given replaces what has its id."""
    seats: dict[str, Any] = {"seats": {"2026-S1": 1}}
    base: list[Any] = [site(), site(2, lat=52.11), workplace(**seats), workplace(2, 2, **seats)]
    base += [supervisor("v1"), supervisor("v2", 2), *(supervisor(one, sites=["*"]) for one in ("t1", "i1"))]
    merged = {one.id: one for one in (*base, student(1), student(2), *more)}
    return region(merged.values(), settings(**given))


def only(made: Region, held: Plan, *asked: str) -> Grant:
    (found,) = Wishes(made, held).of(S1, asked)
    return found


def test_who_swaps_is_told_with_what_it_costs() -> None:
    wishing = student(1, wishes=["01AA02", "01AA01"])
    made = two_schools(wishing, student(2, wishes=["01AA02"]))
    held = plan(made, placement(1), placement(2, 2, by="v2"))
    found = only(made, held)
    assert found.placement is not None
    assert found.effect is not None
    assert (found.wanted.rank, found.placement.workplace, found.is_proven) == (0, "w2", True)
    assert (found.effect.moved, found.effect.lost, found.effect.points) == ((S1, S2), (), -5 + 20)
    assert found.effect.parts == {"wishes": 15}


def test_who_loses_a_place_is_told() -> None:
    made = two_schools(student(1, wishes=["01AA02"]), student(2, not_sites=["01AA01"]))
    found = only(made, plan(made, placement(1), placement(2, 2, by="v2")))
    assert found.effect is not None
    assert (found.effect.lost, found.effect.parts["unplaced"]) == ((S2,), 100_000)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ([workplace(2, 2, phases=["lio"])], Reason.NO_WORKPLACE_FOR_PHASE),
        ([workplace(2, 2, subject="frans")], Reason.NO_WORKPLACE_FOR_SUBJECT),
        ([site(2, lat=54)], Reason.NO_WORKPLACE_IN_REACH),
        ([student(1, wishes=["01AA02"], not_sites=["01AA02"])], Reason.NO_WORKPLACE_IN_REACH),
        ([student(1, wishes=["01AA02"], only_sites=["01AA01"])], Reason.NO_WORKPLACE_IN_REACH),
        ([supervisor("v2", 2, subjects=["frans"])], Reason.NO_SUPERVISOR),
        ([supervisor("v2", 2, qh={"2026-S1": 5})], Reason.NO_SUPERVISOR_HOURS),
        ([supervisor("i1")], Reason.NO_INSTITUTE_TRAINER),
        ([workplace(2, 2, seats={"2026-S2": 1})], Reason.NO_SEAT_IN_PERIOD),
    ],
)
def test_what_can_never_be_is_told_by_its_rule(more: list[Any], reason: Reason) -> None:
    made = two_schools(student(1, wishes=["01AA02"]), *more)
    found = only(made, plan(made, placement(1)))
    assert found.never is not None
    assert (found.never.reason, found.placement, found.effect) == (reason, None, None)


def test_hours_that_a_team_could_pool_are_no_reason_for_never() -> None:
    half = {"2026-S1": 3}
    people = [supervisor("v2", 2, qh=half), supervisor("v3", 2, qh=half)]
    made = two_schools(student(1, wishes=["01AA02"]), *people, levers={"team": {"on": True}})
    found = only(made, plan(made, placement(1)))
    assert found.placement is not None
    assert [share.supervisor for share in found.placement.wpb] == ["v2", "v3"]


def test_rules_that_together_forbid_it_are_told_as_proven() -> None:
    lonely = site(2, lat=52.11, min_students=2)
    made = two_schools(student(1, wishes=["01AA02"]), lonely)
    found = only(made, plan(made, placement(1)))
    assert (found.never, found.placement, found.is_proven) == (None, None, True)


def test_a_workplace_can_be_asked_for_and_where_somebody_is_costs_nothing_to_ask() -> None:
    made = two_schools(workplace(3, 2), student(1, wishes=["01AA01"]))
    held = plan(made, placement(1))
    found = Wishes(made, held).of(S1, ["w2", "01AA02", "w1", "01AA01"])
    assert [(one.wanted.site, one.wanted.workplace) for one in found] == [("01AA02", "w2"), ("01AA02", None)]
    assert found[0].placement is not None
    assert found[0].placement.workplace == "w2"
    assert Wishes(made, held).of(S1, ["w2"], with_wishes=False) == found[:1]


def test_who_has_no_place_can_be_granted_a_wish_as_well() -> None:
    made = two_schools(student(1, wishes=["01AA02"]))
    found = only(made, plan(made, placement(2, 2, by="v2")))
    assert found.effect is not None
    assert (found.effect.placed, found.effect.moved) == ((S1,), (S2,))


def test_what_was_to_be_saved_without_the_wish_is_no_price_of_it() -> None:
    made = two_schools(student(1, wishes=["01AA02"]))
    found = only(made, plan(made, placement(1)))
    assert found.effect is not None
    assert found.effect.placed == (S2,)
    assert (found.effect.points, found.spare, found.price) == (-100_020, -100_020, 0)


@pytest.fixture
def _as_if_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "ONE_MODEL", 0)


@pytest.mark.usefixtures("_as_if_large")
def test_in_a_large_region_companions_and_those_left_behind_move_along() -> None:
    roomy: dict[str, Any] = {"seats": {"2026-S1": 3}}
    schools = [site(min_students=2), site(2, lat=52.11, min_students=2), workplace(**roomy), workplace(2, 2, **roomy)]
    made = two_schools(*schools, student(1, wishes=["01AA02"]))
    found = only(made, plan(made, placement(1), placement(2)))
    assert found.effect is not None
    assert (found.effect.moved, found.effect.lost, found.is_proven) == ((S1, S2), (), False)

    made = two_schools(*schools[2:], student(1, wishes=["01AA02"], together=["s2"]))
    found = only(made, plan(made, placement(1), placement(2)))
    assert found.effect is not None
    assert found.effect.moved == (S1, S2)


@pytest.mark.usefixtures("_as_if_large")
def test_in_a_large_region_nobody_moves_or_loses_a_place_for_another_who_gains_as_much() -> None:
    made = two_schools(student(1, wishes=["01AA02"]), student(3, not_sites=["01AA02"]))
    held = plan(made, placement(2))
    found = only(made, held)
    assert found.effect is not None
    assert (found.effect.placed, found.effect.lost, found.effect.moved) == ((S1,), (), ())


@effort(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_the_price_of_a_wish_is_that_of_the_best_plan_with_the_student_there(seed: int) -> None:
    made = invented_region(seed, students=8, sites=3, scarcity=1.4)
    best = CpSatSolver().solve(made, plan(made), SolveLimits(10.0))
    one = min(made.students)
    for found in Wishes(made, best).of(one, sorted(made.sites)):
        assert found.is_proven
        least = _least_with(made, one, found.wanted.site)
        now = sum(cost_parts(made, best).values())
        assert (None if found.effect is None else now + found.effect.points) == least


def _least_with(made: Region, one: StudentId, at: SiteId) -> int | None:
    """The cheapest plan of all in which the student has one of their options at a site, each held fast in turn."""
    others = frozenset(made.students.keys() - {one})
    options = [each for each in options_of(Atlas(made), made.students[one]) if each.place.site == at]
    plans = (CpSatSolver().solve(made, plan(made, each.placement()), SolveLimits(10.0), others) for each in options)
    return min((sum(cost_parts(made, each).values()) for each in plans), default=None)


@effort(max_examples=6, deadline=None)
@given(st.integers(0, 10**6))
def test_answers_with_few_free_to_move_repeat_and_can_be_had(seed: int) -> None:
    made = invented_region(seed, students=14, sites=4, scarcity=1.5)
    held = CpSatSolver().solve(made, plan(made), SolveLimits(10.0))
    exact = Wishes(made, held)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wishes, "ONE_MODEL", 0)
        patch.setattr(making_room, "WIDTHS", (5, 8, 14))
        rough = Wishes(made, held)
        for one in sorted(made.students)[:3]:
            found = rough.of(one, sorted(made.sites))
            assert found == rough.of(one, sorted(made.sites))
            for best, near in zip(exact.of(one, sorted(made.sites)), found, strict=True):
                assert (best.effect is None) >= (near.never is not None)
                assert near.price >= 0 or near.effect is None
                if near.effect is not None:
                    assert best.effect is not None
                    assert best.effect.points <= near.effect.points
