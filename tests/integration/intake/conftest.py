"""Intake's application on a real database, without a broker: what is published waits in the outbox."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from services.intake.adapters.tables import StudentRow
from services.intake.bootstrap import MIGRATIONS, Parts, build
from services.intake.config import Settings
from services.intake.domain.access import SCOPES, Who
from services.intake.entrypoints.http import LARGE, build_intake_api
from services.intake.entrypoints.serve import build_intake_app
from shared.persistence.migrations import upgrade
from shared.persistence.tables import GivenAnswer, OutboxRow
from shared.security.issuing import prepare_keys, public_file
from shared.web.api import build_app
from tests.support.guarded import Guarded as Signed
from tests.support.intake import NEW_REGISTRATION, REGION
from tests.support.office_http import World
from tests.support.office_world import NOW, parts_in, settle

NOTHING: tuple[int, list[str], int] = (0, [], 0)
BSN = "123456782"
JSON = {"Content-Type": "application/json"}


@dataclass
class Service:
    """Intake in this process: `http` speaks to it."""

    parts: Parts
    http: httpx.AsyncClient

    async def register(self, key: str | None = None, **changes: Any) -> httpx.Response:
        """Registers a student who fits, but for the changes."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.http.post("/v1/registrations", json={**NEW_REGISTRATION, **changes}, headers=headers)

    async def stored(self) -> tuple[int, list[str], int]:
        """How many students there are, which events wait in the outbox, how many answers are remembered."""
        async with self.parts.runtime.database.reading() as tx:
            students = len((await tx.exec(select(StudentRow.id))).all())
            rows = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
            answers = len((await tx.exec(select(GivenAnswer.key))).all())
        return students, [row.headers["ce_type"].split(".")[3] for row in rows], answers


@asynccontextmanager
async def opened(database_url: str, **settings: Any) -> AsyncIterator[Service]:
    """Intake on this database; it knows one region, and waits only briefly for a lock."""
    given = {"kafka_bootstrap": "127.0.0.1:1", "busy_timeout_s": 0.2, **settings}
    if not database_url.startswith("sqlite"):
        given.setdefault("master_key_file", Path(tempfile.mkdtemp()) / "key")
    parts = build(Settings(database_url=database_url, **given))
    await upgrade(parts.runtime.database, MIGRATIONS)
    async with parts.runtime.database.transaction() as tx:
        await parts.store(tx, Who("test")).save_region(REGION, 1)
    transport = httpx.ASGITransport(
        build_app(build_intake_api(parts), parts.runtime.check, LARGE), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as http:
        yield Service(parts, http)
    await parts.runtime.database.close()


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    """Intake on each kind of database in turn, without sign-in."""
    async with opened(database_url) as made:
        yield made


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    parts = parts_in(tmp_path, lambda: NOW)
    await upgrade(parts.runtime.database, MIGRATIONS)
    transport = httpx.ASGITransport(build_intake_app(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as http:
        yield World(parts, http, await settle(parts, http))
    await parts.runtime.database.close()


Guarded = Signed[Service]


@pytest.fixture
async def guarded(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Guarded]:
    """Intake with sign-in, on SQLite."""
    keys = tmp_path / "keys.json"
    prepare_keys(keys)
    async with opened(sqlite_url, jwks_file=public_file(keys)) as made:
        yield Guarded(made, keys, SCOPES)


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, after a look at what every one has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["api-version"]
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["type"]) == (status, f"urn:leerplek:probleem:{code}")
    assert body["title"]
    assert body["detail"]
    return body
