"""The linear relaxation of the rows that matter so far, kept with its basis from one solve to the next."""

import highspy
import numpy as np
import numpy.typing as npt

from services.matcher.adapters.solver.bounds.highs import Relaxed, Watch, lp_of, quiet, sized
from services.matcher.adapters.solver.bounds.program import Arrays, Floats, Ints, Program

MANY = 2_000
Bools = npt.NDArray[np.bool_]


class Relaxation:
    """A program solved again and again, with more rows and other costs each time.

    By the dual simplex from the last basis, which a few more rows hardly disturb, or by the interior point method from
    nothing, which has the better of it where trainers' openings make every corner degenerate.
    """

    def __init__(self, program: Program, watch: Watch) -> None:
        """Nothing is solved yet."""
        self._program, self._watch = program, watch
        self._solver: highspy.Highs | None = None
        self._rows: Ints = np.zeros(0, dtype=np.int64)
        self._lower: Floats = np.zeros(0)

    def by_simplex(self, cost: Ints, rows: Bools, iterations: int) -> Relaxed:
        """Solve with these rows; rows that were in before stay in."""
        arrays = self._program.arrays()
        solver = self._updated(arrays, cost, np.flatnonzero(rows))
        solver.setOptionValue("simplex_iteration_limit", iterations)
        solver.run()
        self._watch.count(solver, len(arrays.part(self._rows)[1]))
        return _read(solver, arrays, self._rows)

    def by_interior(self, cost: Ints, rows: Bools, iterations: int) -> Relaxed:
        """Solve with these rows from nothing, without the crossover to a corner that a bound can do without."""
        arrays, chosen = self._program.arrays(), np.flatnonzero(rows)
        solver = quiet(solver="ipm", run_crossover="off", ipm_iteration_limit=iterations)
        solver.setOptionValue("ipm_optimality_tolerance", 1e-5)
        solver.passModel(lp_of(arrays, cost, chosen))
        self._listen(solver)
        solver.run()
        self._watch.count(solver, len(arrays.part(chosen)[1]))
        return _read(solver, arrays, chosen)

    def _listen(self, solver: highspy.Highs) -> None:
        watch = self._watch
        solver.HandleUserInterrupt = True
        solver.cbSimplexInterrupt += lambda event: event.interrupt() if watch() else None
        solver.cbIpmInterrupt += lambda event: event.interrupt() if watch() else None

    def _updated(self, arrays: Arrays, cost: Ints, rows: Ints) -> highspy.Highs:
        if self._solver is None:
            self._solver = quiet(solver="simplex", simplex_strategy=1)
            self._solver.passModel(lp_of(arrays, cost, rows))
            self._listen(self._solver)
            self._rows, self._lower = rows, arrays.row_lower[rows]
            return self._solver
        new = np.setdiff1d(rows, self._rows)
        if len(new) > MANY:  # presolve and a cold start take less than the way from the last corner
            self._solver = None
            return self._updated(arrays, cost, np.union1d(rows, self._rows))
        solver, width = self._solver, len(arrays.upper)
        solver.changeColsCost(width, np.arange(width, dtype=np.int32), cost.astype(np.float64))
        for at in np.flatnonzero(arrays.row_lower[self._rows] != self._lower).tolist():
            row = self._rows[at]
            solver.changeRowBounds(at, arrays.row_lower[row], arrays.row_upper[row])
        if len(new):
            starts, columns, values = arrays.part(new)
            lower, upper = arrays.row_lower[new], arrays.row_upper[new]
            solver.addRows(len(new), lower, upper, len(columns), starts[:-1], columns, values)
        self._rows = np.concatenate([self._rows, new])
        self._lower = arrays.row_lower[self._rows]
        return solver


def _read(solver: highspy.Highs, arrays: Arrays, rows: Ints) -> Relaxed:
    found = solver.getSolution()
    prices = np.zeros(len(arrays.row_lower))
    prices[rows] = sized(found.row_dual, len(rows))
    is_optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return Relaxed(sized(found.col_value, len(arrays.upper)), prices, is_optimal)
