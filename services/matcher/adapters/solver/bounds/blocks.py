"""The region in blocks that little ties together: the ties are priced, and each block is solved with whole numbers.

Lagrange: whatever prices the ties have, the blocks' least costs and what the prices pay for the ties' sides are a bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from services.matcher.adapters.solver.bounds.highs import Watch, branch, relax
from services.matcher.adapters.solver.bounds.limits import BoundLimits
from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.parts import NONE, Block, blocks_of, part_of_columns, ties_of
from services.matcher.adapters.solver.bounds.program import (
    COUNTS,
    PRICE_PARTS,
    Arrays,
    Floats,
    Ints,
    exact_dot,
    proven,
    reduced_costs,
    rounded_prices,
)

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
    ties: npt.NDArray[np.bool_]
    blocks: Sequence[Block]
    unit: int


def divide(model: Model, cost: Ints, unit: int, without: int | None) -> Divided:
    """The program in blocks, without one row that would tie everything."""
    arrays = model.program.arrays()
    if without is not None:
        lower = arrays.row_lower.copy()
        lower[without] = -np.inf
        arrays = replace(arrays, row_lower=lower)
    part = part_of_columns(model)
    ties = ties_of(model, part)
    return Divided(arrays, cost, ties, list(blocks_of(model, part, ties)), unit)


def by_blocks(divided: Divided, limits: BoundLimits, watch: Watch) -> Iterator[float]:
    """A bound for each step of the prices; it may fall before it rises again."""
    relaxed = relax(divided.arrays, divided.cost, limits.iterations, watch)
    prices = np.where(divided.ties, relaxed.prices, 0.0)
    solution = relaxed.solution
    start = proven(divided.arrays, divided.cost, relaxed.prices)
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
        searched = branch(block.arrays, cost, COUNTS, nodes, watch)
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
