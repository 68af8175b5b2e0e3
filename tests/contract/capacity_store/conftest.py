"""Capacity's store in memory, on SQLite and on PostgreSQL; it knows one region and one site."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services.capacity.adapters.stamp import Stamp
from services.capacity.adapters.store import SqlStore
from services.capacity.bootstrap import MIGRATIONS
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.ports import Store
from shared.messaging.outbox import Outbox
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.security.sealing import Sealer
from tests.support.capacity import NOW, region, site, supervisor
from tests.support.capacity_memory import MemoryStore

MASTER = bytes(range(32))


@dataclass
class Opened:
    """A store whose transactions can be opened one after another."""

    transaction: Callable[[], AbstractAsyncContextManager[Store]]


@dataclass
class OpenedSql:
    """The same on a database, which the test may look into."""

    database: Database

    @asynccontextmanager
    async def transaction(self, master: bytes = MASTER) -> AsyncIterator[Store]:
        async with self.database.transaction() as tx:
            yield SqlStore(tx, Outbox("urn:test"), Sealer(master), Stamp(NOW, "test"))


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[OpenedSql]:
    """The store on each kind of database in turn."""
    database = Database(database_url)
    await upgrade(database, MIGRATIONS)
    async with database.transaction() as tx:
        await _settle(SqlStore(tx, Outbox("urn:test"), Sealer(MASTER), Stamp(NOW, "test")))
    yield OpenedSql(database)
    await database.close()


@pytest.fixture
async def opened(where: str) -> AsyncIterator[Opened]:
    """The store in memory and on each kind of database in turn."""
    if not where:
        memory = MemoryStore()
        await _settle(memory)

        @asynccontextmanager
        async def transaction() -> AsyncIterator[Store]:
            yield memory

        yield Opened(transaction)
        return
    database = Database(where)
    await upgrade(database, MIGRATIONS)
    sql = OpenedSql(database)
    async with sql.transaction() as store:
        await _settle(store)
    yield Opened(sql.transaction)
    await database.close()


async def _settle(store: Store) -> None:
    await store.save_region(region())
    await store.save_site(replace(site(), sequence=1))


def record(identifier: str = "v1", **profile: Any) -> SupervisorRecord:
    """A supervisor as registered, but for the changes."""
    return SupervisorRecord("NL-T01", supervisor(identifier, **profile), 1)
