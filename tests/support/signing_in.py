"""Capacity where people sign in, with a real mail server, and people at browsers of their own."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

from services.capacity.bootstrap import Parts
from services.capacity.entrypoints.access_mailer import AccessMailer
from services.capacity.entrypoints.serve import build_capacity_app
from services.capacity.handlers import giving_access
from shared.security.roles import Position
from tests.integration.capacity.conftest import Clock, Service, open_service
from tests.integration.notifier.smtp_server import MailServer

URL = "https://leerplek.test"
OWN = {"Origin": URL, "Sec-Fetch-Site": "same-origin"}
FIREFOX = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"


def link_in(mail: EmailMessage) -> str:
    """The path of the link in a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"{URL}(/aanmelden/link\?t=\S+)", body.get_content())
    assert found, body.get_content()
    return found[1]


def token_in(mail: EmailMessage) -> str:
    """The token in it."""
    return link_in(mail).partition("t=")[2]


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies as browsers do."""

    http: httpx.AsyncClient

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(path, **more)

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Sends a form of our own pages, unless the headers say otherwise."""
        return await self.http.post(path, data={"sleutel": path, **fields}, headers=OWN if headers is None else headers)

    @property
    def cookie(self) -> str:
        """The secret of its session."""
        return self.http.cookies.get("__Host-leerplek") or ""


@dataclass
class World:
    """One installation; `browser()` is a new one, `mailed()` sends what waits and gives all mails so far."""

    service: Service
    mails: MailServer
    app: Any
    open_browsers: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def parts(self) -> Parts:
        return self.service.parts

    @property
    def clock(self) -> Clock:
        return self.service.clock

    def browser(self, agent: str = FIREFOX, host: str = "10.0.0.1") -> Browser:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(host, 1))
        self.open_browsers.append(httpx.AsyncClient(transport=transport, base_url=URL, headers={"User-Agent": agent}))
        return Browser(self.open_browsers[-1])

    async def mailed(self) -> list[EmailMessage]:
        letterbox = self.parts.access.letterbox
        assert letterbox is not None
        mailer = AccessMailer(self.parts, letterbox)
        while await mailer.send_one():
            pass
        return self.mails.taken

    async def invite(self, email: str, *positions: Position, name: str = "") -> None:
        """Invites somebody as the operator does, and sends the mail."""
        async with self.parts.runtime.database.transaction() as tx:
            people = self.parts.access.people(tx, "operator")
            for each in positions:
                await giving_access.invite(people, email, name, each, self.clock())
        await self.mailed()

    async def signed_in(self, email: str, *positions: Position, name: str = "", agent: str = FIREFOX) -> Browser:
        """Somebody who was invited and signed in."""
        await self.invite(email, *positions, name=name)
        browser = self.browser(agent)
        answer = await browser.post("/aanmelden/link", t=token_in(self.mails.taken[-1]))
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        return browser


@asynccontextmanager
async def opened_world(database_url: str, folder: Path, **changes: Any) -> AsyncIterator[World]:
    """An installation where people sign in by mail."""
    mails = MailServer()
    await mails.start()
    by_mail = {"smtp_host": "127.0.0.1", "smtp_port": mails.port, "mail_from": "Leerplek <leerplek@leerplek.test>"}
    service = await open_service(database_url, folder, **{"public_url": URL, **by_mail, **changes})
    world = World(service, mails, build_capacity_app(service.parts))
    try:
        yield world
    finally:
        for each in [*world.open_browsers, service.http]:
            await each.aclose()
        await service.parts.runtime.database.close()
        await mails.stop()
