"""Whose fault it is that an event cannot be planned for: the event's own, that of its region as it was before, or the machine's."""

from enum import Enum, auto

import structlog

from services.matcher.handlers.memory import Seen
from services.matcher.ports import CannotPlanNow, NoAllowedPlan, Planner, Watch
from shared.messaging.retry import Backoff

DEATHS = 3
"""So often in a row planning must fail with an event, while each time the whole region as it was before goes well, to be its fault."""

log = structlog.get_logger(__name__)


class Fault(Enum):
    """Whose fault it is; of the machine, and where it is not known yet, the event is tried again."""

    OF_EVENT = auto()
    OF_REGION = auto()
    OF_MACHINE = auto()


class Blame:
    """Looks into one event that cannot be planned for, as often as that fails."""

    def __init__(self, planner: Planner, watch: Watch, origin: str) -> None:
        """`origin` is where the event lies: topic/partition/offset."""
        self._planner, self._watch, self._origin = planner, watch, origin
        self._backoff, self._deaths = Backoff(), 0

    async def of(self, problem: NoAllowedPlan | CannotPlanNow, seen: Seen | None) -> Fault:
        """Whose fault this is, in a region as it was before the event (None without a plan); waits where it is to be tried again."""
        is_death = isinstance(problem, CannotPlanNow)
        can_be_tried = seen is not None and seen.held() is not None
        if seen is None or not can_be_tried:  # nothing was ever planned for it, so that nothing can be compared
            return await self._again(problem) if is_death else Fault.OF_EVENT
        try:
            await self._planner.try_out(seen.state.facts.id, seen.stamp, seen.held)
        except NoAllowedPlan as same:
            log.error("a region cannot be planned for as it is", region=seen.state.facts.id, refusal=str(same))
            return Fault.OF_REGION
        except CannotPlanNow as same:
            self._deaths = 0
            return await self._again(same)
        self._deaths += is_death
        return await self._again(problem) if is_death and self._deaths < DEATHS else Fault.OF_EVENT

    async def _again(self, problem: Exception) -> Fault:
        self._watch.waits_for_machine()
        log.warning("an event waits for the machine", origin=self._origin, problem=str(problem))
        await self._backoff.pause()
        return Fault.OF_MACHINE
