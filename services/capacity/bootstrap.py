"""Builds capacity: database, store, sealer, relay; the only module that knows its adapters."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters.store import NOBODY, SqlStore, Stamp
from services.capacity.config import Settings
from services.capacity.domain.regions import school_day
from services.capacity.ports import Store
from shared.contracts.catalogue import PLACEMENTS, REGION_SETTINGS, SUPERVISOR_AVAILABILITY
from shared.messaging.outbox import Outbox
from shared.runtime import Runtime
from shared.security.sealing import Sealer, load_master_key
from shared.web.changes import Answer, Changes

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
READS = (PLACEMENTS,)
WRITES = (SUPERVISOR_AVAILABILITY, REGION_SETTINGS)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Parts:
    """What capacity's entrypoints work with: changes, a store on a transaction that writes as some actor, one that reads."""

    settings: Settings
    runtime: Runtime
    changes: Changes
    store: Callable[[AsyncSession, str], Store]
    reading: Callable[[], AbstractAsyncContextManager[Store]]
    clock: Clock

    def today(self) -> date:
        """The day it is in the Netherlands."""
        return school_day(self.clock())

    async def once(
        self, request: Request, operation: Callable[[Store], Awaitable[Answer]], actor: str, key: str | None = None
    ) -> Response:
        """Carries out a change in one transaction, once per Idempotency-Key (or `key`), and answers after the commit."""
        return await self.changes.once(request, lambda tx: operation(self.store(tx, actor)), key)


def build(settings: Settings, clock: Clock = lambda: datetime.now(UTC)) -> Parts:
    """All parts of capacity; nothing connects yet. In development a missing master key is made, in production it must be there."""
    runtime = Runtime("capacity", settings, MIGRATIONS, topics=(*READS, *WRITES))
    outbox = Outbox(f"{settings.event_source}:capacity")
    sealer = Sealer(load_master_key(settings.key_file, may_create=settings.mode == "development"))

    def store(tx: AsyncSession, actor: str) -> Store:
        return SqlStore(tx, outbox, sealer, Stamp(clock(), actor))

    @asynccontextmanager
    async def reading() -> AsyncIterator[Store]:
        async with runtime.database.reading() as tx:
            yield store(tx, NOBODY)

    return Parts(settings, runtime, Changes(runtime.database, runtime.relay.wake), store, reading, clock)
