"""HiGHS as the bounds use it: one thread, no output, limits that are no clocks, and an interrupt from outside."""

import atexit
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Thread
from typing import Protocol

import highspy
import numpy as np

from services.matcher.adapters.solver.bounds.program import Arrays, Floats, Ints

FEASIBLE = highspy.SolutionStatus.kSolutionStatusFeasible
PASS_WORK, IPM_WORK, SIMPLEX_WORK, BRANCH_WORK = 2e-6, 5e-7, 5e-10, 1e-9
"""What passing a program, and an iteration, count for per entry of the matrix: about seconds of one core (measured)."""
ASKED_WORK = 8e-7
"""The same for each time that a search asks whether to go on: heuristics, cuts and presolve make few iterations."""
LOOK_UP_S, GRACE_S, AT_EXIT_S = 0.05, 0.3, 20.0
"""How often it is looked whether to stop, how long HiGHS then has to end, and how long when the process itself ends: they decide
nothing but when to stop."""
SEARCHING = "bound-search"
"""The name of the threads in which HiGHS runs."""
Stop = Callable[[], bool]


@dataclass(slots=True)
class Watch:
    """Says when to stop, and counts the work done: in what are about seconds of one core, but the same on every machine."""

    stop: Stop
    work: float = 0.0

    def __call__(self) -> bool:
        """Is it time to stop?"""
        return self.stop()

    def count(self, solver: highspy.Highs, entries: int, corner: float = SIMPLEX_WORK) -> None:
        """Add what a solver did to a program with so many entries, each corner of which takes so much."""
        info = solver.getInfo()
        interior = max(0, info.ipm_iteration_count) * IPM_WORK
        corners = max(0, info.simplex_iteration_count) * corner
        self.work += entries * (PASS_WORK + interior + corners)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A solution of the linear relaxation and the prices of its rows; neither need be precise, see `program.proven`."""

    solution: Floats
    prices: Floats
    is_optimal: bool


@dataclass(frozen=True, slots=True)
class Searched:
    """What branching proved at least, the solution it found if any, and whether that is optimal."""

    bound: float
    solution: Floats | None
    is_optimal: bool


def quiet(**options: bool | float | str) -> highspy.Highs:
    """A solver that prints nothing, on one thread."""
    _say_nothing_at_first()
    solver: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]
    common: dict[str, bool | float | str] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 1,
    }
    for name, value in {**common, **options}.items():
        solver.setOptionValue(name, value)
    return solver


@cache
def _say_nothing_at_first() -> None:
    """The first solver of a process prints a banner on file 1 before it can be told not to; others may be reading that."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()  # type: ignore[no-untyped-call]
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def relax(arrays: Arrays, cost: Ints, iterations: int, watch: Watch) -> Relaxed:
    """The linear relaxation by the interior point method, without the crossover to a corner that a bound can do without.

    Measured on 2,000 students: a quarter of the time of the dual simplex, and cuts found from the middle of the optimal
    face need half as many rounds.
    """
    solver = quiet(solver="ipm", run_crossover="off", ipm_iteration_limit=iterations)
    solver.passModel(lp_of(arrays, cost))
    solver.HandleUserInterrupt = True
    solver.cbIpmInterrupt += lambda event: event.interrupt() if watch() else None
    solver.run()
    watch.count(solver, len(arrays.values))
    found = solver.getSolution()
    width, height = len(arrays.upper), len(arrays.row_lower)
    return Relaxed(
        sized(found.col_value, width),
        sized(found.row_dual, height),
        solver.getModelStatus() == highspy.HighsModelStatus.kOptimal,
    )


def sized(numbers: object, size: int) -> Floats:
    """Zeros where HiGHS gives nothing."""
    given = np.array(numbers, dtype=np.float64)
    return given if len(given) == size else np.zeros(size)


class Runs(Protocol):
    """A solver, as far as it is run."""

    def run(self) -> object:
        """Until it ends."""
        ...


