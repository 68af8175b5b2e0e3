"""CP-SAT on the exact rules for everybody at once, in the same time: what the neighbourhoods' model does when it is not small."""

from threading import Event, Thread

from ortools.sat.python import cp_model

from bench.solver.trace import Clock, Sample, Tell
from services.matcher.adapters.solver.model import Model
from services.matcher.adapters.solver.repair import drop_invalid, with_states
from services.matcher.adapters.solver.submodel import give_hint, one_worker, state_costs, state_rules
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region

LOOK_S = 0.02


def solve_whole(region: Region, clock: Clock, tell: Tell) -> Plan:
    """One model, one worker, starting from what holds today; nothing is told while it is being built."""
    held = drop_invalid(region, Plan(region.id, region.today, region.placements))[0]
    model = _whole(region, dict(held.by_student()))
    solver = one_worker(region.settings.seed)
    solver.best_bound_callback = lambda bound: tell(Sample(clock.seconds, bound=max(0.0, bound)))
    status = cp_model.UNKNOWN if clock.is_over() else _watched(solver, model, clock, tell)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return held
    tell(Sample(clock.seconds, bound=max(0.0, solver.best_objective_bound)))
    placed = model.placements({var.index: solver.value(var) for var in model.choices()})
    ledger = Ledger(Atlas(region), placed)
    plan = Plan(region.id, region.today, tuple(with_states(ledger.atlas, sorted(placed, key=lambda one: one.student))))
    assert not check(region, plan)
    value = sum(cost_parts(region, plan).values())
    assert value <= round(solver.objective_value), "a plan in the making may cost less than its model says, never more"
    tell(Sample(clock.seconds, value, len(region.students) - len(placed)))
    return plan


def _whole(region: Region, held: dict[StudentId, Placement]) -> Model:
    """As the neighbourhoods' model is built, with everybody free."""
    atlas = Atlas(region)
    ledger, openings = Ledger(atlas), Openings(atlas)
    at_school = Ledger(atlas, held.values()).site_of
    vacated = {(at_school[name], period) for name, one in held.items() for period in one.periods}
    places = {name: openings.of(student) for name, student in region.students.items()}
    model = Model(ledger, places, groups_of(atlas), vacated)
    state_rules(model)
    state_costs(model)
    give_hint(model, held)
    return model


def _watched(solver: cp_model.CpSolver, model: Model, clock: Clock, tell: Tell) -> cp_model.CpSolverStatus:
    """Solve until the clock is over: CP-SAT's own time limit is the wall's."""
    done = Event()

    def watch() -> None:
        while not done.wait(LOOK_S):
            if clock.is_over():
                solver.stop_search()

    watcher = Thread(target=watch)
    watcher.start()
    try:
        return solver.solve(model.cp, _Told(model, clock, tell))
    finally:
        done.set()
        watcher.join()


class _Told(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]  # ortools has no annotations
    """Tells each plan as it is found."""

    def __init__(self, model: Model, clock: Clock, tell: Tell) -> None:
        super().__init__()
        self._left, self._clock, self._tell = list(model.left.values()), clock, tell

    def on_solution_callback(self) -> None:
        """The objective is the whole cost, or somewhat more as long as fairness steps are counted that need not be."""
        unplaced = sum(self.boolean_value(one) for one in self._left)
        self._tell(Sample(self._clock.seconds, round(self.objective_value), unplaced))
