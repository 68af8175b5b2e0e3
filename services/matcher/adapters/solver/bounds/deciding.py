"""The plan that a solution of a bound's program in whole numbers describes: who is where is given, who guides is found."""

from collections.abc import Mapping, Sequence

from services.matcher.adapters.solver.board import Board
from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.program import Floats
from services.matcher.adapters.solver.repair import with_states
from services.matcher.adapters.solver.submodel import Aim, improve
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.options import Place
from services.matcher.domain.plan import Plan

TAKEN = 0.5
EFFORT = 1.0
"""Deterministic time for who guides whom; mostly a tenth is enough."""


def decided(board: Board, model: Model, solution: Floats) -> tuple[Plan | None, float]:
    """A plan in which nobody is elsewhere than in the solution, though some may be left out; and the work it took."""
    ledger, limits = Ledger(board.atlas), SolveLimits(EFFORT)
    outcome = improve(ledger, _chosen(board, model, solution), groups_of(board.atlas), limits, Aim.AT_LENGTH)
    if outcome.placements is None:
        return None, outcome.deterministic_time
    placed = with_states(board.atlas, [ledger.placed[one] for one in sorted(ledger.placed)])
    return Plan(board.region.id, board.region.today, tuple(placed)), outcome.deterministic_time


def _chosen(board: Board, model: Model, solution: Floats) -> Mapping[StudentId, Sequence[Place]]:
    """Per student the one place of the solution, if any."""
    tables, chosen = model.eased.tables, dict[StudentId, list[Place]]()
    places, index = tables.places, tables.index
    for student in index.students:
        chosen[student] = []
    for place in range(len(places.student)):
        if solution[model.first + place] > TAKEN:
            student = index.students[places.student[place]]
            where = (index.workplaces[places.workplace[place]], int(places.set_index[place]))
            chosen[student] = [one for one in board.places[student] if (one.workplace, one.set_index) == where]
    return chosen
