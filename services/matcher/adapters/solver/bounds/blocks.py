"""The region in blocks that little ties together: the ties are priced, and each block is solved with whole numbers.

Lagrange: whatever prices the ties have, the blocks' least costs and what the prices pay for the ties' sides are a bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.matcher.adapters.solver.bounds.highs import Effort, Relaxed, Watch, branch
from services.matcher.adapters.solver.bounds.limits import BoundLimits
from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.parts import NONE, Block, blocks_of, joined, part_of_columns, ties_of
from services.matcher.adapters.solver.bounds.program import (
    EVERYTHING,
    PRICE_PARTS,
    Arrays,
    Floats,
    Ints,
    exact_dot,
    proven,
    reduced_costs,
    rounded_prices,
)

Bools = npt.NDArray[np.bool_]
CLOSE = 0.05
SAFETY = 1e-4
"""What is taken off each block's bound, in units of cost, since HiGHS counts in floats."""
LEAST, PATIENCE = 0.02, 3
"""What whole numbers must bring at once, in units, and after how many steps without better the prices are left alone."""
STRIDE = 0.5
"""The part of the way to the next whole unit that a step of the prices aims for."""


@dataclass(slots=True)
class Divided:
    """A program whose ties have prices."""

    arrays: Arrays
    cost: Ints
    ties: Bools
    blocks: Sequence[Block]
    unit: int
    is_open: Bools
    is_loose: bool


def divide(model: Model, cost: Ints, unit_and_rows: tuple[int, Bools], relaxed: Relaxed) -> Divided:
    """The program of the rows that are in, in blocks; those who share a supervisor with a price are one, where few do."""
    unit, rows_in = unit_and_rows
    arrays = model.program.arrays()
    part, is_loose = joined(model, part_of_columns(model), longer(relaxed.prices, model.program.height), rows_in)
    ties = ties_of(model, part)
    is_open = (relaxed.solution > CLOSE) & (relaxed.solution < 1 - CLOSE)
    is_open[model.first :] = False
    return Divided(arrays, cost, ties & rows_in, list(blocks_of(model, part, ties, rows_in)), unit, is_open, is_loose)


def by_blocks(divided: Divided, relaxed: Relaxed, limits: BoundLimits, watch: Watch) -> Iterator[float]:
    """A bound for each step of the prices; it may fall before it rises again."""
    height = len(divided.arrays.row_lower)
    prices = np.where(divided.ties, longer(relaxed.prices, height), 0.0)
    solution = relaxed.solution
    start = proven(divided.arrays, divided.cost, longer(relaxed.prices, height))
    best, idle = start + LEAST * divided.unit, PATIENCE - 1
    for _ in range(limits.steps):
        found = _evaluate(divided, prices, solution, (limits.nodes, watch))
        if found is None:
            return
        value, solution = found
        yield value
        idle = 0 if value > best else idle + 1
        best = max(best, value)
        if idle >= PATIENCE:
            return
        prices = prices + _step(divided, solution, value, best)


def _evaluate(
    divided: Divided, prices: Floats, solution: Floats, effort: tuple[int, Watch]
) -> tuple[float, Floats] | None:
    """The bound at these prices, and the blocks' solutions; None when stopped."""
    arrays, (nodes, watch) = divided.arrays, effort
    parts = rounded_prices(arrays, prices)
    reduced = reduced_costs(arrays, divided.cost, parts)
    side = np.where(parts > 0, arrays.row_lower, np.where(parts < 0, arrays.row_upper, 0.0)).astype(np.int64)
    total = exact_dot(parts, side) / PRICE_PARTS
    solution = solution.copy()
    for block in divided.blocks:
        if watch():
            return None
        own = block.columns[block.columns != NONE]
        if not len(block.arrays.row_lower):
            free = reduced[own]
            total += exact_dot(free, np.where(free > 0, block.arrays.lower, block.arrays.upper)) / PRICE_PARTS
            solution[own] = np.where(free > 0, block.arrays.lower, block.arrays.upper)
            continue
        cost = np.zeros(len(block.columns))
        cost[: len(own)] = reduced[own].astype(np.float64) / PRICE_PARTS / divided.unit
        depth = (
            EVERYTHING if divided.is_open[own].any() else 0
        )  # where nobody is half placed whole numbers bring little
        searched = branch(block.arrays, cost, depth, Effort(nodes), watch)
        if not np.isfinite(searched.bound):
            return None
        total += (searched.bound - SAFETY) * divided.unit
        if searched.solution is not None:
            solution[own] = searched.solution[: len(own)]
    return total, solution


def _step(divided: Divided, solution: Floats, value: float, best: float) -> Floats:
    """Prices move along what the blocks together break, as far as the next unit is away."""
    arrays = divided.arrays
    activity = np.bincount(arrays.row_of_entry(), arrays.values * solution[arrays.columns], len(arrays.row_lower))
    lacking = np.where(np.isfinite(arrays.row_lower), arrays.row_lower - activity, 0.0)
    beyond = np.where(np.isfinite(arrays.row_upper), arrays.row_upper - activity, 0.0)
    slope = np.where(divided.ties, np.where(lacking > 0, lacking, np.minimum(beyond, 0.0)), 0.0)
    size = float(slope @ slope)
    target = (np.floor(best / divided.unit + 1e-6) + 1) * divided.unit
    return slope * (STRIDE * (target - value) / size if size else 0.0)


def longer(prices: Floats, height: int) -> Floats:
    """With 0 for the rows that came later."""
    return np.concatenate([prices, np.zeros(height - len(prices))])
