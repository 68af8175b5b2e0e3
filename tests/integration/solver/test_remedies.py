"""What would place a student: what is told can be had, by whom and at what price."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver import remedies as trying
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.remedies import (
    LONGER_JOURNEY,
    NOTHING,
    OTHER_PERIOD,
    RELATED_SUBJECT,
    Remedy,
    remedies,
)
from services.matcher.domain.ids import StudentId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState
from tests.support.regions import (
    LEVERS,
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

S1, S2 = StudentId("s1"), StudentId("s2")


def school(*more: Any, **given: Any) -> Region:
    """One teacher with hours for one of two students; what is given replaces what has its id."""
    base = [site(), workplace(), supervisor("v1", qh={"2026-S1": 6}), supervisor("t1"), supervisor("i1")]
    merged = {one.id: one for one in (*base, student(1), student(2), *more)}
    return region(merged.values(), settings(**given))


def helping(made: Region, held: Plan, name: StudentId = S2) -> dict[str, Remedy]:
    return {one.name: one for one in remedies(made, held, name) if one.placement is not None}


@pytest.mark.parametrize(
    ("lever", "more"),
    [
        ("extra", [supervisor("v2", kind="retired")]),
        ("starters", [supervisor("v2", starter=True)]),
        ("lending", [site(2), supervisor("v2", at=2, lendable=True)]),
        (
            "shifted",
            [
                student(2, period_sets=[["2026-S1"], ["2026-S2"]]),
                workplace(seats={"2026-S1": 2, "2026-S2": 2}),
                *(supervisor(one, qh={"2026-S1": 6, "2026-S2": 40}) for one in ("v1", "t1", "i1")),
            ],
        ),
        (
            LONGER_JOURNEY,
            [
                site(2, lat=52.7),
                workplace(2, 2),
                *(supervisor(one, sites=["*"]) for one in ("t1", "i1")),
                supervisor("v2", 2),
            ],
        ),
    ],
)
def test_what_would_place_a_student_is_found_with_its_place_and_price(lever: str, more: list[Any]) -> None:
    made = school(*more)
    found = helping(made, plan(made, placement(1)))
    assert lever in found
    assert found.keys() <= {lever, OTHER_PERIOD}
    remedy = found[lever]
    assert remedy.placement is not None
    assert remedy.placement.student == S2
    assert -100_000 <= remedy.effect.points < -99_000
    assert (remedy.effect.placed, remedy.effect.lost) == ((S2,), ())


@pytest.mark.parametrize(("lat", "minutes"), [(52.7, 117), (52.95, 162)])
def test_the_longer_journey_is_no_longer_than_it_must_be(lat: float, minutes: int) -> None:
    far = [site(2, lat=lat), workplace(2, 2), supervisor("v2", 2)]
    trainers = [supervisor(one, sites=["*"]) for one in ("t1", "i1")]
    made = school(*far, *trainers)
    found = helping(made, plan(made, placement(1))).get(LONGER_JOURNEY)
    assert (found.minutes if found else None) == (minutes if minutes <= 150 else None)


def test_another_period_and_a_related_subject_are_tried_for_the_student_alone() -> None:
    later = {"2026-S1": 6, "2026-S2": 12}
    people = [supervisor(one, qh=later) for one in ("v1", "t1", "i1")]
    made = school(*people, student(3), workplace(seats={"2026-S1": 2, "2026-S2": 1}))
    found = helping(made, plan(made, placement(1)))[OTHER_PERIOD]
    assert found.placement is not None
    assert (found.placement.periods, found.effect.placed) == (("2026-S2",), (S2,))

    pair = {"student": "wiskunde", "place": "natuurkunde", "cost": 40}
    other = [workplace(2, subject="natuurkunde"), supervisor("v2", subjects=["natuurkunde"])]
    made = school(*other, student(3), supervisor("v1", qh={"2026-S1": 6}, subjects=["wiskunde"]), related=[pair])
    tried = helping(made, plan(made, placement(1)))
    assert tried["related"].effect.placed == (S2, StudentId("s3"))
    assert tried[RELATED_SUBJECT].effect.placed == (S2,)
    assert tried[RELATED_SUBJECT].effect.parts["related"] == 40


def test_a_plan_that_is_left_lying_is_told_as_such() -> None:
    made = school(supervisor("v2"))
    found = remedies(made, plan(made, placement(1)), S2)
    assert found[0].name == NOTHING
    assert {one.name for one in found} == {NOTHING, LONGER_JOURNEY, OTHER_PERIOD, *LEVERS}


def test_who_must_move_or_is_placed_too_is_told() -> None:
    trainers = [supervisor(one, sites=["*"]) for one in ("t1", "i1")]
    elsewhere = [site(2), workplace(2, 2), supervisor("v2", 2, kind="retired"), *trainers]
    near = student(2, not_sites=["01AA02"])
    made = school(*elsewhere, near)
    found = helping(made, plan(made, placement(1)))["extra"]
    assert (found.effect.moved, found.effect.lost) == ((S1,), ())
    both = school(supervisor("v2", kind="retired"), student(3), workplace(seats={"2026-S1": 3}))
    assert helping(both, plan(both, placement(1)))["extra"].effect.placed == (S2, StudentId("s3"))


@effort(max_examples=5, deadline=None)
@given(st.integers(0, 10**6))
def test_of_a_best_plan_nothing_is_left_lying_and_answers_repeat(seed: int) -> None:
    made = invented_region(seed, students=10, sites=3, scarcity=1.8)
    made = replace(made, settings=replace(made.settings, fairness=replace(made.settings.fairness, groups=())))
    best = CpSatSolver().solve(made, plan(made), SolveLimits(10.0))
    for one in sorted(made.students.keys() - best.by_student().keys())[:1]:
        found = remedies(made, best, one)
        assert next(each for each in found if each.name == NOTHING).effect.points == 0
        assert all(each.effect.points <= 0 for each in found)
        assert found == remedies(made, best, one)


def test_a_lever_that_lets_a_broken_promise_be_kept_again_is_worth_that_too() -> None:
    made = school(
        *(site(2), workplace(2, 2, seats={"2026-S1": 1}), workplace(seats={"2026-S1": 1})),
        *(supervisor("v1", qh={}), supervisor("v2", kind="retired", qh={"2026-S1": 6}), supervisor("v3", at=2)),
        *(supervisor("t1", sites=["*"]), supervisor("i1", sites=["*"])),
    )
    made = replace(made, placements=(replace(placement(1), state=PlacementState.STARTED),))

    found = helping(made, plan(made, placement(1, at=2, by="v3")))["extra"]

    assert (found.effect.placed, found.effect.moved) == ((S2,), (S1,))
    assert found.effect.points == -1_100_000 + made.settings.costs.move_supervisor


@pytest.mark.parametrize(("students", "most"), [(60, 60), (61, 30)])
def test_in_a_small_region_everybody_may_move(students: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made, free = invented_region(21, students=students, sites=9, scarcity=1.8), list[int]()

    class Seen(CpSatSolver):
        def solve(
            self,
            region: Region,
            incumbent: Plan,
            limits: SolveLimits,
            may: frozenset[StudentId] | None = None,
        ) -> Plan:
            free.append(len(may or ()))
            return super().solve(region, incumbent, limits, may)

    monkeypatch.setattr(trying, "CpSatSolver", Seen)

    remedies(made, plan(made), min(made.students), SolveLimits(0.05))

    assert free
    assert max(free) <= most
    assert students > 60 or min(free) == students
