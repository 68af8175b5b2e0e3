"""What services count on from their database, on SQLite and PostgreSQL alike."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import col, select

import services
from shared.errors import TransientError
from shared.persistence import database as database_module
from shared.persistence.database import Database
from shared.persistence.housekeeping import KEEP_PUBLISHED, delete_outlived
from shared.persistence.migrations import upgrade
from shared.persistence.tables import AuditRow, GivenAnswer, OutboxRow
from shared.testing.postgres import PostgresServer
from tests.support.databases import add_effect, effects, locked_by_somebody_else, open_database
from tests.support.eventually import PATIENCE

NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
MIGRATED = sorted(path.parents[2].name for path in Path(services.__path__[0]).glob("*/adapters/migrations/env.py"))


async def count(database: Database) -> int:
    return len(await effects(database))


async def test_a_transaction_commits_everything_in_it(database: Database) -> None:
    async with database.transaction() as tx:
        await add_effect(tx, "a")
        await add_effect(tx, "b")
    assert await count(database) == 2


async def test_a_transaction_that_raises_leaves_no_trace(database: Database) -> None:
    with pytest.raises(RuntimeError, match="halfway"):  # noqa: PT012
        async with database.transaction() as tx:
            await add_effect(tx, "a")
            raise RuntimeError("halfway")
    assert await count(database) == 0


async def test_a_transaction_that_is_cancelled_leaves_no_trace(database: Database) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        async with database.transaction() as tx:
            await add_effect(tx, "a")
            written.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(write_and_wait())
    await asyncio.wait_for(written.wait(), 10 * PATIENCE)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await count(database) == 0
    async with database.transaction() as tx:
        await add_effect(tx, "b")
    assert await count(database) == 1


async def test_reading_does_not_wait_for_a_writer_and_does_not_see_what_is_not_committed(database: Database) -> None:
    async with database.transaction() as tx:
        await add_effect(tx, "a")
        assert await asyncio.wait_for(count(database), 2 * PATIENCE) == 0
    assert await count(database) == 1


async def test_twenty_writers_at_once_all_get_their_turn(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.transaction() as tx:
            await add_effect(tx, f"writer-{number}")

    await asyncio.gather(*(write(number) for number in range(20)))
    assert await count(database) == 20


async def test_a_moment_comes_back_in_utc_whatever_zone_it_was_written_in(database: Database) -> None:
    in_amsterdam = datetime(2026, 10, 25, 2, 30, 0, 123456, timezone(timedelta(hours=2)))
    async with database.transaction() as tx:
        tx.add(OutboxRow(topic="t", headers={}, created_at=in_amsterdam))
    async with database.reading() as tx:
        row = (await tx.exec(select(OutboxRow))).one()
    assert row.created_at == in_amsterdam
    assert row.created_at.tzinfo is UTC
    assert row.published_at is None


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        async with database.transaction() as tx:
            tx.add(OutboxRow(topic="t", headers={}, created_at=NOW.replace(tzinfo=None)))


async def test_a_mistake_in_a_statement_is_a_bug_and_not_tried_again(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.transaction() as tx:
            await (await tx.connection()).execute(text("SELECT nothing FROM nowhere"))


async def test_a_locked_sqlite_file_is_transient_and_nothing_is_lost(sqlite_url: str) -> None:
    async with open_database(sqlite_url, busy_timeout_s=0.1) as database:
        with locked_by_somebody_else(sqlite_url):
            with pytest.raises(TransientError, match="locked"):
                async with database.transaction() as tx:
                    await add_effect(tx, "a")
            assert await count(database) == 0
        async with database.transaction() as tx:
            await add_effect(tx, "a")
        assert await count(database) == 1


async def test_migrating_a_locked_sqlite_file_is_transient(sqlite_url: str) -> None:
    folder = Path(services.__path__[0]) / "intake" / "adapters" / "migrations"
    async with open_database(sqlite_url):
        pass
    database = Database(sqlite_url, busy_timeout_s=0.1)
    try:
        with locked_by_somebody_else(sqlite_url), pytest.raises(TransientError, match="locked"):
            await upgrade(database, folder)
    finally:
        await database.close()


async def keep_what_is_committed(url: str) -> None:
    """The server of the tests is fast rather than safe; a test that kills it asks for what production has."""
    database = Database(url)
    async with database.transaction() as tx:
        await (await tx.connection()).execute(
            text(f'ALTER DATABASE "{database.url.database}" SET synchronous_commit = on')
        )
    await database.close()


async def test_a_postgresql_that_is_away_is_transient_until_it_is_back(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    if postgres_server.process is None:
        pytest.skip(f"{postgres_server.description} is not ours to kill")
    await keep_what_is_committed(postgres_url)
    async with open_database(postgres_url) as database:
        async with database.transaction() as tx:
            await add_effect(tx, "before")
        await asyncio.to_thread(postgres_server.kill)
        try:
            for _ in range(2):
                with pytest.raises(TransientError):
                    await count(database)
            with pytest.raises(TransientError):
                async with database.exclusive("outbox-relay"):
                    pass
        finally:
            postgres_server.restart()
        assert await count(database) == 1


async def test_a_connection_that_was_closed_while_it_rested_is_replaced(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "RESTED_S", 0.0)
    async with open_database(postgres_url) as resting, open_database(postgres_url) as other:
        async with resting.reading() as tx:
            backend = await tx.scalar(text("SELECT pg_backend_pid()"))
        async with other.reading() as tx:
            assert await tx.scalar(text("SELECT pg_terminate_backend(:backend)"), {"backend": backend})
        await asyncio.sleep(0.2)
        async with resting.reading() as tx:
            assert await tx.scalar(text("SELECT pg_backend_pid()")) != backend


async def test_what_a_transaction_has_read_is_not_read_again(database: Database) -> None:
    async with database.transaction() as tx:
        row = AuditRow(at=NOW, actor="test", action="a", aggregate="b", sequence=1)
        tx.add(row)
    async with database.transaction() as tx:
        assert await tx.get(AuditRow, row.id) is not None
        assert len(tx.sync_session.identity_map) == 1, "nobody else holds it"


async def test_a_transaction_under_way_when_postgresql_dies_is_transient_and_leaves_no_trace(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    if postgres_server.process is None:
        pytest.skip(f"{postgres_server.description} is not ours to kill")
    await keep_what_is_committed(postgres_url)
    async with open_database(postgres_url) as database:
        try:
            with pytest.raises(TransientError):  # noqa: PT012
                async with database.transaction() as tx:
                    await add_effect(tx, "a")
                    await asyncio.to_thread(postgres_server.kill)
                    await add_effect(tx, "b")
        finally:
            postgres_server.restart()
        assert await count(database) == 0


def test_sqlite_without_a_file_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        Database("sqlite+aiosqlite:///:memory:")


async def test_what_is_exclusive_is_held_by_one_and_passes_on(database_url: str, database: Database) -> None:
    async with open_database(database_url) as other:
        order: list[str] = []

        async def second() -> None:
            async with other.exclusive("relay"):
                order.append("second")

        async with database.exclusive("relay"):
            waiting = asyncio.create_task(second())
            async with other.exclusive("another-name"):
                order.append("first")
            done, _ = await asyncio.wait([waiting], timeout=0.4)
            assert not done
        await asyncio.wait_for(waiting, 5 * PATIENCE)
        assert order == ["first", "second"]


HOLD = """
import asyncio, sys
from shared.persistence.database import Database
async def main():
    async with Database(sys.argv[1]).exclusive("relay"):
        print("held", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_what_is_exclusive_is_free_again_when_its_holder_is_killed(database_url: str, database: Database) -> None:
    root = Path(services.__path__[0]).parent
    command = [sys.executable, "-c", HOLD, database_url]
    holder = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=root)
    assert holder.stdout is not None
    assert await asyncio.wait_for(holder.stdout.readline(), 20 * PATIENCE) == b"held\n"
    waiting = asyncio.create_task(_hold_once(database))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    holder.kill()
    await asyncio.wait_for(waiting, 10 * PATIENCE)
    await holder.wait()


