"""Cuts that say exactly which mixes of students one supervisor can take, as far as a solution breaks them."""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from services.matcher.adapters.solver.bounds.highs import quiet
from services.matcher.adapters.solver.bounds.model import Cut, Load, Model
from services.matcher.adapters.solver.bounds.patterns import Patterns, patterns_of
from services.matcher.adapters.solver.bounds.program import Floats, Ints
from services.matcher.domain.vocabulary import Tier

WORTH = 1e-3
"""A cut is added when the solution breaks it by more than this part of its side."""
LIFT = 1e-3
"""What a size that is not used weighs in the search for a cut, so that it is lifted."""
DENOMINATORS = range(1, 241)
NEAR = 1e-7


@dataclass(frozen=True, slots=True)
class Mixed:
    """A load with its patterns, and the columns that each dimension of a pattern counts."""

    load: Load
    patterns: Patterns
    columns: tuple[tuple[int, ...], ...]


def mixes(model: Model) -> list[Mixed]:
    """The loads of which all patterns are known; not those of guides who may share a student's hours in a team."""
    found = []
    for load in model.loads:
        mixed = None if load.tier is Tier.WPB and model.eased.is_split else mix_of(load)
        if mixed is not None:
            found.append(mixed)
    return found


def mix_of(load: Load) -> Mixed | None:
    """The patterns of a load without the dimensions that are always 0."""
    dimensions = [columns for _, columns, _ in load.counts]
    if load.openings and load.fixed:
        dimensions.append(load.openings)
    patterns = patterns_of(load)
    if patterns is None:
        return None
    used = patterns.max(axis=0) > 0
    kept = tuple(columns for columns, is_used in zip(dimensions, used, strict=True) if is_used)
    return Mixed(load, np.unique(patterns[:, used], axis=0), kept) if kept else None


def separate(mixed: Sequence[Mixed], solution: Floats) -> list[Cut]:
    """A cut for every load whose mix in this solution is no average of patterns; all found in one linear program."""
    points = [np.array([solution[list(columns)].sum() for columns in one.columns]) for one in mixed]
    doubtful = [index for index, point in enumerate(points) if np.abs(point - np.rint(point)).max() > NEAR]
    if not doubtful:
        return []
    weights = _weights([mixed[index].patterns for index in doubtful], [points[index] for index in doubtful])
    cuts = []
    for index, weight in zip(doubtful, weights, strict=True):
        cut = _cut(mixed[index], weight, points[index])
        if cut is not None:
            cuts.append(cut)
    return cuts


def _weights(patterns: Sequence[Patterns], points: Sequence[Floats]) -> list[Floats]:
    """Per load the weights that make the point largest while no pattern exceeds 1."""
    widths = [len(point) for point in points]
    heights = [len(one) for one in patterns]
    first = np.concatenate([[0], np.cumsum(widths)])
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = int(first[-1]), sum(heights)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.concatenate(points) + LIFT
    lp.col_lower_, lp.col_upper_ = np.zeros(first[-1]), np.ones(first[-1])
    lp.row_lower_, lp.row_upper_ = np.full(sum(heights), -np.inf), np.ones(sum(heights))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.repeat(widths, heights))]).astype(np.int32)
    index = [
        np.tile(np.arange(width) + start, height)
        for width, height, start in zip(widths, heights, first[:-1], strict=True)
    ]
    lp.a_matrix_.index_ = np.concatenate(index).astype(np.int32)
    lp.a_matrix_.value_ = np.concatenate([one.ravel() for one in patterns]).astype(np.float64)
    solver = quiet(solver="simplex")
    solver.passModel(lp)
    solver.run()
    weight = np.array(solver.getSolution().col_value)
    return [weight[start : start + width] for start, width in zip(first[:-1], widths, strict=True)]


def _cut(mixed: Mixed, weight: Floats, point: Floats) -> Cut | None:
    """The weights in whole numbers, with the side worked out again from the patterns, so that it is valid."""
    whole = _whole(weight)
    side = int((mixed.patterns @ whole).max())
    if side <= 0 or float(whole @ point) <= side * (1 + WORTH):
        return None
    entries = tuple(
        (column, int(value)) for columns, value in zip(mixed.columns, whole, strict=True) for column in columns if value
    )
    return Cut(mixed.load, tuple(whole.tolist()), entries, side)


def _whole(weight: Floats) -> Ints:
    for denominator in DENOMINATORS:
        scaled = weight * denominator
        if np.abs(scaled - np.rint(scaled)).max() < NEAR * denominator:
            return np.rint(scaled).astype(np.int64)
    return np.rint(weight * DENOMINATORS[-1]).astype(np.int64)
