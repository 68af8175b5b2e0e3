"""Rounds over the sites of a region as a part of the anytime search; what does not change is worked out once."""

from dataclasses import dataclass, replace

from services.matcher.adapters.solver.board import Board, Effort
from services.matcher.adapters.solver.greedy import Places, complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.repair import with_states
from services.matcher.adapters.solver.rounds import Rounds
from services.matcher.adapters.solver.search import LEAST_PER_ROUND
from services.matcher.adapters.solver.valuation import Group, groups_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region

BETWEEN_OFFERS = 1.0
"""Deterministic time between two plans that are offered, since the checker looks at each."""


@dataclass(frozen=True, slots=True)
class _Known:
    region: Region
    atlas: Atlas
    places: Places
    groups: list[Group]


class SiteRounds:
    """Places who waits, then improves site by site with every lever that is on."""

    def __init__(self) -> None:
        """Nothing is known of any region yet."""
        self._known: _Known | None = None

    def improve(self, board: Board, effort: Effort) -> None:
        """Offer better plans until the effort is spent, a whole pass brings nothing, or the board says stop."""
        known = self._of(board.region)
        ledger = Ledger(known.atlas, board.best.placements)
        complete(ledger, known.places)
        complete_with_levers(ledger, known.places)
        _offer(board, ledger, "greedy")
        spent, offered = 0.0, 0.0
        for outcome in Rounds(ledger, known.places, known.groups, SolveLimits(1.0, effort.seed)).run():
            spent += max(LEAST_PER_ROUND, outcome.deterministic_time)
            if spent - offered >= BETWEEN_OFFERS:
                _offer(board, ledger, "rounds")
                offered = spent
            if spent >= effort.deterministic_time or board.should_stop():
                break
        _offer(board, ledger, "rounds")

    def _of(self, region: Region) -> _Known:
        if self._known is None or self._known.region is not region:
            atlas = Atlas(region)
            openings = Openings(atlas)
            places = {one: openings.of(region.students[one]) for one in sorted(region.students)}
            self._known = _Known(region, atlas, places, groups_of(atlas))
        return self._known


def _offer(board: Board, ledger: Ledger, stage: str) -> None:
    placed = [ledger.placed[student] for student in sorted(ledger.placed)]
    plan = Plan(board.region.id, board.region.today, tuple(with_states(ledger.atlas, placed)))
    board.offer(replace(plan, unplaced=()), stage)
