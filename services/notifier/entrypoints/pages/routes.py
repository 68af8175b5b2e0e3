"""The notifier's pages: messages, alerts, who hears what, and what the links of a mail lead to."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.delivery import MailState
from services.notifier.entrypoints.pages.alerts import add_alerts
from services.notifier.entrypoints.pages.answers import add_answers, calendar_file
from services.notifier.entrypoints.pages.hearers import add_hearers
from services.notifier.entrypoints.pages.words import WORDS
from services.notifier.handlers import reading
from services.notifier.ports import MailFilter
from shared.contracts.vocabulary import EntityId
from shared.web.pages import Pages, build_pages, build_site
from shared.web.viewing import FindViewer, everybody

TEMPLATES = Path(__file__).parent / "templates"
PAGE = 50


def add_pages(app: FastAPI, parts: Parts, find_viewer: FindViewer = everybody) -> None:
    """Mounts the pages at the root, after everything else; `find_viewer` tells who looks."""
    pages = build_pages([TEMPLATES], **WORDS)
    site = build_site(pages, find_viewer)
    _messages(site, parts, pages)
    add_alerts(site, parts, pages)
    add_hearers(site, parts, pages)
    add_answers(site, parts, pages)
    app.mount("/", site)


def _messages(site: FastAPI, parts: Parts, pages: Pages) -> None:
    @site.get("/")
    async def messages(
        request: Request,
        toestand: MailState | None = None,
        voor: EntityId | None = None,
    ) -> Response:
        async with parts.reading() as store:
            found = await store.mails(MailFilter(state=toestand, before=voor, limit=PAGE + 1))
            gaps = await reading.find_gaps(store, parts.clock())
            unwritten = await store.unwritten()
        older = found[PAGE - 1].id if len(found) > PAGE else None
        listed: dict[str, Any] = {"mails": found[:PAGE], "gaps": gaps, "unwritten": unwritten, "older": older}
        return pages.render(request, "messages.html", **listed, state=toestand)

    @site.get("/berichten/{mail}")
    async def message(request: Request, mail: EntityId) -> Response:
        async with parts.reading() as store:
            held = await reading.find_mail(store, mail)
        return pages.render(request, "message.html", mail=held)

    @site.get("/berichten/{mail}/gesprek.ics")
    async def meeting(mail: EntityId) -> Response:
        async with parts.reading() as store:
            held = await reading.find_mail(store, mail)
        return calendar_file(held.invitation)
