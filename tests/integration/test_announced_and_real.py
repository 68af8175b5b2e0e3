"""What each service's OpenAPI document announces is what it answers: 201 for what is new, and a Location that can be read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.intake import bootstrap as intake
from services.intake.config import Settings as IntakeSettings
from services.intake.domain.access import Who
from services.intake.entrypoints.http import build_intake_api
from services.notifier import bootstrap as notifier
from services.notifier.config import Settings as NotifierSettings
from services.notifier.entrypoints.serve import build_web
from shared.persistence.migrations import upgrade
from shared.web.api import build_app
from tests.integration.capacity.conftest import REGION, SITE, SUPERVISOR, open_service
from tests.support.intake import NEEDS, NEW_REGISTRATION
from tests.support.intake import REGION as KNOWN_REGION

NOWHERE = "127.0.0.1:1"
CONTACT = {"organisation": "01VU", "role": "institute-coordinator", "email": "stage@vu.example", "name": "Els Vos"}
COLLEAGUE = {**CONTACT, "email": "collega@vu.example"}
WORKPLACE = {"site": "01AB00", "subject": "wiskunde", "seats": {"2026-S1": 2}}
PROFILE = {name: value for name, value in SUPERVISOR.items() if name not in ("region", "name")}


@dataclass
class Played:
    """Requests that were sent, and what was answered, by method and path as the document writes it."""

    http: httpx.AsyncClient
    answers: dict[tuple[str, str], list[httpx.Response]] = field(default_factory=dict)

    async def send(self, method: str, path: str, body: dict[str, Any], identifier: str = "") -> str:
        """Sends one request; `identifier` fills the path. Gives the id of what was made, if something was."""
        name = path.partition("{")[2].partition("}")[0]
        answer = await self.http.request(method, "/v1" + path.replace("{" + name + "}", identifier), json=body)
        assert answer.status_code < 500, answer.text
        self.answers.setdefault((method, path), []).append(answer)
        return str(answer.json().get("id"))


async def play_intake(played: Played) -> None:
    """Registers, changes and reports."""
    student = await played.send("post", "/registrations", NEW_REGISTRATION)
    for identifier in ("nobody", student, student):
        await played.send("put", "/registrations/{student}", NEEDS, identifier)
    await played.send("post", "/mismatches", {"student": student, "kind": "travel"})
    webhook = await played.send("post", "/webhooks", {"url": "https://opleiding.example/"})
    await played.send("put", "/webhooks/{webhook}", {"url": "https://opleiding.example/"}, webhook)


async def play_capacity(played: Played) -> None:
    """Makes a region with a site, a workplace and a supervisor, and puts each again."""
    for _ in range(2):
        await played.send("put", "/regions/{region}", REGION, "NL-T01")
        await played.send("put", "/sites/{site}", SITE, "01AB00")
    await played.send("put", "/sites/{site}/board", {"board": None}, "01AB00")
    workplace = await played.send("post", "/workplaces", WORKPLACE)
    for identifier in ("nothing", workplace):
        await played.send("put", "/workplaces/{workplace}", WORKPLACE, identifier)
    webhook = await played.send("post", "/webhooks", {"url": "https://school.example/"})
    await played.send("put", "/webhooks/{webhook}", {"url": "https://school.example/"}, webhook)
    supervisor = await played.send("post", "/supervisors", SUPERVISOR)
    for identifier in ("nobody", supervisor):
        await played.send("put", "/supervisors/{supervisor}", PROFILE, identifier)


async def play_notifier(played: Played) -> None:
    """Makes contacts, one under an id of its own, and puts it again; an organisation whose mails are only shown, and its webhook."""
    await played.send("post", "/contacts", CONTACT)
    for _ in range(2):
        await played.send("put", "/contacts/{contact}", COLLEAGUE, "0199a2b4-7c11-7def-8a12-0000000000c9")
    await played.send("put", "/organisations/{organisation}/mode", {"mode": "preview"}, "01VU")
    webhook = await played.send("post", "/webhooks", {"url": "https://opleiding.example/"})
    await played.send("put", "/webhooks/{webhook}", {"url": "https://opleiding.example/"}, webhook)


@asynccontextmanager
async def open_intake(url: str, _folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    parts = intake.build(IntakeSettings(database_url=url, kafka_bootstrap=NOWHERE))
    await upgrade(parts.runtime.database, intake.MIGRATIONS)
    async with parts.runtime.database.transaction() as tx:
        await parts.store(tx, Who("test")).save_region(KNOWN_REGION, 1)
    transport = httpx.ASGITransport(build_app(build_intake_api(parts), parts.runtime.check))
    async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as http:
        yield http
    await parts.runtime.database.close()


@asynccontextmanager
async def open_capacity(url: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    service = await open_service(url, folder)
    async with service.http as http:
        yield http
    await service.parts.runtime.database.close()


@asynccontextmanager
async def open_notifier(url: str, _folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = NotifierSettings(
        database_url=url,
        kafka_bootstrap=NOWHERE,
        public_url="https://leerplek.example",
        smtp_host="127.0.0.1",
        mail_from="leerplek@leerplek.example",
    )
    parts = notifier.build(settings)
    await upgrade(parts.runtime.database, notifier.MIGRATIONS)
    transport = httpx.ASGITransport(build_web(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as http:
        yield http
    await parts.sender.rest()
    await parts.runtime.database.close()


Play = Callable[[Played], Awaitable[None]]
SERVICES = {
    "intake": (open_intake, play_intake),
    "capacity": (open_capacity, play_capacity),
    "notifier": (open_notifier, play_notifier),
}


@pytest.fixture(params=SERVICES)
async def played(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Played]:
    """Each service in turn, after it was sent everything that makes or changes something under an address."""
    opened, play = SERVICES[request.param]
    async with opened(sqlite_url, tmp_path) as http:
        made = Played(http)
        await play(made)
        yield made


async def announced(http: httpx.AsyncClient, *methods: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The answers that the document announces when all goes well, by method and path."""
    document = (await http.get("/v1/openapi.json")).json()
    return {
        (method, path): {status: each for status, each in operation["responses"].items() if status < "300"}
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in methods
    }


