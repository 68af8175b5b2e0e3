"""The incremental engine: holds a region and its plan, takes a change, and gives back the repaired plan."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace

import structlog

from services.matcher.adapters.solver.engine.answers import Answer
from services.matcher.adapters.solver.engine.changes import Change
from services.matcher.adapters.solver.engine.event import Event
from services.matcher.adapters.solver.engine.improving import Improvement, annealed, rounded
from services.matcher.adapters.solver.engine.repairing import Knobs
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.repair import book_allowed
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.explanation import explain
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many students may move who did not lose their own place: so many for each who did or is new, so many at least."""

    per_target: int = 2
    at_least: int = 2

    def of(self, targets: int) -> int:
        """The number for an event with so many targets."""
        return max(self.at_least, self.per_target * targets)


class Engine:
    """A region, its plan, and the tables that both need. The same region, plan and change give the same answer, whatever
    happened before; a change that makes nothing worse and frees nothing moves nobody."""

    def __init__(self, region: Region, knobs: Knobs = Knobs()) -> None:  # noqa: B008 - frozen
        """Start from what the region holds, as far as that is allowed."""
        atlas = Atlas(region)
        ledger = Ledger(atlas)
        held = Plan(region.id, region.today, region.placements).by_student().values()
        self.lost_at_start = tuple(book_allowed(ledger, held))
        self._knobs = knobs
        self._state = State(region, (ledger.placed[one] for one in sorted(ledger.placed)))

    @property
    def region(self) -> Region:
        """The region as it is, with the plan as what holds."""
        held = self._state.held
        return replace(self._state.region, placements=tuple(held[one] for one in sorted(held)))

    @property
    def value(self) -> int:
        """What the plan costs as it stands, with no promise broken and nobody moved."""
        return sum(self._state.tally.parts().values())

    def plan(self) -> Plan:
        """The plan as it stands, with a reason for everybody without a place."""
        state = self._state
        placements = tuple(state.held[one] for one in sorted(state.held))
        reasons = tuple(explain(state.ledger, state.region.students[one]) for one in sorted(state.waiting))
        certificate = Certificate.of(state.tally.parts(), 0.0, 0)
        return Plan(state.region.id, state.region.today, placements, reasons, certificate)

    def warm(self) -> None:
        """Look up every student's chances now, so that no event waits for it."""
        for one in self._state.region.students:
            self._state.blocks.of(one)

    def apply(self, change: Change, budget: Budget = Budget()) -> Answer:  # noqa: B008 - frozen
        """The repaired plan after a change, or after many at once; it is adopted as what holds."""
        if change.whole is not None:
            raise NotImplementedError
        return Event(self._state, change, self._knobs).answer(budget.of)

    def improve(self, improvement: Improvement) -> int:
        ...
