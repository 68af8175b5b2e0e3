"""Builds the notifier: database, store, composer, sender, relay; the only module that knows its adapters."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.adapters.smtp import SmtpSender, SmtpServer
from services.notifier.adapters.store import SqlStore
from services.notifier.config import Settings
from services.notifier.domain.delivery import RetryPolicy
from services.notifier.ports import Composer, Sender, Store
from shared.contracts.catalogue import (
    PLACEMENT_SIGNALS,
    PLACEMENTS,
    REGION_SETTINGS,
    STUDENT_REGISTRATIONS,
    SUPERVISOR_AVAILABILITY,
)
from shared.runtime import Runtime

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
READS = (PLACEMENT_SIGNALS, PLACEMENTS, STUDENT_REGISTRATIONS, REGION_SETTINGS, SUPERVISOR_AVAILABILITY)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the notifier's entrypoints work with; `store` is bound to a transaction of somebody else's."""

    runtime: Runtime
    settings: Settings
    store: Callable[[AsyncSession], Store]
    reading: Callable[[], AbstractAsyncContextManager[Store]]
    writing: Callable[[], AbstractAsyncContextManager[Store]]
    composer: Composer
    sender: Sender
    policy: RetryPolicy
    clock: Callable[[], datetime]
    jitter: Callable[[], float]


def clock() -> datetime:
    """The time on this machine."""
    return datetime.now(UTC)


def build(settings: Settings) -> Parts:
    """All parts of the notifier; nothing connects yet."""
    runtime = Runtime("notifier", settings, MIGRATIONS, topics=READS)
    database = runtime.database

    @asynccontextmanager
    async def reading() -> AsyncIterator[Store]:
        async with database.reading() as tx:
            yield SqlStore(tx, clock(), "beheer", locks=False)

    @asynccontextmanager
    async def writing() -> AsyncIterator[Store]:
        async with database.transaction() as tx:
            yield SqlStore(tx, clock(), "notifier")

    return Parts(
        runtime=runtime,
        settings=settings,
        store=lambda tx: SqlStore(tx, clock(), "beheer"),
        reading=reading,
        writing=writing,
        composer=JinjaComposer(settings.public_url),
        sender=SmtpSender(_server(settings), settings.sender()),
        policy=RetryPolicy(
            timedelta(seconds=settings.retry_first_s),
            timedelta(seconds=settings.retry_cap_s),
            timedelta(seconds=settings.give_up_after_s),
        ),
        clock=clock,
        jitter=random.random,
    )


def _server(settings: Settings) -> SmtpServer:
    return SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password(),
        settings.smtp_timeout_s,
    )
