"""A value for every variable of a model, so that CP-SAT starts from the plan that holds."""

from collections.abc import Mapping

from services.matcher.adapters.solver.model import Column, Model
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement
from services.matcher.domain.vocabulary import Tier


def hint_of(model: Model, held: Mapping[StudentId, Placement]) -> dict[int, int]:
    """By index of variable: the values that stand for these placements, and for nobody else's."""
    values = {var.index: 0 for var in model.choices()}
    for student in model.free:
        column = _column(model, held.get(student))
        values[model.left[student].index] = int(column is None)
        if column is not None:
            values[column.var.index] = 1
            _hint_team(column, held[student], values)
            _hint_trainers(model, column, held[student], values)
    for var, causes in model.opened:
        values[var.index] = int(any(values[cause.index] for cause in causes))
    for var, wanted in model.same:
        values[var.index] = int(all(bool(values[cause.index]) == is_wanted for cause, is_wanted in wanted))
    for levels, counted in model.levels:
        left = sum(values[var.index] for var in counted)
        for level, width in levels:
            values[level.index] = min(width, left)
            left -= values[level.index]
    return values


def _column(model: Model, placement: Placement | None) -> Column | None:
    if placement is None:
        return None
    return next((one for one in model.columns[placement.student] if _is_for(one, placement)), None)


def _is_for(column: Column, placement: Placement) -> bool:
    place, people = column.place, [share.supervisor for share in placement.wpb]
    if (column.relief, column.duo_with) != (placement.relief, placement.duo_with):
        return False
    if place.workplace != placement.workplace or set(place.periods) != set(placement.periods):
        return False
    if column.guide is not None:
        return people == [column.guide.supervisor]
    return len(people) > 1 and {*people} <= {one.guide.supervisor for one in column.members}


def _hint_team(column: Column, placement: Placement, values: dict[int, int]) -> None:
    shares = {share.supervisor: share.qh for share in placement.wpb}
    for one in column.members:
        if one.guide.supervisor in shares:
            values[one.is_in.index] = 1
            values[one.qh.index] = shares[one.guide.supervisor]


def _hint_trainers(model: Model, column: Column, placement: Placement, values: dict[int, int]) -> None:
    place = column.place
    for tier, trainer in ((Tier.SO, placement.so), (Tier.IO, placement.io)):
        calls = model.calls[tier, place.student, place.periods, place.site]
        if len(calls) > 1:
            for call in calls:
                values[call.chosen[0].index] = int(call.trainer == trainer)