async def _hold_once(database: Database) -> None:
    async with database.exclusive("relay"):
        return


@pytest.mark.parametrize("service", MIGRATED)
async def test_migrations_run_twice_and_make_exactly_the_tables_of_the_models(service: str, database_url: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.support.migrations_check", service, database_url]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(services.__path__[0]).parent
    )
    differences, problems = await asyncio.wait_for(process.communicate(), 60 * PATIENCE)
    assert process.returncode == 0, problems.decode()[-3000:]
    assert differences.decode() == ""


async def test_housekeeping_deletes_what_was_published_long_ago_and_never_what_waits(database: Database) -> None:
    long_ago = NOW - KEEP_PUBLISHED - timedelta(seconds=1)
    async with database.transaction() as tx:
        tx.add(OutboxRow(topic="old", headers={}, created_at=long_ago, published_at=long_ago))
        tx.add(OutboxRow(topic="waits", headers={}, created_at=long_ago))
        tx.add(OutboxRow(topic="fresh", headers={}, created_at=long_ago, published_at=NOW))
        for key, given_at in (("old", long_ago), ("fresh", NOW)):
            tx.add(
                GivenAnswer(
                    scope="POST /x", key=key, fingerprint="", status=201, headers={}, body="", given_at=given_at
                )
            )
    async with database.transaction() as tx:
        await delete_outlived(tx, NOW)
    async with database.reading() as tx:
        topics = (await tx.exec(select(OutboxRow.topic).order_by(col(OutboxRow.id)))).all()
        answers = (await tx.exec(select(GivenAnswer.key))).all()
    assert (list(topics), list(answers)) == (["waits", "fresh"], ["fresh"])


async def test_what_was_deleted_leaves_the_log_or_waits_for_who_holds_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    url = f"sqlite+aiosqlite:///{folder / 'a.db'}"
    async with open_database(url) as database:
        async with database.transaction() as tx:
            await add_effect(tx, "a-telling-word")
        with locked_by_somebody_else(url):
            await database.leave_no_trace()
        folder.rename(tmp_path / "away")
        await database.leave_no_trace()  # it cannot be opened: whoever asked for a change has it all the same
        (tmp_path / "away").rename(folder)
        await database.leave_no_trace()
        assert b"a-telling-word" not in (folder / "a.db-wal").read_bytes()
