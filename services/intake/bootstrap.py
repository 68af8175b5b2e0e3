"""Builds intake: database, store, relay; the only module that knows its adapters."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.store import SqlStore
from services.intake.config import Settings
from services.intake.ports import Store
from shared.clock import Clock, machine_clock
from shared.contracts.catalogue import PLACEMENTS, REGION_SETTINGS, STUDENT_REGISTRATIONS
from shared.messaging.outbox import Outbox
from shared.runtime import Runtime
from shared.web.changes import Changes

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
READS = (REGION_SETTINGS, PLACEMENTS)
WRITES = (STUDENT_REGISTRATIONS,)


@dataclass(frozen=True, slots=True)
class Parts:
    """What intake's entrypoints work with: changes, a store on a transaction that writes as some actor, one that reads."""

    runtime: Runtime
    changes: Changes[Store]
    store: Callable[[AsyncSession, str], Store]
    reading: Callable[[], AbstractAsyncContextManager[Store]]
    clock: Clock


def build(settings: Settings, clock: Clock = machine_clock) -> Parts:
    """All parts of intake; nothing connects yet."""
    runtime = Runtime("intake", settings, MIGRATIONS, topics=(*READS, *WRITES))
    outbox = Outbox(f"{settings.event_source}:intake")

    def store(tx: AsyncSession, actor: str) -> Store:
        return SqlStore(tx, outbox, clock(), actor)

    @asynccontextmanager
    async def reading() -> AsyncIterator[Store]:
        async with runtime.database.reading() as tx:
            yield SqlStore(tx, outbox, clock(), runtime.name, locks=False)

    return Parts(runtime, Changes(runtime.database, store, runtime.relay.wake), store, reading, clock)
