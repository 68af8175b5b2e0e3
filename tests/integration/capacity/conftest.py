"""Capacity's application on a real database, without a broker: what is published waits in the outbox."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from services.capacity.bootstrap import MIGRATIONS, Parts, build
from services.capacity.config import Settings
from services.capacity.domain.access import SCOPES
from services.capacity.entrypoints.http import build_capacity_api
from services.capacity.entrypoints.serve import build_capacity_app
from services.capacity.entrypoints.stream import fold
from shared.contracts.envelope import new_event
from shared.persistence.migrations import upgrade
from shared.persistence.tables import OutboxRow
from shared.security.issuing import prepare_keys, public_file
from shared.webhooks.messages import Try
from tests.support.capacity import NOW, proposed
from tests.support.documented import FitsDocument
from tests.support.guarded import Guarded as Signed

REGION = {
    "name": "Regio Test",
    "institutes": ["01VU"],
    "periods": [
        {"id": "2026-S1", "start": "2026-08-31", "end": "2027-01-29"},
        {"id": "2026-S2", "start": "2027-02-01", "end": "2027-07-09"},
    ],
    "settings": {"norms": [{"support": 1, "wpb": 6, "so": 2, "io": 1}]},
}
SITE = {"region": "NL-T01", "sector": "vo", "lat": 52.1, "lon": 5.1, "name": "Het Lindecollege", "town": "Zeist"}
SUPERVISOR = {
    "region": "NL-T01",
    "tier": "wpb",
    "sites": ["01AB00"],
    "subjects": ["wiskunde"],
    "qh": {"2026-S1": 6},
    "name": "Fatima el Amrani",
}
OWN = {"Origin": "http://leerplek.test"}
REGION_ID = "NL-T01"
PAGE = "/vestigingen/01AB00"


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Service:
    """Capacity in this process: `http` speaks to it, `outbox` is what it has published."""

    parts: Parts
    http: httpx.AsyncClient
    clock: Clock

    async def outbox(self) -> list[OutboxRow]:
        async with self.parts.runtime.database.reading() as tx:
            return list((await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all())

    async def kinds(self) -> list[str]:
        told = [row for row in await self.outbox() if row.value is not None]
        return [row.headers["ce_type"].removeprefix("nl.leerplek.").removesuffix(".v1") for row in told]

    async def taken_back(self) -> list[str]:
        """The aggregates of which everybody is told that they were erased."""
        return [(row.key or b"").decode() for row in await self.outbox() if row.value is None]

    async def settle(self) -> str:
        """Makes region NL-T01 and site 01AB00 and registers one supervisor; gives the supervisor's id."""
        for path, body in (("/v1/regions/NL-T01", REGION), ("/v1/sites/01AB00", SITE)):
            assert (await self.http.put(path, json=body)).status_code == 201
        answer = await self.http.post("/v1/supervisors", json=SUPERVISOR)
        assert answer.status_code == 201, answer.text
        identifier: str = answer.json()["id"]
        return identifier


def settings(database_url: str, folder: Path, **changes: Any) -> Settings:
    """Settings of a test: nothing from the environment matters."""
    return Settings(
        database_url=database_url, kafka_bootstrap="127.0.0.1:1", master_key_file=folder / "master.key", **changes
    )


async def open_service(url: str, folder: Path, **changes: Any) -> Service:
    """Capacity on this database, which waits only briefly for a lock."""
    clock = Clock()
    parts = build(settings(url, folder, busy_timeout_s=0.2, **changes), clock)
    await upgrade(parts.runtime.database, MIGRATIONS)
    transport = httpx.ASGITransport(build_capacity_app(parts), raise_app_exceptions=False)
    as_announced: dict[str, list[Callable[..., Any]]] = {"response": [FitsDocument(build_capacity_api(parts))]}
    http = httpx.AsyncClient(transport=transport, base_url="http://leerplek.test", event_hooks=as_announced)
    return Service(parts, http, clock)


@pytest.fixture
async def service(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """Capacity on SQLite."""
    opened = await open_service(sqlite_url, tmp_path)
    yield opened
    await opened.http.aclose()
    await opened.parts.runtime.database.close()


@pytest.fixture
async def on_any_database(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """Capacity on each kind of database in turn."""
    opened = await open_service(database_url, tmp_path)
    yield opened
    await opened.http.aclose()
    await opened.parts.runtime.database.close()


@dataclass
class Guarded(Signed[Service]):
    """Capacity that asks for tokens, and the keys to make them with."""

    async def settle(self) -> dict[str, str]:
        """Two regions with a school each, as the operator tells them; gives the ids of what is of the first."""
        operator, ids = self.token("operator"), {}
        for region, site, student in (("NL-T02", "02CD00", "s2"), ("NL-T01", "01AB00", "s1")):
            place = {"site": site, "subject": "wiskunde", "seats": {"2026-S1": 2}}
            for method, path, body in (
                ("PUT", f"regions/{region}", REGION),
                ("PUT", f"sites/{site}", SITE | {"region": region}),
                ("POST", "supervisors", SUPERVISOR | {"region": region, "sites": [site]}),
                ("POST", "workplaces", place),
            ):
                answer = await self.http.request(method, f"/v1/{path}", json=body, headers=operator)
                assert answer.status_code == 201, answer.text
                ids[path.rstrip("s")] = answer.json().get("id", "")
            event = new_event("urn:test", proposed(student, region=region, site=site), NOW)
            async with self.service.parts.runtime.database.transaction() as tx:
                await fold(self.service.parts.store(tx, "test"), [event])
            where, accept = f"/v1/placements/{student}/decision", {"decision": "accept"}
            assert (await self.http.post(where, json=accept, headers=operator)).status_code == 200
        return {"region": "NL-T01", "site": "01AB00", "student": "s1", **ids, **await self._webhook()}

    async def _webhook(self) -> dict[str, str]:
        """A webhook of the first school, with a message that was given up."""
        school, url = self.token("school/01AB"), {"url": "https://school.example/hier"}
        webhook = (await self.http.post("/v1/webhooks", json=url, headers=school)).json()["id"]
        delivery = (await self.http.post(f"/v1/webhooks/{webhook}/ping", headers=school)).json()["id"]
        hooks = self.service.parts.hooks
        async with hooks.database.transaction() as tx:
            await hooks.store(tx, None).record(delivery, Try(9, NOW, 500, "", 1))
        return {"webhook": webhook, "delivery": delivery}


@pytest.fixture
async def guarded(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Guarded]:
    """Capacity with sign-in, on SQLite."""
    keys = tmp_path / "keys.json"
    prepare_keys(keys)
    opened = await open_service(sqlite_url, tmp_path, jwks_file=public_file(keys))
    yield Guarded(opened, keys, SCOPES)
    await opened.http.aclose()
    await opened.parts.runtime.database.close()


async def send(service: Service, supervisor: str, action: str, headers: Any = OWN, **fields: Any) -> httpx.Response:
    """Submits a form as a browser does."""
    data = {"sleutel": "klik-1", **fields}
    return await service.http.post(f"{PAGE}/begeleiders/{supervisor}/{action}", data=data, headers=headers)


async def page_of(service: Service, supervisor: str) -> str:
    """The page of one supervisor."""
    return (await service.http.get(f"{PAGE}/begeleiders/{supervisor}")).text


async def page_after(service: Service, answer: httpx.Response) -> str:
    """The page to which a submitted form sends the browser: of the supervisor, when that is whom it was about."""
    assert answer.status_code == 303, answer.text
    return words((await service.http.get(answer.headers["location"])).text)


def words(html: str) -> str:
    """The text of a page on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
