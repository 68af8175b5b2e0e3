"""Databases with the tables that every service has, and one table in which a test leaves its effects."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, event, insert, select
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.persistence.database import Database
from shared.persistence.tables import AuditRow, ConsumerOffset, GivenAnswer, OutboxRow

MESSAGING = [
    SQLModel.metadata.tables[each.__tablename__] for each in (OutboxRow, AuditRow, ConsumerOffset, GivenAnswer)
]
EFFECTS = Table(
    "effect",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subject", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("applied_by", String, nullable=False, default=""),
)


@asynccontextmanager
async def open_database(url: str, *, busy_timeout_s: float = 5.0) -> AsyncIterator[Database]:
    """A database with the messaging tables and the table of effects; created where they are missing."""
    database = Database(url, busy_timeout_s=busy_timeout_s)
    try:
        async with database.engine.connect() as connection:
            await connection.run_sync(lambda sync: SQLModel.metadata.create_all(sync, tables=MESSAGING))
            await connection.run_sync(EFFECTS.metadata.create_all)
            await connection.commit()
        yield database
    finally:
        await database.close()


async def add_effect(tx: AsyncSession, subject: str, sequence: int = 1, applied_by: str = "") -> None:
    """Leaves one effect, within the transaction."""
    row = {"subject": subject, "sequence": sequence, "applied_by": applied_by}
    await (await tx.connection()).execute(insert(EFFECTS).values(row))


async def effects(database: Database) -> list[tuple[str, int]]:
    """Subject and sequence of every committed effect, in the order in which they were left."""
    async with database.reading() as tx:
        rows = await (await tx.connection()).execute(select(EFFECTS).order_by(EFFECTS.c.id))
        return [(row.subject, row.sequence) for row in rows]


@contextmanager
def locked_by_somebody_else(url: str) -> Iterator[None]:
    """Holds the write lock of a SQLite file from a connection of its own, as another program would."""
    path = Path(url.removeprefix("sqlite+aiosqlite:///"))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def has_effects(database: Database, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether so many effects were left, to wait for."""

    async def enough() -> bool:
        return len(await effects(database)) >= count

    return enough


@asynccontextmanager
async def full(database: Database) -> AsyncIterator[None]:
    """A SQLite file that cannot grow, as on a disk that is full: what SQLite says of it, it says here."""

    def limit(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # it keeps what it has

    engine = database.engine.sync_engine
    await database.engine.dispose()
    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        await database.engine.dispose()
