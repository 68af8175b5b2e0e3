"""Fixtures for more than one contract: where a store is kept, a database with the messaging tables, a topic."""

from collections.abc import AsyncIterator

import pytest

from shared.persistence.database import Database
from shared.testing.kafka import RunningBroker
from tests.support.databases import open_database
from tests.support.streams import make_topic


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, or nothing for a store in memory."""
    if request.param == "memory":
        return ""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with the tables for messaging and for effects, on each kind in turn."""
    async with open_database(database_url) as opened:
        yield opened


@pytest.fixture
async def topic(any_kafka: RunningBroker, unique: str) -> str:
    """A topic of this test alone, on each broker in turn."""
    return await make_topic(any_kafka.bootstrap, f"in-{unique}")
