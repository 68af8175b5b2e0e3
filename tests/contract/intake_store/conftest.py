"""Intake's store in memory, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import pytest

from services.intake.adapters.store import SqlStore
from services.intake.bootstrap import MIGRATIONS
from services.intake.domain.access import Who
from services.intake.domain.registrations import (
    MismatchReport,
    Registration,
    RegistrationStatus,
)
from services.intake.ports import Store
from shared.messaging.outbox import Outbox
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from tests.support.intake import REGION, MemoryStore, mismatch, student

Opening = Callable[[], AbstractAsyncContextManager[Store]]
NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
REGISTRATION = Registration(REGION.id, student(), RegistrationStatus.REGISTERED, 1)
REPORT = MismatchReport(REGION.id, mismatch(), True, 1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await upgrade(opened, MIGRATIONS)
    yield opened
    await opened.close()


@pytest.fixture
async def transaction(where: str) -> AsyncIterator[Opening]:
    """Opens the store in a new transaction, which commits."""
    if not where:
        memory = MemoryStore()

        @asynccontextmanager
        async def kept() -> AsyncIterator[Store]:
            yield memory

        yield kept
        return
    database = Database(where)
    await upgrade(database, MIGRATIONS)
    yield lambda: sql_store(database)
    await database.close()


@asynccontextmanager
async def sql_store(database: Database) -> AsyncIterator[Store]:
    async with database.transaction() as tx:
        yield SqlStore(tx, Outbox("urn:test"), NOW, Who("test"))
