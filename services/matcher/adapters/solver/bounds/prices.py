"""From row prices to what one more quarter hour or one more seat is worth."""

import numpy as np

from services.matcher.adapters.solver.bounds.cuts import mix_of
from services.matcher.adapters.solver.bounds.limits import Prices
from services.matcher.adapters.solver.bounds.model import Cut, Model
from services.matcher.adapters.solver.bounds.program import Floats
from services.matcher.domain.ids import PeriodId, SupervisorId

NOTHING = 1e-6


def prices_of(model: Model, row_prices: Floats) -> Prices:
    """The prices of hours and seats; what is not named is not scarce."""
    index = model.eased.tables.index
    seats = {
        (index.workplaces[workplace], index.periods[period]): price
        for (workplace, period), row in model.seat_rows.items()
        if (price := -float(row_prices[row])) > NOTHING
    }
    return Prices(_hours(model, row_prices), seats)


def dearest(one: Prices, other: Prices) -> Prices:
    """Each price as high as the higher of the two."""
    hours = {key: max(one.hours.get(key, 0.0), other.hours.get(key, 0.0)) for key in (*one.hours, *other.hours)}
    seats = {key: max(one.seats.get(key, 0.0), other.seats.get(key, 0.0)) for key in (*one.seats, *other.seats)}
    return Prices(hours, seats)


def _hours(model: Model, row_prices: Floats) -> dict[tuple[SupervisorId, PeriodId], float]:
    """One more quarter hour eases the row of the hours, and each cut by as much as the best mix then weighs more."""
    index, found = model.eased.tables.index, dict[tuple[int, int], float]()
    for load in model.loads:
        key = (load.supervisor, load.period)
        if key in model.hour_rows:
            scale = model.eased.scale if load.is_guide else 1
            found[key] = -float(row_prices[model.hour_rows[key]]) * scale
    for row, cut in model.cuts:
        price = -float(row_prices[row]) if row < len(row_prices) else 0.0  # the last cuts have no price yet
        if price > NOTHING:
            key = (cut.load.supervisor, cut.load.period)
            found[key] = found.get(key, 0.0) + price * _eased(model, cut)
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
