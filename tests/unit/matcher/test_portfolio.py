"""Anytime solving: what is kept, when it ends, and that the parts may be anything."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from services.matcher.adapters.solver import portfolio
from services.matcher.adapters.solver.portfolio import (
    AnytimeLimits,
    Board,
    Parts,
    Progress,
    Turn,
    solve_anytime,
    without_fairness,
)
from services.matcher.adapters.solver.portfolio_parts import Annealing
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState
from tests.support.regions import invented_region, placement, plan, region, site, student, supervisor, workplace


@dataclass
class Told:
    """A part of which the test says what it does."""

    act: Callable[[Board, Turn], None]
    work: float = 1.0
    turns: int = 10
    next_work: float = 0.0

    def take(self, board: Board, turn: Turn) -> float | None:
        self.act(board, turn)
        return self.work if turn.number < self.turns else None


def only(improvers: Sequence[Told] = (), bounders: Sequence[Told] = ()) -> Callable[[Board], Parts]:
    """No other parts than these."""
    return lambda _: Parts(improvers, bounders)


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

    def offer(board: Board, _: Turn) -> None:
        kept.append(board.offer(plan(made, placement(1), placement(2)), "wrong"))
        kept.append(board.offer(plan(made, placement(1)), "right"))
        kept.append(board.offer(plan(made, placement(2)), "no better"))

    found = solve_anytime(made, AnytimeLimits(), parts=only([Told(offer)]))

    assert kept[:3] == [False, True, False]
    assert [one.student for one in found.placements] == ["s1"]
    assert [one.student for one in found.unplaced] == ["s2"]


def test_a_bound_is_rounded_up_to_whole_points_and_never_falls() -> None:
    seen: list[float] = []

    def prove(board: Board, turn: Turn) -> None:
        board.prove([99.2, 50.0, 99.9][min(turn.number, 2)], 0, "bound")
        seen.append(board.bound)

    solve_anytime(school(), AnytimeLimits(), parts=only([], [Told(prove)]))

    assert set(seen) == {100.0}


@pytest.mark.parametrize("threads", [1, 2])
def test_improvers_and_bounders_take_turns_or_run_beside_each_other(threads: int) -> None:
    made, seen = school(), set[str]()

    def improve(board: Board, _: Turn) -> None:
        seen.add(threading.current_thread().name)
        board.offer(plan(made, placement(1), placement(2)), "improver")

    def bound(board: Board, _: Turn) -> None:
        seen.add(threading.current_thread().name)
        board.prove(board.value, 0, "bounder")

    found = solve_anytime(made, AnytimeLimits(threads=threads), parts=only([Told(improve)], [Told(bound)]))

    assert (threading.current_thread().name in seen) == (threads == 1)
    assert found.certificate is not None


def test_a_part_that_fails_is_not_passed_over() -> None:
    def fail(board: Board, turn: Turn) -> None:
        raise ArithmeticError(f"round {turn.number} of {board.region.id}")

    for threads in (1, 2):
        with pytest.raises(ArithmeticError):
            solve_anytime(school(), AnytimeLimits(threads=threads), parts=only([Told(fail)], [Told(fail)]))


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


@pytest.mark.parametrize(("few", "turns"), [(0, range(3, 7)), (500, range(7, 11))])
def test_bounds_get_their_share_of_the_work_once_there_is_a_plan_and_a_larger_one_where_students_are_few(
    few: int, turns: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolio, "FEW", few)
    told: list[tuple[str, int]] = []
    improver = Told(lambda _, turn: told.append(("plan", turn.number)), work=1.0, turns=30)
    bounder = Told(lambda _, turn: told.append(("bound", turn.number)), work=2.0, turns=30)

    limits, enough = AnytimeLimits(time_s=60), lambda: len(told) >= 16
    solve_anytime(school(), limits, stop=enough, parts=only([improver], [bounder]))

    assert told[0] == ("plan", 0)
    assert [name for name, _ in told].count("bound") in turns


def test_after_their_first_program_bounds_wait_until_plans_had_their_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "FEW", 0)
    monkeypatch.setattr(portfolio, "NEXT_WORK", 4.0)
    told: list[str] = []
    improver, bounder = Told(lambda *_: told.append("plan")), Told(lambda *_: told.append("bound"), work=0.1)

    limits, enough = AnytimeLimits(time_s=60), lambda: len(told) >= 12
    solve_anytime(school(), limits, stop=enough, parts=only([improver], [bounder]))

    assert told[:11] == ["plan", "bound", "bound", *["plan"] * 7, "bound"]


def test_parts_take_turns_by_the_work_that_they_did() -> None:
    told: list[str] = []
    slow = Told(lambda *_: told.append("slow"), work=3.0)
    quick = Told(lambda *_: told.append("quick"), work=1.0)

    limits, enough = AnytimeLimits(time_s=60), lambda: len(told) >= 8
    solve_anytime(school(), limits, stop=enough, parts=only([slow, quick]))

    assert told[:8] == ["slow", "quick", "quick", "quick", "slow", "quick", "quick", "quick"]


def test_who_has_a_long_search_to_come_keeps_nobody_waiting() -> None:
    order: list[str] = []
    slow = Told(lambda *_: order.append("slow"), turns=1, next_work=8.0)
    quick = Told(lambda *_: order.append("quick"), turns=5)

    solve_anytime(school(), AnytimeLimits(), parts=only([], [slow, quick]))

    assert order[:5] == ["quick"] * 5


def test_what_the_arrays_of_the_search_do_not_know_is_kept_beside_it() -> None:
    made = invent(Wanted(150, Family.LEVERS, 3)).region
    steps: list[Progress] = []

    found = solve_anytime(made, AnytimeLimits(time_s=6), steps.append)

    assert any(one.relief is not None or len(one.wpb) > 1 or one.duo_with for one in found.placements)
    assert {"annealing", "rounds"} & {one.stage for one in steps}
    assert not check(made, found)


def test_where_no_plan_can_place_another_student_annealing_lowers_the_small_costs() -> None:
    made = invent(Wanted(200, Family.PERIODS, 1)).region
    values = dict[bool, int]()
    for is_known in (False, True):
        board, part = Board(made, lambda _: None, lambda: False), Annealing()
        for number in range(2):
            part.take(board, Turn(number, 1))
        if is_known:
            board.prove(board.value - 1_000, 0, "bound")
        part.take(board, Turn(2, 1))
        values[is_known] = board.value

    assert values[True] < values[False]
