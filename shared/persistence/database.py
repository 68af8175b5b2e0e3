"""One database: short transactions that either commit whole or leave no trace, on SQLite and PostgreSQL alike."""

import asyncio
import hashlib
import math
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.errors import TransientError
from shared.persistence.file_lock import file_lock

BUSY_TIMEOUT_S = 5.0
RESTED_S = 1.0
"""A connection to PostgreSQL that was not used for so long is tried first: the server may have been away meanwhile."""
LEFT_AT, HELD = "left at", "held"
HELD_UP = frozenset({"40001", "40P01", "55P03", "57014", sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
"""Codes for: somebody else was at it. PostgreSQL: serialisation failure, deadlock, locked, it took too long."""
AWAY = HELD_UP | {"25006", "53100", "53200", "53300", "57P01", "57P02", "57P03", "57P05"}
"""The same, and of PostgreSQL: read only (a standby), disk full, out of memory, too many connections, shut down."""
REFUSAL_HOLDS_S = 15.0
"""A change that was refused counts for so long, unless another one is taken meanwhile; whoever waits tries again before that."""


class DatabaseRefusesError(TransientError):
    """The database is full or away, or takes no changes: not just held up by somebody else."""


class _Holding(Session):
    """Keeps what it has read until it ends: a change reads a row, decides, and writes it without reading it again."""


@event.listens_for(_Holding, "loaded_as_persistent")
def _hold(session: _Holding, row: object) -> None:
    session.info.setdefault(HELD, []).append(row)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raises TransientError where the database is locked, full or away; what is wrong with a statement stays a bug."""
    try:
        yield
    except PoolTimeoutError as problem:
        raise TransientError(f"database: {_short(problem)}") from problem
    except (ConnectionError, TimeoutError, socket.gaierror) as problem:
        raise DatabaseRefusesError(f"database: {_short(problem)}") from problem
    except DBAPIError as problem:
        if _is_transient(problem):
            raise _error_of(_code_of(problem.orig))(f"database: {_short(problem)}") from problem
        raise
    except asyncpg.PostgresError as problem:  # while connecting nobody wraps them
        if problem.sqlstate not in AWAY:
            raise
        raise _error_of(problem.sqlstate)(f"database: {_short(problem)}") from problem


class Database:
    """Opens sessions; raises TransientError when the database is locked, full or away.

    An error tells the statement and never its parameters: those are what people sent, and errors are logged.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url, busy_timeout_s) if self.is_sqlite else _postgresql_engine(url)
        self._writer = asyncio.Lock() if self.is_sqlite else None
        self._refused_at, self._refusal = -math.inf, ""

    @property
    def refusal(self) -> str:
        """Why a change was refused lately, where none was taken since; else empty."""
        return self._refusal if time.monotonic() - self._refused_at < REFUSAL_HOLDS_S else ""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A transaction that may write; commits when the block ends, rolls back when it raises."""
        try:
            async with self._writing() as session:
                yield session
        except DatabaseRefusesError as refusal:
            self._refused_at, self._refusal = time.monotonic(), str(refusal)
            raise
        self._refusal = ""

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncSession]:
        async with AsyncExitStack() as stack:
            if self._writer is not None:
                await stack.enter_async_context(self._writer)
            async with self._session("BEGIN IMMEDIATE", _Holding) as session:
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads; on SQLite it is a transaction and does not wait for writers.

        On PostgreSQL each statement sees what is committed by then, as within a transaction: so none is begun and ended for it.
        """
        async with self._session("BEGIN") as session:
            yield session

    @asynccontextmanager
    async def _session(self, begin: str, kind: type[Session] = Session) -> AsyncIterator[AsyncSession]:
        with translated_errors():
            async with self.engine.connect() as connection:
                if self.is_sqlite:
                    connection = await connection.execution_options(leerplek_begin=begin)
                elif kind is Session:
                    connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
                made = AsyncSession(connection, expire_on_commit=False, sync_session_class=kind)
                async with made as session, session.begin():
                    yield session

    @asynccontextmanager
    async def exclusive(self, name: str) -> AsyncIterator[None]:
        """Held by one process at a time; waits for its turn. For the relay and for migrations."""
        if self.is_sqlite:
            async with file_lock(Path(f"{self.url.database}.{name}.lock")):
                yield
            return
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        with translated_errors():
            async with self.engine.connect() as connection:
                connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
                while True:
                    if await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
                        break
                    await asyncio.sleep(0.25)
                try:
                    yield
                finally:
                    await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})

    async def ensure_writable(self) -> None:
        """Raises TransientError when the database does not answer, or takes no changes.

        That a disk is full shows in a real change only: one that was refused lately counts.
        """
        if self.refusal:
            raise DatabaseRefusesError(self.refusal)
        async with self._writing() as session:
            await session.connection()  # on SQLite this takes the lock that writing needs
            if not self.is_sqlite and await session.scalar(text("SHOW transaction_read_only")) == "on":
                raise TransientError("database: read only")

    async def leave_no_trace(self) -> None:
        """What was deleted leaves the log of SQLite too, unless somebody reads just now: then the next time.

        PostgreSQL does it by itself, with its vacuum and the recycling of its own log.
        """
        if self._writer is not None:
            async with self._writer:
                await asyncio.to_thread(_empty_log, str(self.url.database))

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()


def _empty_log(path: str) -> None:
    """Writes SQLite's log back and empties it. Where that cannot be done now nothing is wrong: the change itself was committed."""
    with (
        suppress(sqlite3.OperationalError),  # held by somebody, or the disk is full: the next time
        closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sqlite_engine(url: str, busy_timeout_s: float) -> AsyncEngine:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("SQLite needs a file: events that live in memory can be lost")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": busy_timeout_s}, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # so that the transaction begins where we say, below
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("leerplek_begin", "BEGIN IMMEDIATE"))

    return engine


def _postgresql_engine(url: str) -> AsyncEngine:
    """A connection that has rested is tried before it is used; one that was just in use is not, since that would ask the server
    something more for every transaction. The one that was used last is used next, so that those rest that are too many."""
    engine = create_async_engine(
        url, pool_size=10, max_overflow=10, pool_timeout=10, pool_use_lifo=True, hide_parameters=True
    )

    @event.listens_for(engine.sync_engine, "checkin")
    def _note_when(_connection: Any, record: Any) -> None:
        record.info[LEFT_AT] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _try_after_rest(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get(LEFT_AT, math.inf) > RESTED_S:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as gone:
                raise DisconnectionError("closed while it rested") from gone

    return engine


def _short(problem: BaseException) -> str:
    original = getattr(problem, "orig", None) or problem
    return f"{type(original).__name__}: {str(original).splitlines()[0][:200] if str(original) else ''}"


def _is_transient(problem: DBAPIError) -> bool:
    code = _code_of(problem.orig)
    if isinstance(code, int):
        return isinstance(problem, OperationalError) and code != sqlite3.SQLITE_ERROR
    is_away = isinstance(problem, OperationalError | InterfaceError) and code is None
    return problem.connection_invalidated or is_away or code in AWAY


def _code_of(problem: BaseException | None) -> int | str | None:
    """SQLite's primary code, or PostgreSQL's; None where there is none, since nobody answered."""
    code: int | None = getattr(problem, "sqlite_errorcode", None)
    return getattr(problem, "sqlstate", None) if code is None else code & 0xFF


def _error_of(code: int | str | None) -> type[TransientError]:
    return TransientError if code in HELD_UP else DatabaseRefusesError
