"""A mail server and a notifier with its database for each test."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.notifier.bootstrap import MIGRATIONS, Parts, build
from services.notifier.config import Settings
from shared.persistence.migrations import upgrade
from tests.integration.notifier.smtp_server import MailServer


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