@dataclass(frozen=True, slots=True)
class Effort:
    """Nodes of a search, the part of its work that looks for solutions, and the seed: another one, another search."""

    nodes: int
    looking: float = 0.0
    seed: int = 1


@dataclass(slots=True, eq=False)
class _Ear:
    """What HiGHS asks and tells while it searches."""

    watch: Watch
    asked: int = 0
    bound: float = -np.inf

    def __call__(self, event: highspy.HighsCallbackEvent) -> None:
        """Go on, unless it is time to stop."""
        self.asked += 1
        self.bound = max(self.bound, event.data_out.mip_dual_bound)
        if self.watch():
            event.interrupt()


def branch(
    arrays: Arrays, cost: Floats, depth: int, effort: Effort, watch: Watch, *, rows: Ints | None = None
) -> Searched:
    """The program, or these rows of it, with whole columns up to a depth; costs are best small numbers.

    Without a solution and with an infinite bound when there is none.
    """
    precise: dict[str, float] = {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-6}
    solver = quiet(mip_max_nodes=effort.nodes, mip_heuristic_effort=effort.looking, random_seed=effort.seed, **precise)
    lp, ear = lp_of(arrays, cost, rows), _Ear(watch)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    whole = arrays.depth <= depth
    lp.integrality_ = [kinds[one] for one in whole.tolist()]
    solver.passModel(lp)
    solver.HandleUserInterrupt = True
    solver.cbMipInterrupt += ear
    solver.cbSimplexInterrupt += lambda event: event.interrupt() if watch() else None
    if not is_through(solver, watch):
        return Searched(ear.bound, None, False)
    entries = int((arrays.lower < arrays.upper)[lp.a_matrix_.index_].sum())
    watch.count(solver, entries, BRANCH_WORK if whole.any() else SIMPLEX_WORK)
    watch.work += entries * ear.asked * ASKED_WORK
    return _searched(solver, cost, is_whole=bool(whole.any()))


def is_through(solver: Runs, watch: Watch) -> bool:
    """Runs the solver in a thread of its own: inside a search it may be deaf for seconds, and who stops is not to wait.

    Whoever is left behind ends by itself when HiGHS asks next; a process waits for that before it ends, since HiGHS would
    ask an interpreter that is gone (a segmentation fault).
    """
    thread = Thread(target=solver.run, name=SEARCHING, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(LOOK_UP_S)
        if thread.is_alive() and watch():
            thread.join(GRACE_S)
            break
    if thread.is_alive():
        atexit.register(thread.join, AT_EXIT_S)
        return False
    return True


def _searched(solver: highspy.Highs, cost: Floats, *, is_whole: bool) -> Searched:
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Searched(np.inf, None, False)
    if status == highspy.HighsModelStatus.kSolveError:
        return Searched(-np.inf, None, False)
    is_optimal = status == highspy.HighsModelStatus.kOptimal
    least = info.mip_dual_bound if is_whole else -np.inf  # HiGHS tells no dual bound without whole columns
    found = np.array(solver.getSolution().col_value, dtype=np.float64)
    if len(found) != len(cost) or info.primal_solution_status != FEASIBLE:
        return Searched(least, None, False)
    value = float(cost @ found)
    if is_whole:
        return Searched(min(least, value), found, is_optimal)
    return Searched(value if is_optimal else -np.inf, found, is_optimal)


def lp_of(arrays: Arrays, cost: Ints | Floats, rows: Ints | None = None) -> highspy.HighsLp:
    """The program as HiGHS takes it, of some rows only where these are given."""
    chosen = np.arange(len(arrays.row_lower), dtype=np.int64) if rows is None else rows
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(arrays.upper), len(chosen)
    lp.col_cost_ = cost.astype(np.float64)
    lp.col_lower_, lp.col_upper_ = arrays.lower.astype(np.float64), arrays.upper.astype(np.float64)
    lp.row_lower_, lp.row_upper_ = arrays.row_lower[chosen], arrays.row_upper[chosen]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = arrays.part(chosen)
    return lp
