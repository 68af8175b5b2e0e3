"""A plan by the quickest means, for while the compiled search is not there yet."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.board import Board, Progress, is_allowed
from services.matcher.adapters.solver.greedy import complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.repair import with_states
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Plan


@dataclass(slots=True)
class Stopgap:
    """Stands in for the board's best plan as long as that one costs more.

    The solve itself knows nothing of it, so that the same file and seed give the same plan whether or not it was needed.
    """

    on_progress: Callable[[Progress], None]
    plan: Plan | None = None
    value: int = 0

    def make(self, board: Board) -> None:
        """Everybody without a place gets one as far as that goes, the scarcest first; tell it when that is better."""
        ledger = Ledger(board.atlas, board.best.placements)
        complete(ledger, board.places)
        complete_with_levers(ledger, board.places)
        placed = with_states(board.atlas, (ledger.placed[one] for one in sorted(ledger.placed)))
        found = Plan(board.region.id, board.region.today, tuple(placed))
        value = sum(cost_parts(board.region, found).values())
        if value < board.value and is_allowed(board.region, found):
            self.plan, self.value = found, value
            board.tell("stopgap")

    def tell(self, step: Progress) -> None:
        """Pass a step on, with this plan where it is the better one."""
        if self.plan is not None and self.value < step.value:
            left = step.unplaced + len(step.plan.placements) - len(self.plan.placements)
            step = replace(step, plan=self.plan, value=self.value, unplaced=left)
        self.on_progress(step)

    def better(self, board: Board) -> Plan:
        """The board's best plan, or this one where it costs less."""
        return self.plan if self.plan is not None and self.value < board.value else board.best
