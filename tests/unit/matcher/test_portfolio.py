"""Anytime solving: what is kept, when it ends, and that the parts may be anything."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from services.matcher.adapters.solver.portfolio import (
    AnytimeLimits,
    Board,
    Effort,
    Progress,
    solve_anytime,
    without_fairness,
)
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState
from tests.support.regions import invented_region, placement, plan, region, site, student, supervisor, workplace


@dataclass
class Told:
    """A part of which the test says what it does."""

    act: Callable[[Board, Effort], None]

    def improve(self, board: Board, effort: Effort) -> None:
        self.act(board, effort)

    def bound(self, board: Board, effort: Effort) -> None:
        self.act(board, effort)


def school(seats: int = 2) -> Region:
    people = [supervisor(name) for name in ("v1", "t1", "i1")]
    return region([site(), workplace(seats={"2026-S1": seats}), *people, student(1), student(2)])


def test_a_solve_ends_by_itself_when_the_proof_is_complete() -> None:
    steps: list[Progress] = []

    found = solve_anytime(invented_region(3, 30, 5, scarcity=1.3), AnytimeLimits(), steps.append)

    assert found.certificate is not None
    assert found.certificate.bound == found.certificate.value
    assert [one.value for one in steps] == sorted((one.value for one in steps), reverse=True)
    assert [one.bound for one in steps] == sorted(one.bound for one in steps)


def test_every_plan_that_is_shown_is_allowed() -> None:
    made, plans = invent(Wanted(100, Family.TRAINERS)).region, list[Plan]()

    found = solve_anytime(made, AnytimeLimits(time_s=1), lambda step: plans.append(step.plan))

    assert not any(check(made, one) for one in plans)
    assert not check_reasons(made, found)
    assert found.certificate is not None
    assert dict(found.certificate.parts) == cost_parts(made, found)


def test_a_plan_that_the_checker_refuses_is_never_kept() -> None:
    made, kept = school(seats=1), list[bool]()

    def offer(board: Board, _: Effort) -> None:
        kept.append(board.offer(plan(made, placement(1), placement(2)), "wrong"))
        kept.append(board.offer(plan(made, placement(1)), "right"))
        kept.append(board.offer(plan(made, placement(2)), "no better"))

    found = solve_anytime(made, AnytimeLimits(), parts=([Told(offer)], []))

    assert kept[:3] == [False, True, False]
    assert [one.student for one in found.placements] == ["s1"]
    assert [one.student for one in found.unplaced] == ["s2"]


def test_a_bound_is_rounded_up_to_whole_points_and_never_falls() -> None:
    seen: list[float] = []

    def prove(board: Board, effort: Effort) -> None:
        board.prove([99.2, 50.0, 99.9][min(effort.round, 2)], 0, "bound")
        seen.append(board.bound)

    solve_anytime(school(), AnytimeLimits(), parts=([], [Told(prove)]))

    assert set(seen) == {100.0}


@pytest.mark.parametrize("threads", [1, 2])
def test_improvers_and_bounders_take_turns_or_run_beside_each_other(threads: int) -> None:
    made, seen = school(), set[str]()

    def improve(board: Board, _: Effort) -> None:
        seen.add(threading.current_thread().name)
        board.offer(plan(made, placement(1), placement(2)), "improver")

    def bound(board: Board, _: Effort) -> None:
        seen.add(threading.current_thread().name)
        board.prove(board.value, 0, "bounder")

    found = solve_anytime(made, AnytimeLimits(threads=threads), parts=([Told(improve)], [Told(bound)]))

    assert (threading.current_thread().name in seen) == (threads == 1)
    assert found.certificate is not None


def test_a_part_that_fails_is_not_passed_over() -> None:
    def fail(board: Board, effort: Effort) -> None:
        raise ArithmeticError(f"round {effort.round} of {board.region.id}")

    for threads in (1, 2):
        with pytest.raises(ArithmeticError):
            solve_anytime(school(), AnytimeLimits(threads=threads), parts=([Told(fail)], [Told(fail)]))


def test_who_asks_to_stop_gets_what_holds() -> None:
    held = replace(placement(1), state=PlacementState.SETTLED)
    made = replace(school(), placements=(held,))

    found = solve_anytime(made, AnytimeLimits(), stop=lambda: True)

    assert found.placements == (held,)
    assert [one.student for one in found.unplaced] == ["s2"]


def test_without_a_price_on_fairness_the_bound_still_holds_with_it() -> None:
    made = invented_region(4, 40, 6, scarcity=1.5)

    fair, unfair = (solve_anytime(made, AnytimeLimits(fairness=priced)) for priced in (True, False))

    assert fair.certificate is not None
    assert unfair.certificate is not None
    assert unfair.certificate.bound <= fair.certificate.value <= unfair.certificate.value
    assert cost_parts(without_fairness(made), unfair)["fairness"] == 0
    assert unfair.certificate.parts["unplaced"] <= fair.certificate.parts["unplaced"]
