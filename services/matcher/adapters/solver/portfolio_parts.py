"""What takes turns in a solve: a greedy start, the compiled ejection search, and CP-SAT on the exact rules."""

from services.matcher.adapters.solver.board import Board, Effort
from services.matcher.adapters.solver.compiled.search import (
    BLOCK,
    COLD,
    HOT,
    REHEAT,
    EjectionSearch,
    fixed_of,
    rows_of,
)
from services.matcher.adapters.solver.compiled.tables import Tables, tables_of
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.greedy import complete
from services.matcher.adapters.solver.repair import with_states
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Plan

SMALL = 60
"""Up to so many students CP-SAT proves the optimum at once, sooner than the compiled search is loaded."""


class GreedyStart:
    """Completes what holds with the scarcest students first: an allowed plan long before anything else has one."""

    def improve(self, board: Board, effort: Effort) -> None:
        """Offer the completed plan, once, where it is not better left to CP-SAT."""
        if effort.round > 0 or len(board.region.students) <= SMALL:
            return
        ledger, openings = Ledger(board.atlas, board.best.placements), Openings(board.atlas)
        waiting = sorted(board.region.students.keys() - ledger.placed.keys())
        complete(ledger, {one: openings.of(board.region.students[one]) for one in waiting})
        placements = with_states(board.atlas, (ledger.placed[one] for one in sorted(ledger.placed)))
        board.offer(Plan(board.region.id, board.region.today, tuple(placements)), "greedy")


class EjectionRounds:
    """One round of annealing a turn, from the best plan that anybody found."""

    def __init__(self) -> None:
        """The arrays are laid out at the first turn."""
        self._tables: Tables | None = None

    def improve(self, board: Board, effort: Effort) -> None:
        """Offer what the round found."""
        if len(board.region.students) <= SMALL:
            return
        if self._tables is None:
            self._tables = tables_of(board.atlas)
        held = board.best.by_student()
        stays = fixed_of(board.region, board.best)
        stays |= {name for name, one in held.items() if name not in stays and rows_of(self._tables, one) is None}
        fixed = Ledger(board.atlas, (held[name] for name in sorted(stays)))
        run = EjectionSearch(board.atlas, self._tables, fixed, set(board.region.students) - stays, effort.seed)
        run.begin(one for name, one in sorted(held.items()) if name not in stays)
        points = board.region.settings.costs.unplaced
        hot = REHEAT if effort.round else HOT
        for done in range(0, effort.steps, BLOCK):
            if board.should_stop():
                break
            block = (min(BLOCK, effort.steps - done), (done, effort.steps))
            run.run(*block, (hot * points, COLD * points))
        board.offer(Plan(board.region.id, board.region.today, tuple(run.placements())), "ejection")


class CpSatRounds:
    """CP-SAT on neighbourhoods and, where that is small enough, on the whole region."""

    def improve(self, board: Board, effort: Effort) -> None:
        """Offer what the solver makes of the best plan, and its bound when it has one."""
        limits = SolveLimits(effort.deterministic_time, effort.seed)
        found = CpSatSolver().solve(board.region, board.best, limits)
        board.offer(found, "cp-sat")
        if found.certificate is not None:
            board.prove(found.certificate.bound, found.certificate.unplaced_bound, "cp-sat")
