"""How few students any allowed plan of a small region leaves without a place, whatever else such a plan costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from ortools.sat.python import cp_model

from services.matcher.adapters.solver.model import Model
from services.matcher.adapters.solver.submodel import give_hint, one_worker, state_rules
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.options import Place
from services.matcher.domain.plan import Plan

NOISE = 1e-4
"""Students are whole, and CP-SAT tells its bound as a float that may lie a hair above or below one."""
LARGEST = 100
"""Students above whom the whole model is too large to prove anything in any useful time."""


@dataclass(frozen=True, slots=True)
class Fewest:
    """No allowed plan leaves fewer than `unplaced_bound` without a place; finding that took so much deterministic time."""

    unplaced_bound: int
    deterministic_time: float


def fewest_unplaced(
    atlas: Atlas, places: Mapping[StudentId, Sequence[Place]], plan: Plan, known: int, limits: SolveLimits
) -> Fewest:
    """A bound at least as high as the known one, proven on every rule and no cost; the plan is a hint of what can be done.

    The plan must be allowed; `places` are all places of all students, as `Board.places` has them. Nothing is computed when
    the plan leaves no more than is known, or when the region is too large.
    """
    region = atlas.region
    held = {one: at for one, at in plan.by_student().items() if one in region.students}
    nowhere = sum(not places[one] for one in region.students)
    known = max(known, nowhere)
    if len(region.students) - len(held) <= known or len(region.students) > LARGEST:
        return Fewest(known, 0.0)
    model = _model(atlas, {one: list(places[one]) for one in sorted(region.students)})
    model.cp.add(sum(model.left.values()) >= known)
    model.cp.minimize(sum(model.left.values()))
    give_hint(model, held)
    solver = one_worker(limits.seed)
    solver.parameters.max_deterministic_time = limits.deterministic_time
    status = solver.solve(model.cp)
    spent = solver.response_proto.deterministic_time
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Fewest(known, spent)
    return Fewest(max(known, ceil(solver.best_objective_bound - NOISE)), spent)


def _model(atlas: Atlas, places: dict[StudentId, list[Place]]) -> Model:
    """Everybody free in an empty region: every rule, no cost."""
    model = Model(Ledger(atlas), places, ())
    state_rules(model)
    return model
