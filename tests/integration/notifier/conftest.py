"""A mail server and a notifier with its database for each test."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.notifier.bootstrap import MIGRATIONS, Parts, build
from services.notifier.config import Settings
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.entrypoints.http import build_notifier_api
from services.notifier.entrypoints.serve import build_web
from shared.persistence.migrations import upgrade
from tests.integration.notifier.smtp_server import MailServer
from tests.support.documented import FitsDocument
from tests.support.notifier import PEOPLE, Clock, region_changed, site_changed
from tests.support.notifier_story import LEADER, OPERATOR, VISITOR, Story, calendar


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


BuildParts = Callable[..., Parts]


@pytest.fixture
async def build_parts(database_url: str, mail_server: MailServer, tmp_path: Path) -> AsyncIterator[BuildParts]:
    """Builds notifiers that share one migrated database and one mail server."""
    built: list[Parts] = []

    def make(**changes: object) -> Parts:
        fields: dict[str, object] = {
            "database_url": database_url,
            "kafka_bootstrap": "127.0.0.1:1",
            "master_key_file": tmp_path / "master.key",
            "public_url": "https://leerplek.example",
            "smtp_host": "127.0.0.1",
            "smtp_port": mail_server.port,
            "mail_from": "Leerplek <meldingen@leerplek.example>",
            "smtp_timeout_s": 5,
            "retry_first_s": 0.05,
            "retry_cap_s": 0.2,
            "lease_s": 10,
            "group_wait_s": 0,
        }
        parts = build(Settings(**{**fields, **changes}))  # type: ignore[arg-type]
        built.append(parts)
        return parts

    first = make()
    await upgrade(first.runtime.database, MIGRATIONS)
    yield make
    for parts in built:
        await parts.sender.rest()
        await parts.runtime.database.close()


TellStory = Callable[..., Story]


@asynccontextmanager
async def telling(url: str, server: MailServer, folder: Path) -> AsyncIterator[TellStory]:
    """Stories on this database, which is migrated first."""
    told: list[Story] = []

    def tell(rules: SchoolCalendar | None = None, **changes: object) -> Story:
        clock = Clock()
        fields: dict[str, object] = {
            "database_url": url,
            "kafka_bootstrap": "127.0.0.1:1",
            "master_key_file": folder / "master.key",
            "public_url": "https://leerplek.example",
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "mail_from": "Leerplek <meldingen@leerplek.example>",
            "group_wait_s": 10,
        }
        parts = build(Settings(**{**fields, **changes}), clock)  # type: ignore[arg-type]
        parts = replace(parts, rules=replace(parts.rules, calendar=rules or calendar()))
        told.append(Story(parts, server, clock))
        return told[-1]

    database = tell().parts.runtime.database
    await upgrade(database, MIGRATIONS)
    try:
        yield tell
    finally:
        for each in told:
            await each.parts.sender.rest()
            await each.parts.runtime.database.close()


@pytest.fixture
async def tell_story(sqlite_url: str, mail_server: MailServer, tmp_path: Path) -> AsyncIterator[TellStory]:
    """Begins stories with a clock moved by hand; every one of a test has the same database and mail server."""
    async with telling(sqlite_url, mail_server, tmp_path) as tell:
        yield tell


@pytest.fixture
async def tell_story_on_any(database_url: str, mail_server: MailServer, tmp_path: Path) -> AsyncIterator[TellStory]:
    """The same on each kind of database in turn."""
    async with telling(database_url, mail_server, tmp_path) as tell:
        yield tell


@pytest.fixture
async def story(tell_story: TellStory) -> Story:
    """A story on a Monday just after eight, in which everybody who hears anything has a contact."""
    begun = tell_story()
    await begun.people(*PEOPLE.all(), LEADER, VISITOR, OPERATOR)
    await begun.at("8:01", region_changed(), site_changed())
    return begun


@pytest.fixture
def parts(build_parts: BuildParts) -> Parts:
    return build_parts()


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_web(parts), raise_app_exceptions=False)
    as_announced: dict[str, list[Callable[..., Any]]] = {"response": [FitsDocument(build_notifier_api(parts))]}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", event_hooks=as_announced) as made:
        yield made
