"""Builds intake: database, relay, consumer, HTTP; the only module that knows all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.store import SqlStore
from services.intake.config import Settings
from services.intake.entrypoints import stream
from services.intake.entrypoints.http import Doors, build_intake_api
from services.intake.ports import Store
from shared.contracts.catalogue import STUDENT_REGISTRATIONS
from shared.contracts.envelope import Event
from shared.messaging.inbox import Tombstone
from shared.messaging.outbox import Outbox
from shared.runtime import Runtime, run_service
from shared.web.api import build_app
from shared.web.changes import Changes

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"


async def run(settings: Settings) -> None:
    """Runs intake until it is told to stop."""
    runtime = Runtime("intake", settings, MIGRATIONS, topics=(STUDENT_REGISTRATIONS, *stream.TOPICS))
    outbox = Outbox(f"{settings.event_source}:intake")

    def store(tx: AsyncSession, actor: str = "opleiding") -> Store:
        return SqlStore(tx, outbox, datetime.now(UTC), actor)

    @asynccontextmanager
    async def reading() -> AsyncIterator[Store]:
        async with runtime.database.reading() as tx:
            yield SqlStore(tx, outbox, datetime.now(UTC), "nobody", locks=False)

    async def fold(tx: AsyncSession, event: Event | Tombstone) -> None:
        await stream.fold(store(tx, "plan"), event)

    doors = Doors(Changes(runtime.database, runtime.relay.wake), store, reading)
    app = build_app(build_intake_api(doors), runtime.check)
    await run_service(runtime, app, {"consumer": runtime.consumer(stream.TOPICS, fold).run})
