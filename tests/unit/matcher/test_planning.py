"""What one process plans: the same state and step give the same plan, and only what the judge allows leaves."""

from dataclasses import replace
from typing import Any

import pytest

from services.matcher.adapters.planning import Desk
from services.matcher.adapters.solver.engine import adopting
from services.matcher.domain.changes import Change, Suggestion, applied
from services.matcher.domain.checker import Violation, check, check_reasons, cost_parts
from services.matcher.domain.ids import StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.places import Outcome
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.ports import Held, NoAllowedPlan, Planned, Step
from shared.contracts.placements import MoveCause
from tests.support.planning import planned_anew
from tests.support.regions import invented_region, placement, region, settings, site, student, supervisor, workplace

S1, S2 = StudentId("s1"), StudentId("s2")
PLACED_ONE = region(
    [site(), workplace(), supervisor("v1"), supervisor("t1"), supervisor("i1"), student(1), student(2), placement(1)]
)
NEW = Change(students={S2: PLACED_ONE.students[S2]})
FULL = invented_region(3, 80, 8, scarcity=1.4)


def at_desk(of: Region, bound: float = 0.0) -> Desk:
    desk = Desk()
    desk.begin(of.id, 0, Held(of, bound))
    return desk


def step(of: Region, work: Change | Suggestion, after: int = 0) -> Step:
    return Step(of.id, after, after + 1, work)


def plan_of(of: Region, outcome: Outcome) -> Plan:
    return Plan(of.id, of.today, tuple(outcome.placed.values()), tuple(outcome.unplaced.values()))


def untimed(planned: Planned) -> Planned:
    return replace(planned, seconds=0)


def test_a_region_as_a_whole_is_planned_the_same_each_time_and_the_figures_are_those_of_the_checker() -> None:
    first, second = planned_anew(FULL), planned_anew(FULL)
    assert untimed(first) == untimed(second)
    plan = plan_of(FULL, first.outcome)
    held = replace(FULL, placements=plan.placements)
    assert [*check(held, plan), *check_reasons(held, plan)] == []
    assert dict(first.certificate.parts) == cost_parts(held, plan)
    assert first.without_place == len(plan.unplaced) > 0


def test_a_desk_that_went_along_and_one_that_begins_there_give_the_same_plan() -> None:
    desk = at_desk(FULL)
    whole = desk.take(step(FULL, Change(whole=FULL)))
    held = replace(FULL, placements=tuple(whole.outcome.placed.values()))
    gone = Change(students={next(iter(whole.outcome.placed)): None})
    again = at_desk(held, whole.certificate.bound)
    assert untimed(again.take(step(FULL, gone))) == untimed(desk.take(step(FULL, gone, 1)))


def test_a_desk_knows_the_state_that_it_was_led_to_and_no_other() -> None:
    desk = at_desk(PLACED_ONE)
    assert desk.knows(PLACED_ONE.id, 0)
    desk.take(step(PLACED_ONE, NEW))
    assert [desk.knows(PLACED_ONE.id, stamp) for stamp in (0, 1)] == [False, True]


def test_a_newcomer_gets_what_is_free_and_nobody_else_is_told_of() -> None:
    planned = at_desk(PLACED_ONE).take(step(PLACED_ONE, NEW))
    assert planned.outcome.placed.keys() == {S2}
    assert planned.without_place == 0


def test_a_repair_that_the_checker_refuses_gives_way_to_what_was_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[Violation("test", "refused by the test", ())], []])
    monkeypatch.setattr(adopting, "judge", lambda *_: next(answers))
    outcome = at_desk(PLACED_ONE).take(step(PLACED_ONE, NEW)).outcome
    assert not outcome.placed
    assert outcome.unplaced.keys() == {S2}


def test_there_is_no_plan_when_the_checker_refuses_that_too_and_the_desk_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = at_desk(PLACED_ONE)
    with monkeypatch.context() as broken:
        broken.setattr(adopting, "judge", lambda *_: [Violation("test", "refused by the test", ())])
        with pytest.raises(NoAllowedPlan, match="NL-R07"):
            desk.take(step(PLACED_ONE, NEW))
    assert not desk.knows(PLACED_ONE.id, 0)
    desk.begin(PLACED_ONE.id, 0, Held(PLACED_ONE))
    assert desk.take(step(PLACED_ONE, NEW)).outcome.placed.keys() == {S2}


