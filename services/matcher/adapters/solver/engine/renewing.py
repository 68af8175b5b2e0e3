"""Seeks the whole plan anew, from what holds: what the turns of improving cannot reach takes a search as wide as a first solve."""

from dataclasses import replace

from services.matcher.adapters.solver.board import Board
from services.matcher.adapters.solver.engine.ejecting import apply_to
from services.matcher.adapters.solver.engine.improving import keep_trainers
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.portfolio import improve_for
from services.matcher.adapters.solver.portfolio_parts import Annealing, SiteRounds
from services.matcher.domain.region import Region

WORK_OF_A_STUDENT, MOST_WORK = 0.02, 40.0
"""Seconds of one core, about. Measured at 1,000 students whose plan no turn of improving made better: of 50 without a place
10 to 15 s leave 41 to 44, 30 s 41 or 42; of 51 in a region with less to gain 15 s leave 50, 30 s 49."""
DEARER = 10
"""How many times its price a move counts while seeking. Measured there, in 30 s: at its price 154 students move and 42 are left, at
ten times that 130 and 41, at fifty times 59 and 45."""


def renew_in_ledger(seed: int, state: State) -> None:
    """The ledger holds a plan that is as good or better by dearer moves than those of the region."""
    placed = state.ledger.placed
    board = Board(_with_dearer_moves(state), lambda _: None, lambda: False)
    work = min(MOST_WORK, WORK_OF_A_STUDENT * len(state.region.students))
    improve_for(board, (Annealing(), SiteRounds()), work, ((), seed))
    best = board.best.by_student()
    apply_to(state.ledger, {one: best.get(one) for one in sorted({*best, *placed}) if best.get(one) != placed.get(one)})
    keep_trainers(state)


def _with_dearer_moves(state: State) -> Region:
    settings, held = state.region.settings, state.held
    costs = settings.costs
    dearer = replace(
        costs, move_workplace=DEARER * costs.move_workplace, move_supervisor=DEARER * costs.move_supervisor
    )
    placements = tuple(held[one] for one in sorted(held))
    return replace(state.region, placements=placements, settings=replace(settings, costs=dearer))
