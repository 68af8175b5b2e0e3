"""Plans in this process, for whoever has nothing else to do meanwhile: commands, and tests."""

from collections.abc import Collection
from contextlib import suppress

from services.matcher.adapters.planning import Desk
from services.matcher.domain.changes import Suggestion
from services.matcher.domain.ids import RegionId
from services.matcher.ports import Again, Base, NoAllowedPlan, Planned, Step


class OwnProcess:
    """Plans in this process, for whoever has nothing else to do meanwhile: the same plans."""

    def __init__(self) -> None:
        """One desk answers, one improves."""
        self._answering, self._improving = Desk(), Desk()

    async def plan(self, step: Step, base: Base) -> Planned:
        """The plan after the step. Raises NoAllowedPlan."""
        if self._answering.can_take(step):
            with suppress(NoAllowedPlan):
                return self._answering.take(step)
        self._answering.begin(step.region, step.after, base())
        return self._answering.take(step)

    async def try_out(self, region: RegionId, stamp: int, base: Base) -> None:
        """Plans for the state with nothing changed."""
        self._answering.try_out(region, stamp, base())

    async def begin(self, region: RegionId, stamp: int, base: Base) -> None:
        """Builds the state now."""
        self._answering.begin(region, stamp, base())

    async def only(self, regions: Collection[RegionId]) -> None:
        """Forgets every other region."""
        for desk in (self._answering, self._improving):
            desk.only(regions)

    async def suggest(self, region: RegionId, stamp: int, turn: int, base: Base) -> Suggestion | None:
        """What one turn of improving finds."""
        return self._at(region, stamp, base).suggest(region, turn)

    async def suggest_again(self, region: RegionId, stamp: int, again: Again, base: Base) -> Suggestion:
        """What was found once, in this state."""
        return self._at(region, stamp, base).suggest_again(region, again)

    def _at(self, region: RegionId, stamp: int, base: Base) -> Desk:
        if not self._improving.knows(region, stamp):
            self._improving.begin(region, stamp, base())
        return self._improving
