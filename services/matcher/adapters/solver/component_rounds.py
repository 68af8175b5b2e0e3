"""Rounds over whole components where trainers are scarce: what CP-SAT proves of each adds up, and what it finds is a plan.

A component is students whom no rule ties to the others, though fairness may. With k of a group who fit nowhere, u, v, … of it left out
in the components, and F what those of a group cost together, F(k + u + v + …) >= F(k) + (F(k + u) - F(k)) + (F(k + v) - F(k)) + …,
since each next one costs no less than the one before. So what those who fit nowhere cost, and the least cost of each component counted
after them, add up to a bound on the primary cost of every plan.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import ceil

from ortools.sat.python import cp_model

from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.bounds.parts import Union
from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.model import Model
from services.matcher.adapters.solver.repair import with_states
from services.matcher.adapters.solver.rows import PRIMARY_COSTS, broken_promises
from services.matcher.adapters.solver.submodel import (
    NOISE,
    give_hint,
    one_worker,
    solve_until,
    state_costs,
    state_rules,
)
from services.matcher.adapters.solver.valuation import Group, groups_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger, partners_of
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.prices import break_cost

EFFORTS = (0.5, 16.0, 40.0)
"""Deterministic time of each try at a component. Measured at 300 students: most take less than the first, those of 130 to 170
students 5 to 10."""
SEED = 1
"""How long a try takes is partly luck: with other seeds or plans to begin from it is twice as much and more."""
LONG = 9.0
"""About what a long try takes. It begins from the best plan, so it had better be a good one."""
LOOK = 0.05
"""What a turn counts for in which nothing is solved."""


@dataclass(slots=True)
class Component:
    """Students who are solved together, what leaving out some of them costs at least, and how often that was tried."""

    students: tuple[StudentId, ...]
    least: int = 0
    tries: int = 0
    is_proven: bool = False

    @property
    def is_open(self) -> bool:
        """Another try may prove more."""
        return not self.is_proven and self.tries < len(EFFORTS)


class ComponentRounds:
    """Solves one component a turn for who is left out, those first that were tried least."""

    def __init__(self) -> None:
        """Nobody is divided yet."""
        self._components: list[Component] | None = None
        self._nowhere: tuple[StudentId, ...] = ()

    @property
    def next_work(self) -> float:
        """Little for a first try; a long one waits until plans had their work, since it begins from the best."""
        component = self._next()
        return LONG if component is not None and component.tries else 0.0

    def take(self, board: Board, turn: Turn) -> float | None:  # noqa: ARG002 - each try is its own
        """Offer a plan and prove a bound on the primary cost; None when no more is to be had."""
        if self._components is None:
            self._components = [Component(tuple(one)) for one in components(board.atlas, board.places)]
            self._nowhere = tuple(one for one, places in board.places.items() if not places)
            self._prove(board)
            return LOOK
        component = self._next()
        if component is None or board.primary <= board.primary_bound:
            return None
        spent = self._solve(board, component)
        self._join()
        self._prove(board)
        return spent

    def _next(self) -> Component | None:
        opened = [one for one in self._components or () if one.is_open]
        return min(opened, key=lambda one: (one.tries, -len(one.students)), default=None)

    def _join(self) -> None:
        """When all were tried, those that were proven at once join the largest that was not, or at the end each other.

        That is hardly more work, and fairness over both is exact. Measured (trainers, 300 students): of 150 and 26 students 16
        and 4 units, of both 23, in 10 and in 9 of deterministic time (seed 2); 6 and 12, of both 18, in 10 and 5 (seed 3).
        """
        found = self._components or []
        opened, costing = [one for one in found if one.is_open], [one for one in found if one.is_proven and one.least]
        if any(not one.tries for one in opened):
            return
        if opened:
            joined = [max(opened, key=lambda one: len(one.students)), *(one for one in costing if one.tries == 1)]
        else:
            joined = costing if all(one.is_proven for one in found) else []
        if len(joined) < 2:
            return
        students = tuple(student for one in joined for student in one.students)
        both = Component(students, sum(one.least for one in joined), tries=1)
        self._components = [*(one for one in found if one not in joined), both]

    def _solve(self, board: Board, component: Component) -> float:
        model, held = self._model(board, component), board.best.by_student()
        give_hint(model, {one: held[one] for one in component.students if one in held})
        solver = one_worker(SEED)
        solver.parameters.max_deterministic_time = EFFORTS[component.tries]
        status = solve_until(solver, model.cp, board.should_stop)
        component.tries += 1
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            found = model.placements({var.index: solver.value(var) for var in model.choices()})
            self._offer(board, component, found)
            component.least = max(component.least, ceil(solver.best_objective_bound - NOISE))
            component.is_proven = status == cp_model.OPTIMAL
        spent: float = solver.response_proto.deterministic_time
        return max(LOOK, spent)

    def _model(self, board: Board, component: Component) -> Model:
        """The component alone, of which each watched group begins with those who fit nowhere."""
        counted = {*component.students, *self._nowhere}
        groups = [Group(frozenset(group.members & counted), group.steps) for group in groups_of(board.atlas)]
        model = Model(Ledger(board.atlas), {one: board.places[one] for one in component.students}, groups)
        state_rules(model)
        state_costs(model, (*PRIMARY_COSTS, broken_promises))
        return model

    def _offer(self, board: Board, component: Component, found: Iterable[Placement]) -> None:
        """These placements beside those of everybody else."""
        others = [one for one in board.best.placements if one.student not in component.students]
        placed = with_states(board.atlas, sorted([*others, *found], key=lambda one: one.student))
        board.offer(Plan(board.region.id, board.region.today, tuple(placed)), "component")

    def _prove(self, board: Board) -> None:
        costs, held = board.region.settings.costs, board.atlas.held
        least = sum(costs.unplaced + break_cost(costs, held.get(one)) for one in self._nowhere)
        least += sum(group.price(len(group.members.intersection(self._nowhere))) for group in groups_of(board.atlas))
        board.prove_primary(least + sum(one.least for one in self._components or ()), "component")


def components(atlas: Atlas, places: Places) -> list[list[StudentId]]:
    """Students who may be at the same sites, guided by the same people, or are to be together or apart; the largest first."""
    students = [one for one, found in places.items() if found]
    number: dict[str, int] = {}
    ties = [[number.setdefault(one, len(number)) for one in _ties(places, student)] for student in students]
    union = Union(len(number))
    for tie in ties:
        union.join(tie)
    for student, (together, apart) in partners_of(atlas).items():
        named = (f"student {one}" for one in (student, *sorted(together | apart)))
        union.join(number[one] for one in named if one in number)
    found: dict[int, list[StudentId]] = {}
    for student in students:
        found.setdefault(union.find(number[f"student {student}"]), []).append(student)
    return sorted(found.values(), key=lambda one: (-len(one), one))


def _ties(places: Places, student: StudentId) -> Collection[str]:
    """What a student may share with others, each by a name of its own."""
    found = {f"student {student}": None}
    for place in places[student]:
        people = [one.supervisor for one in (*place.guides, *place.members)]
        trainers = [one for one in (*place.sos, *place.ios) if one is not None]
        found |= dict.fromkeys([f"site {place.site}", *(f"person {one}" for one in (*people, *trainers))])
    return found
