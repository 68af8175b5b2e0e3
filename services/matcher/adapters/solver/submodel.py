"""Solves one exact model with CP-SAT, starting from a plan that is allowed, and never answers with a worse one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from math import ceil
from threading import Event, Thread

from ortools.sat.python import cp_model

from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.hints import hint_of
from services.matcher.adapters.solver.lever_columns import add_lever_columns
from services.matcher.adapters.solver.model import Model
from services.matcher.adapters.solver.rows import COSTS, PRIMARY_COSTS, RULES
from services.matcher.adapters.solver.valuation import Group
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Placement

NOISE = 1e-4
"""Costs are whole points, and CP-SAT tells its bound as a float that may lie a hair above or below one."""
LOOK_UP_S = 0.05
"""How often it is looked whether to stop: it decides nothing but when to end."""


class Aim(Enum):
    """What an answer is to be.

    BETTER: cheaper than what was there. AT_LENGTH: for seconds on one model, where presolve pays; then what is found is booked
    without comparing, since a model may say more than its plan costs. PRIMARY: no dearer in who is left out and fairness, whatever
    the rest costs: an answer as good is taken too, since from there another may be better.
    """

    BETTER = auto()
    AT_LENGTH = auto()
    PRIMARY = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Better placements for the free students, or None; a bound on the free part's cost; whether proven; the effort."""

    placements: list[Placement] | None
    bound: int
    is_optimal: bool
    deterministic_time: float


def improve(ledger: Ledger, places: Places, groups: list[Group], limits: SolveLimits, aim: Aim = Aim.BETTER) -> Outcome:
    """Free these students in the ledger, solve, and book them again: as they were, or as is aimed for.

    Who is in a duo with somebody who is not free keeps what they have.
    """
    bound_to = halves(ledger.placed, places)
    places = {one: found for one, found in places.items() if one not in bound_to}
    vacated = {
        (ledger.site_of[one], when) for one in places if one in ledger.placed for when in ledger.placed[one].periods
    }
    held = {student: ledger.remove(student) for student in sorted(places) if student in ledger.placed}
    model = Model(ledger, places, groups, vacated)
    state_rules(model)
    state_costs(model, PRIMARY_COSTS if aim is Aim.PRIMARY else COSTS)
    hint = give_hint(model, held)
    now = sum(points * hint[var.index] for var, points in model.terms)
    to_beat = None if aim is Aim.AT_LENGTH else now + (aim is Aim.PRIMARY)
    outcome = _solve(model, limits, to_beat)
    for placement in held.values() if outcome.placements is None else outcome.placements:
        ledger.add(placement)
    return outcome


def state_rules(model: Model) -> None:
    """Every rule, with the columns of every lever that is on."""
    add_lever_columns(model)
    model.call_trainers()
    for add in RULES:
        add(model)


def state_costs(model: Model, costs: Sequence[Callable[[Model], None]] = COSTS) -> None:
    """These costs, every one unless said, of which the sum is to be least."""
    for add in costs:
        add(model)
    model.cp.minimize(
        cp_model.LinearExpr.weighted_sum([var for var, _ in model.terms], [points for _, points in model.terms])
    )


def give_hint(model: Model, held: Mapping[StudentId, Placement]) -> Mapping[int, int]:
    """Let the search begin from these placements; the value of every variable in them."""
    hint = hint_of(model, held)
    for index, value in sorted(hint.items()):
        model.cp.add_hint(model.cp.get_int_var_from_proto_index(index), value)
    return hint


def one_worker(seed: int) -> cp_model.CpSolver:
    """CP-SAT as it is used everywhere here: the same input gives the same answer."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # Ctrl-C is for who watches
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2  # measured: the LP pays, also in small models
    return solver


def solve_until(solver: cp_model.CpSolver, cp: cp_model.CpModel, stop: Callable[[], bool]) -> cp_model.CpSolverStatus:
    """Solve, and end early once `stop` says so: who stops is not to wait for a long search."""
    done = Event()

    def listen() -> None:
        while not done.wait(LOOK_UP_S):
            if stop():
                solver.stop_search()

    listener = Thread(target=listen, name="cp-sat-stop", daemon=True)
    listener.start()
    try:
        return solver.solve(cp)
    finally:
        done.set()
        listener.join()


def quick_presolve(solver: cp_model.CpSolver) -> None:
    """Little is worked out beforehand: measured on small models a quarter faster, and as good."""
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.max_presolve_iterations = 1


def halves(held: Mapping[StudentId, Placement], free: Collection[StudentId]) -> set[StudentId]:
    """Who is free and placed in a duo with somebody who is not."""
    partners = {one: held[one].duo_with for one in free if one in held}
    return {one for one, partner in partners.items() if partner is not None and partner not in free}


def _solve(model: Model, limits: SolveLimits, to_beat: int | None) -> Outcome:
    solver = one_worker(limits.seed)
    if to_beat is not None:
        quick_presolve(solver)
    solver.parameters.max_deterministic_time = limits.deterministic_time
    status = solver.solve(model.cp)
    spent = solver.response_proto.deterministic_time
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Outcome(None, 0, False, spent)
    placements = None
    if to_beat is None or round(solver.objective_value) < to_beat:
        placements = model.placements({var.index: solver.value(var) for var in model.choices()})
    bound = ceil(solver.best_objective_bound - NOISE)
    return Outcome(placements, bound, status == cp_model.OPTIMAL, spent)
