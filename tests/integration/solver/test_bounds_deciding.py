"""Where few students are, a bound's program is solved in whole numbers: what it finds is a plan, and who stops need not wait."""

from threading import Event

import numpy as np
import pytest

from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.bounds.bound import BoundTurns
from services.matcher.adapters.solver.bounds.highs import Effort, Watch, branch, is_through
from services.matcher.adapters.solver.bounds.program import EVERYTHING, Program
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent

PRIMARY = ("unplaced", "fairness", "promises")


def primary_cost(board: Board) -> int:
    parts = cost_parts(board.region, board.best)
    return sum(parts[name] for name in PRIMARY)


@pytest.mark.parametrize(("family", "seed"), [(Family.HOURS, 4), (Family.PERIODS, 2), (Family.INCREMENTAL, 1)])
def test_a_bound_finds_a_plan_that_leaves_out_as_little_as_it_proves(family: Family, seed: int) -> None:
    board = Board(invent(Wanted(70, family, seed)).region, lambda _: None, lambda: False)
    bounder, before = BoundTurns(board), board.value
    number = 0
    while bounder.take(board, Turn(number, seed=1)) is not None:
        number += 1
    assert board.value < before
    assert board.bound >= primary_cost(board)


def test_what_has_no_solution_has_an_infinite_bound() -> None:
    program = Program()
    column = program.column(3, primary=1, depth=EVERYTHING)
    program.row([(column, 2)], at_least=3, at_most=3)
    found = branch(program.arrays(), np.ones(1), EVERYTHING, Effort(10), Watch(lambda: False))
    assert (found.bound, found.solution) == (np.inf, None)


def test_some_rows_alone_make_a_weaker_program() -> None:
    program = Program()
    column = program.column(9, primary=1, depth=EVERYTHING)
    for least in (2, 5):
        program.row([(column, 1)], at_least=least)
    rows = np.array([0], dtype=np.int64)
    found = branch(program.arrays(), np.ones(1), EVERYTHING, Effort(10), Watch(lambda: False), rows=rows)
    assert found.bound == pytest.approx(2)


class Deaf:
    """Computes on until it is let go."""

    def __init__(self) -> None:
        self.go = Event()

    def run(self) -> None:
        self.go.wait(60)


def test_who_stops_does_not_wait_for_a_search_that_does_not_listen() -> None:
    solver = Deaf()
    assert not is_through(solver, Watch(lambda: True))
    solver.go.set()


def test_a_search_that_ends_by_itself_is_through() -> None:
    solver = Deaf()
    solver.go.set()
    assert is_through(solver, Watch(lambda: False))