async def test_whatever_is_made_can_be_read_where_its_location_says(played: Played) -> None:
    told = await announced(played.http, "post", "put")
    making = {where: answers["201"] for where, answers in told.items() if "201" in answers}
    made = {
        where: [answer for answer in answers if answer.status_code == 201] for where, answers in played.answers.items()
    }
    assert making.keys() == {where for where, answers in made.items() if answers}
    for where, answer in making.items():
        assert answer["headers"]["Location"]["required"], where
        for each in made[where]:
            read = await played.http.get(each.headers["location"])
            assert read.status_code == 200, (where, each.headers["location"], read.text)
            thing = {name: value for name, value in each.json().items() if name != "warnings"}  # of its making alone
            assert {**read.json(), **thing} == read.json(), where


@pytest.mark.parametrize("played", ["intake", "capacity"], indirect=True)
async def test_every_json_answer_has_a_schema(played: Played) -> None:
    told = await announced(played.http, "get", "post", "put", "delete")
    schemas = {
        (*where, status): answer["content"]["application/json"]["schema"]
        for where, answers in told.items()
        for status, answer in answers.items()
        if "application/json" in answer.get("content", {})
    }
    assert schemas
    assert not [where for where, schema in schemas.items() if not schema.keys() & {"$ref", "anyOf", "oneOf"}]


async def test_every_put_answers_what_it_announces_and_nothing_else(played: Played) -> None:
    told = await announced(played.http, "put")
    real = {
        where: {str(answer.status_code) for answer in answers if answer.is_success}
        for where, answers in played.answers.items()
        if where[0] == "put"
    }
    assert real == {where: set(answers) for where, answers in told.items()}
