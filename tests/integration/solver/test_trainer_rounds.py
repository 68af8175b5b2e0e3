"""Rounds where trainers are scarce: fewer are left out, promises stay, and what is found is allowed."""

from dataclasses import replace

from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.portfolio import default_parts
from services.matcher.adapters.solver.portfolio_parts import Annealing
from services.matcher.adapters.solver.submodel import Aim, improve
from services.matcher.adapters.solver.trainer_rounds import TrainerRounds
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState

PRIMARY = ("unplaced", "fairness")


def begun(made: Region) -> Board:
    """A board with the plan of one short annealing."""
    board = Board(made, lambda _: None, lambda: False)
    Annealing().take(board, Turn(0, 1))
    return board


def primary(made: Region, plan: Plan) -> int:
    parts = cost_parts(made, plan)
    return sum(parts[name] for name in PRIMARY)


def test_they_leave_out_fewer_and_what_they_offer_is_allowed() -> None:
    made = invent(Wanted(150, Family.TRAINERS, 1)).region
    board, rounds = begun(made), TrainerRounds()
    before = primary(made, board.best)

    worked = [rounds.take(board, Turn(number, 1 + number)) for number in range(2)]

    assert all(worked)
    assert primary(made, board.best) < before
    assert not check(made, board.best)


def test_who_has_a_promise_keeps_the_place() -> None:
    made = invent(Wanted(150, Family.TRAINERS, 1)).region
    held = tuple(replace(one, state=PlacementState.SETTLED) for one in begun(made).best.placements[:60])
    made = replace(made, placements=held)
    board, rounds = begun(made), TrainerRounds()

    for number in range(2):
        rounds.take(board, Turn(number, 1 + number))

    kept = board.best.by_student()
    assert all(kept[one.student].workplace == one.workplace for one in held)


def test_where_nobody_waits_they_end() -> None:
    made = invent(Wanted(60, Family.TRAINERS, 1, 0.0)).region
    everybody = begun(made)
    placed = {one: found for one, found in made.students.items() if one in everybody.best.by_student()}
    board = Board(replace(made, students=placed), lambda _: None, lambda: False, everybody.best)

    assert TrainerRounds().take(board, Turn(1, 1)) is None


def test_a_plan_as_good_for_who_is_left_out_is_taken_whatever_the_rest_costs() -> None:
    made = invent(Wanted(60, Family.TRAINERS, 1)).region
    board = begun(made)
    ledger = Ledger(board.atlas, board.best.placements)
    free = {one: board.places[one] for one in sorted(ledger.placed)[:10]}
    before = primary(made, board.best)

    outcome = improve(ledger, free, groups_of(board.atlas), SolveLimits(1.0), Aim.PRIMARY)

    assert outcome.placements is not None
    assert primary(made, replace(board.best, placements=tuple(ledger.placed.values()))) <= before


def test_they_take_turns_where_trainers_are_scarce_and_nowhere_else() -> None:
    chosen = {}
    for family in (Family.TRAINERS, Family.HOURS, Family.LEVERS):
        parts = default_parts(Board(invent(Wanted(100, family, 1)).region, lambda _: None, lambda: False))
        chosen[family] = any(isinstance(one, TrainerRounds) for one in parts.improvers)

    assert chosen == {Family.TRAINERS: True, Family.HOURS: False, Family.LEVERS: False}
