"""The notifier's store in memory, on SQLite and on PostgreSQL; it knows one contact."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import pytest

from services.notifier.adapters.store import SqlStore
from services.notifier.bootstrap import MIGRATIONS
from services.notifier.ports import Store
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.security.sealing import Sealer
from tests.support.notifier import NOW, PEOPLE
from tests.support.notifier_memory import MemoryStore

MASTER = bytes(range(32))
LEASE_END = NOW + timedelta(seconds=60)


class Opened(Protocol):
    """A store that can be opened for one transaction after another."""

    def writing(self) -> AbstractAsyncContextManager[Store]: ...


@dataclass
class SqlOpened:
    """The same on a database, which the test may look into."""

    database: Database

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Store]:
        async with self.database.transaction() as tx:
            yield SqlStore(tx, Sealer(MASTER), NOW, "test")


@asynccontextmanager
async def migrated(url: str) -> AsyncIterator[SqlOpened]:
    """The store on this database, brought up to date."""
    database = Database(url)
    try:
        await upgrade(database, MIGRATIONS)
        opened = SqlOpened(database)
        async with opened.writing() as store:
            await store.save_contact(PEOPLE.coordinator)
        yield opened
    finally:
        await database.close()


@pytest.fixture
async def on_sql(database_url: str) -> AsyncIterator[SqlOpened]:
    """The store on each kind of database in turn."""
    async with migrated(database_url) as opened:
        yield opened


@pytest.fixture
async def opened(where: str) -> AsyncIterator[Opened]:
    """The store in memory and on each kind of database in turn."""
    if not where:
        memory = MemoryStore()
        await memory.save_contact(PEOPLE.coordinator)
        yield memory
        return
    async with migrated(where) as sql:
        yield sql
