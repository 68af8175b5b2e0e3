"""A database that takes nothing is known as such until it takes something; one that somebody else is at is not."""

import pytest

from shared.errors import TransientError
from shared.persistence import database as database_module
from shared.persistence.database import Database, DatabaseRefusesError
from tests.support.databases import add_effect, effects, full, locked_by_somebody_else, open_database

LONG = "x" * 100_000


async def write(database: Database) -> None:
    async with database.transaction() as tx:
        for number in range(20):
            await add_effect(tx, f"{number}{LONG}")


async def test_a_full_database_refuses_and_is_known_to_until_it_takes_a_change(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        await database.ensure_writable()
        async with full(database):
            with pytest.raises(DatabaseRefusesError, match="full"):
                await write(database)
            with pytest.raises(DatabaseRefusesError, match="full"):
                await database.ensure_writable()
            assert "full" in database.refusal
            assert await effects(database) == []
        await write(database)
        assert database.refusal == ""
        await database.ensure_writable()
        assert len(await effects(database)) == 20


async def test_what_was_refused_long_ago_says_nothing(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_database(sqlite_url) as database:
        async with full(database):
            with pytest.raises(DatabaseRefusesError):
                await write(database)
        assert database.refusal
        monkeypatch.setattr(database_module, "REFUSAL_HOLDS_S", 0.0)
        assert database.refusal == ""
        await database.ensure_writable()


async def test_who_waits_for_somebody_else_is_not_refused(sqlite_url: str) -> None:
    async with open_database(sqlite_url, busy_timeout_s=0.1) as database:
        with locked_by_somebody_else(sqlite_url), pytest.raises(TransientError, match="locked") as held_up:
            await write(database)
        assert not isinstance(held_up.value, DatabaseRefusesError)
        assert database.refusal == ""


async def test_a_server_that_is_away_refuses() -> None:
    database = Database("postgresql+asyncpg://leerplek@127.0.0.1:1/leerplek")
    with pytest.raises(DatabaseRefusesError):
        await write(database)
    assert database.refusal
    await database.close()
