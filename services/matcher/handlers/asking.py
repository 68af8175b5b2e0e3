"""Who may have what tried on a copy of a region, and what of that they may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.matcher.domain.facts import Document
from services.matcher.domain.viewing import AGGREGATE
from services.matcher.handlers.answering import SCENARIOS, Answering
from services.matcher.ports.answering import Job, TrialKind, Trials, TrialState, Tried, Workshop
from shared.errors import Conflict, NotFound
from shared.security.callers import Caller

MOST_OPEN, MOST_LISTED = 5, 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that may be tried."""

    region: str
    kind: TrialKind
    name: str
    seconds: int
    document: Document

    def as_trial(self, identifier: str, now: datetime) -> Tried:
        """The same, to be kept."""
        return Tried(identifier, self.region, self.kind, self.name, self.seconds, self.document, now)


class Asking:
    """Scenarios are for the region itself and for whoever runs Leerplek."""

    def __init__(self, answering: Answering, trials: Trials, workshop: Workshop) -> None:
        """`workshop` reads the region against which a scenario is checked."""
        self._answering, self._trials, self._workshop = answering, trials, workshop

    async def scenario(self, caller: Caller, region: str, document: Document, seconds: int) -> Asked:
        """Raises RegionProblems with all that is wrong with the scenario for this region."""
        await self._may_begin(caller, region)
        found = await self._workshop.do(Job("scenario_check", {"region": region, "document": document}))
        return Asked(region, TrialKind.SCENARIO, str(found["name"]), seconds, document)

    async def levers(self, caller: Caller, region: str, seconds: int) -> Asked:
        """Every lever of the region, each by itself."""
        await self._may_begin(caller, region)
        return Asked(region, TrialKind.LEVERS, "hefbomen", seconds, {})

    async def _may_begin(self, caller: Caller, region: str) -> None:
        await self._check(caller, region)
        found = [one for kind in TrialKind for one in await self._trials.listed(region, kind, MOST_LISTED)]
        if sum(not one.state.is_over for one in found) >= MOST_OPEN:
            detail = f"Er lopen al {MOST_OPEN} scenario's in deze regio. Wacht tot er een klaar is, of breek er een af."
            raise Conflict("te-veel-scenarios", detail)

    async def _check(self, caller: Caller, region: str) -> None:
        caller.must_have(SCENARIOS)
        await self._answering.check_known(caller, region, AGGREGATE)

    async def get(self, caller: Caller, region: str, trial: str) -> Tried:
        """Raises NotFound, also for one of another region."""
        await self._check(caller, region)
        found = await self._trials.get(trial)
        if found.region != region:
            raise NotFound("onbekend-scenario", "Dit scenario is er niet, of niet meer.")
        return found

    async def listed(self, caller: Caller, region: str, kind: TrialKind) -> Sequence[Tried]:
        """Those of a region, the newest first."""
        await self._check(caller, region)
        return await self._trials.listed(region, kind, MOST_LISTED)

    async def last_levers(self, caller: Caller, region: str) -> tuple[Tried, Sequence[Document]]:
        """What was found last; raises NotFound when nothing was."""
        for one in await self.listed(caller, region, TrialKind.LEVERS):
            if one.state is TrialState.DONE and one.result is not None:
                return one, one.result["levers"]
        detail = "Wat hefbomen waard zijn is hier nog niet uitgerekend. Vraag het aan met POST op dit adres."
        raise NotFound("nog-geen-hefbomen", detail)