def test_what_can_no_longer_be_is_dropped_with_its_cause() -> None:
    ended = Change(workplaces={WorkplaceId("w1"): None})
    outcome = at_desk(PLACED_ONE).take(step(PLACED_ONE, ended)).outcome
    assert outcome.causes == {S1: MoveCause.WORKPLACE_ENDED}
    assert outcome.unplaced.keys() == {S1}


def test_a_plan_that_newer_rules_do_not_allow_is_mended_by_the_first_step() -> None:
    too_full = applied(PLACED_ONE, Change(workplaces={WorkplaceId("w1"): replace(workplace(), seats={})}))
    away = Change(supervisors={SupervisorId("v1"): None})
    outcome = at_desk(too_full).take(step(too_full, away)).outcome
    assert outcome.unplaced.keys() == {S1, S2}


def looked(desk: Desk, of: Region, turns: int = 40) -> list[Suggestion]:
    """What is found until nothing is left to look for, each adopted at once."""
    found: list[Suggestion] = []
    for turn in range(turns):
        suggestion = desk.suggest(of.id, turn)
        if suggestion is None:
            return found
        if suggestion.after or suggestion.bound or suggestion.unplaced_bound:
            found.append(suggestion)
            desk.take(step(of, suggestion, turn))
    raise AssertionError("it never comes to an end")


def test_looking_ends_in_a_plan_that_is_proven_to_be_the_best() -> None:
    desk = at_desk(PLACED_ONE)
    found = looked(desk, PLACED_ONE)
    assert any(one.after for one in found)
    last = desk.take(step(PLACED_ONE, Suggestion(), 99))
    assert last.certificate.bound == last.certificate.value
    assert last.without_place == 0


def test_of_a_suggestion_for_another_state_only_what_still_fits_is_adopted() -> None:
    desk = at_desk(PLACED_ONE)
    suggestion = next(one for turn in range(0, 20, 2) if (one := desk.suggest(PLACED_ONE.id, turn)) and one.after)
    assert suggestion.after.keys() == {S2}
    desk.take(step(PLACED_ONE, Change(students={S2: None})))
    outcome = desk.take(step(PLACED_ONE, suggestion, 1)).outcome
    assert (outcome.placed, outcome.unplaced) == ({}, {})


def scarce(hours: int, seats: int, **first: Any) -> Region:
    """One student has a place; two of a small group have none, which weighs heavily on that group."""
    fairness = {"groups": ["route"], "min_size": 2, "steps": [[0.5, 0], [1.0, 400_000]]}
    base = settings(fairness=fairness, costs={"drop_proposed": 60_000})
    people = [supervisor("v1", qh={"2026-S1": hours}), supervisor("t1"), supervisor("i1")]
    needs = 12 if first else 6
    students = [student(1, **first), student(2, route="deeltijd"), student(3, route="deeltijd")]
    return region([site(), workplace(seats={"2026-S1": seats}), *people, *students, placement(1, qh=needs)], base)


def held_after_looking(of: Region) -> set[StudentId]:
    desk = at_desk(of)
    looked(desk, of)
    return {
        one for one in of.students if desk.take(step(of, Change(students={one: of.students[one]}), 0)).outcome.placed
    }


def test_nobody_is_put_out_of_a_published_place_for_fairness() -> None:
    of = scarce(hours=6, seats=1)
    swapped = replace(of.placements[0], student=S2)
    without_fairness = cost_parts(of, Plan(of.id, of.today, of.placements))["fairness"]
    assert without_fairness > cost_parts(of, Plan(of.id, of.today, (swapped,)))["fairness"], "a swap would be fairer"
    assert held_after_looking(of) == {S1}


def test_somebody_is_put_out_where_that_leaves_fewer_without_a_place() -> None:
    of = scarce(hours=12, seats=2, support=3)
    assert check(of, Plan(of.id, of.today, of.placements)) == []
    assert held_after_looking(of) == {"s2", "s3"}
