"""The regions that a process beside the one that answers has at hand, each as it was at some plan version."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

from services.matcher.adapters.answers import SqlReads
from services.matcher.adapters.workroom.catching_up import state_of
from services.matcher.domain import limits
from services.matcher.domain.assembling import assemble
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.competing import Competition
from services.matcher.domain.ids import RegionId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.viewing import NO_PLAN
from services.matcher.ports import RegionState
from shared.errors import NotFound
from shared.persistence.database import Database

TRIES = 5
"""A plan that is replaced while it is read is read again, so often at most."""


@dataclass
class Known:
    """A region with its plan, and what is looked up in it again and again; the same plan may get a later number."""

    state: RegionState
    region: Region
    version: int

    @cached_property
    def plan(self) -> Plan:
        """The plan that holds."""
        return Plan(self.region.id, self.region.today, self.region.placements)

    @cached_property
    def ledger(self) -> Ledger:
        """What is booked."""
        return Ledger(Atlas(self.region), self.plan.by_student().values())

    @cached_property
    def competition(self) -> Competition:
        """Who holds what, and who waits for it."""
        return Competition(self.ledger)

    @cached_property
    def openings(self) -> Openings:
        """Where students could be."""
        return Openings(self.ledger.atlas)


class Library:
    """Reads regions from the database, and again only when there is a newer plan."""

    def __init__(self, database_url: str) -> None:
        """Nothing is read yet."""
        self._database = Database(database_url)
        self._reads = SqlReads(self._database, "")
        self._loop = asyncio.new_event_loop()
        self._known: OrderedDict[str, Known] = OrderedDict()
        self.is_tired = False
        """Work was left behind that goes on by itself: this process must end after the job."""

    def region(self, region: str) -> Known:
        """The region as it is now; raises NotFound without a plan."""
        known = self._loop.run_until_complete(self._read(region))
        self._known[region] = known
        self._known.move_to_end(region)
        while len(self._known) > limits.REGIONS_AT_HAND:
            self._known.popitem(last=False)
        return known

    def close(self) -> None:
        """Closes the database."""
        self._loop.run_until_complete(self._database.close())
        self._loop.close()

    async def _read(self, region: str) -> Known:
        version = await self._reads.version(region)
        held = self._known.get(region)
        if held is not None and held.version == version:
            return held
        if held is not None and not await self._reads.is_replanned(region, held.version, version):
            held.version = version
            return held
        state = await self._state(region, None if held is None else held.state)
        model = assemble(state.facts, state.placements(), state.had())
        if model is None:
            raise NotFound(*NO_PLAN)
        return Known(state, model, state.version)

    async def _state(self, region: str, known: RegionState | None) -> RegionState:
        """Facts and places of one moment: what changed meanwhile is read again."""
        for _ in range(TRIES):
            known = await state_of(self._database, RegionId(region), known)
            if await self._reads.version(region) == known.version:
                break
        assert known is not None
        return known
