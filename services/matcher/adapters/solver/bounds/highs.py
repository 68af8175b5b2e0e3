"""HiGHS as the bounds use it: one thread, no output, limits that are no clocks, and an interrupt from outside."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import highspy
import numpy as np

from services.matcher.adapters.solver.bounds.program import Arrays, Floats, Ints

FEASIBLE = highspy.SolutionStatus.kSolutionStatusFeasible
PASS_WORK, IPM_WORK, SIMPLEX_WORK, BRANCH_WORK = 2e-6, 5e-7, 5e-10, 3e-9
"""What passing a program, and an iteration, count for per entry of the matrix: about seconds of one core (measured)."""
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


def branch(arrays: Arrays, cost: Floats, depth: int, nodes: int, watch: Watch) -> Searched:
    """The program with whole columns up to a depth, within so many nodes; costs are best small numbers."""
    solver = quiet(mip_max_nodes=nodes, mip_rel_gap=0.0, mip_abs_gap=1e-6, mip_heuristic_effort=0.0)
    lp = lp_of(arrays, cost)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    whole = arrays.depth <= depth
    lp.integrality_ = [kinds[one] for one in whole.tolist()]
    solver.passModel(lp)
    solver.HandleUserInterrupt = True
    solver.cbMipInterrupt += lambda event: event.interrupt() if watch() else None
    solver.cbSimplexInterrupt += lambda event: event.interrupt() if watch() else None
    solver.run()
    watch.count(solver, len(arrays.values), BRANCH_WORK if whole.any() else SIMPLEX_WORK)
    is_optimal, info = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, solver.getInfo()
    found = np.array(solver.getSolution().col_value, dtype=np.float64)
    if len(found) != len(arrays.upper) or info.primal_solution_status != FEASIBLE:
        return Searched(info.mip_dual_bound if whole.any() else -np.inf, None, False)
    value = float(cost @ found)
    if whole.any():
        return Searched(min(info.mip_dual_bound, value), found, is_optimal)
    return Searched(
        value if is_optimal else -np.inf, found, is_optimal
    )  # HiGHS tells no dual bound without whole columns


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
