"""Solves one exact model with CP-SAT, starting from a plan that is allowed, and never answers with a worse one."""

from dataclasses import dataclass
from math import ceil

from ortools.sat.python import cp_model

from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.model import Column, Model, Var
from services.matcher.adapters.solver.rows import COSTS, RULES
from services.matcher.adapters.solver.valuation import Group
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.options import Option
from services.matcher.domain.plan import Placement
from services.matcher.domain.vocabulary import Tier

NOISE = 1e-4
"""Costs are whole points, and CP-SAT tells its bound as a float that may lie a hair above or below one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Better options for the free students, or None; a bound on the free part's cost; whether it is proven; the effort."""

    options: list[Option] | None
    bound: int
    is_optimal: bool
    deterministic_time: float


def improve(ledger: Ledger, places: Places, groups: list[Group], limits: SolveLimits) -> Outcome:
    """Free these students in the ledger, solve, and book them again: as they were, or better."""
    held = {student: ledger.remove(student) for student in sorted(places) if student in ledger.placed}
    model = Model(ledger, places, groups)
    for add in (*RULES, *COSTS):
        add(model)
    model.cp.minimize(
        cp_model.LinearExpr.weighted_sum([var for var, _ in model.terms], [points for _, points in model.terms])
    )
    hint = _hint(model, held)
    for index, value in sorted(hint.items()):
        model.cp.add_hint(model.cp.get_int_var_from_proto_index(index), value)
    outcome = _solve(model, limits, sum(points * hint[var.index] for var, points in model.terms))
    placements = held.values() if outcome.options is None else [one.placement() for one in outcome.options]
    for placement in placements:
        ledger.add(placement)
    return outcome


def _solve(model: Model, limits: SolveLimits, to_beat: int) -> Outcome:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = limits.seed
    solver.parameters.linearization_level = 2  # measured: the LP pays, also in small models
    solver.parameters.max_deterministic_time = limits.deterministic_time
    status = solver.solve(model.cp)
    spent = solver.response_proto.deterministic_time
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Outcome(None, 0, False, spent)
    options = None
    if round(solver.objective_value) < to_beat:
        is_true = {var.index: solver.boolean_value(var) for var in _choices(model)}
        options = model.options(is_true)
    bound = ceil(solver.best_objective_bound - NOISE)
    return Outcome(options, bound, status == cp_model.OPTIMAL, spent)


def _choices(model: Model) -> list[Var]:
    return [column.var for column in model.all_columns()] + [var for call in model.all_calls() for var in call.chosen]


def _hint(model: Model, held: dict[StudentId, Placement]) -> dict[int, int]:
    """A value for every variable, so that CP-SAT starts from the plan that holds."""
    values = {var.index: 0 for var in _choices(model)}
    for student in model.free:
        column = _column(model, held.get(student))
        values[model.left[student].index] = int(column is None)
        if column is not None:
            values[column.var.index] = 1
            _hint_trainers(model, column, held[student], values)
    for var, causes in (*model.open_sites, *model.opened):
        values[var.index] = int(any(values[cause.index] for cause in causes))
    for levels, counted in model.levels:
        left = sum(values[var.index] for var in counted)
        for level, width in levels:
            values[level.index] = min(width, left)
            left -= values[level.index]
    return values


def _column(model: Model, placement: Placement | None) -> Column | None:
    if placement is None:
        return None
    guide, periods = placement.wpb[0].supervisor, set(placement.periods)
    for column in model.columns[placement.student]:
        place = column.place
        if (
            column.guide.supervisor == guide
            and place.workplace == placement.workplace
            and set(place.periods) == periods
        ):
            return column
    return None


def _hint_trainers(model: Model, column: Column, placement: Placement, values: dict[int, int]) -> None:
    place = column.place
    for tier, trainer in ((Tier.SO, placement.so), (Tier.IO, placement.io)):
        calls = model.calls[tier, place.student, place.periods, place.site]
        if len(calls) > 1:
            for call in calls:
                values[call.chosen[0].index] = int(call.trainer == trainer)
