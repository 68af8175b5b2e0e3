"""From row prices to what one more quarter hour or one more seat is worth."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.matcher.adapters.solver.bounds.cuts import mix_of
from services.matcher.adapters.solver.bounds.highs import Relaxed
from services.matcher.adapters.solver.bounds.limits import Prices
from services.matcher.adapters.solver.bounds.model import Cut, Model
from services.matcher.adapters.solver.bounds.program import PRICE_PARTS, Floats, Ints, reduced_costs, rounded_prices
from services.matcher.domain.ids import PeriodId, SupervisorId

NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class OfStudents:
    """What it costs to place each student, which part of each is left out, and what one more of each group costs, by number."""

    worth: Floats
    left: Floats
    groups: Mapping[int, float]


def prices_of(model: Model, cost: Ints, given: Floats) -> Prices:
    """The prices of hours and seats at these prices of rows; what is not named is not scarce."""
    index, arrays = model.eased.tables.index, model.program.arrays()
    row_prices = np.zeros(model.program.height)
    row_prices[: len(given)] = given  # the last cuts have no price yet
    seats = {
        (index.workplaces[workplace], index.periods[period]): price
        for (workplace, period), row in model.seat_rows.items()
        if (price := -float(row_prices[row])) > NOTHING
    }
    reduced = reduced_costs(arrays, cost, rounded_prices(arrays, row_prices)).astype(np.float64) / PRICE_PARTS
    return Prices(_hours(model, row_prices, reduced), seats)


def dearest(one: Prices, other: Prices) -> Prices:
    """Each price as high as the higher of the two."""
    hours = {key: max(one.hours.get(key, 0.0), other.hours.get(key, 0.0)) for key in (*one.hours, *other.hours)}
    seats = {key: max(one.seats.get(key, 0.0), other.seats.get(key, 0.0)) for key in (*one.seats, *other.seats)}
    return Prices(hours, seats)


def _hours(model: Model, row_prices: Floats, reduced: Floats) -> dict[tuple[SupervisorId, PeriodId], float]:
    """One more quarter hour eases the row of the hours, each cut by as much as the best mix then weighs more, and the
    most students of a size where that is what the hours set."""
    index, found = model.eased.tables.index, defaultdict[tuple[int, int], float](float)
    for load in model.loads:
        key, scale = (load.supervisor, load.period), model.eased.scale if load.is_guide else 1
        if key in model.hour_rows:
            found[key] -= float(row_prices[model.hour_rows[key]]) * scale
        eased = load.with_hours(load.hours + scale)
        for (_, columns, most), (*_, then) in zip(load.counts, eased.counts, strict=True):
            found[key] += (then - most) * max(0.0, -float(reduced[list(columns)].min()))
    for row, cut in model.cuts:
        if -row_prices[row] > NOTHING:
            found[cut.load.supervisor, cut.load.period] -= float(row_prices[row]) * _eased(model, cut)
    return {
        (index.supervisors[supervisor], index.periods[period]): price
        for (supervisor, period), price in found.items()
        if price > NOTHING
    }


def _eased(model: Model, cut: Cut) -> int:
    """By how much the side of a cut rises with one more quarter hour."""
    scale = model.eased.scale if cut.load.is_guide else 1
    mixed = mix_of(cut.load.with_hours(cut.load.hours + scale))
    if mixed is None or mixed.patterns.shape[1] != len(cut.weights):
        return 0
    return max(0, int((mixed.patterns @ np.array(cut.weights)).max()) - cut.side)


def of_students(model: Model, relaxed: Relaxed) -> OfStudents:
    """What a linear program of the primary cost says about students; nothing before one is solved."""
    start, students = np.asarray(model.eased.tables.places.start), model.first
    has_row, worth = np.diff(start) > 0, np.zeros(students)
    if len(relaxed.prices) < has_row.sum() or len(relaxed.solution) < students:
        return OfStudents(worth, np.ones(students), {})
    worth[has_row] = relaxed.prices[: has_row.sum()]
    groups = {group: -float(relaxed.prices[row]) for group, row in model.group_rows.items()}
    return OfStudents(worth, relaxed.solution[:students], groups)
