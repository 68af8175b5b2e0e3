"""The routes of the pages: all messages, newest first, and one of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Role, mask_address
from services.notifier.domain.delivery import MailState
from services.notifier.domain.phrases import DUTCH
from services.notifier.handlers import reading
from services.notifier.ports import MailFilter
from shared.contracts.vocabulary import EntityId
from shared.dutch import called_region, counted
from shared.security.roles import READ_MESSAGES
from shared.short_code import short_code
from shared.web.pages import build_pages, build_site
from shared.web.passing import RULES as PASSING
from shared.web.passing import add_passing
from shared.web.viewing import PageRule, Rules, check_rules, everybody

TEMPLATES = Path(__file__).parent / "templates"
PAGE = 50
RULES: Rules = {("GET", "/"): PageRule(READ_MESSAGES), ("GET", "/berichten/{mail}"): PageRule(READ_MESSAGES)}
"""Which page is for whom: here all messages of all organisations."""
STATES = {
    MailState.WAITING: ("wacht", "info"),
    MailState.SENDING: ("wordt verstuurd", "info"),
    MailState.SENT: ("verstuurd", "ok"),
    MailState.FAILED: ("mislukt", "danger"),
    MailState.CANCELLED: ("vervallen", "quiet"),
    MailState.SHOWN: ("alleen getoond", "quiet"),
}
KINDS: Mapping[AlertKind | None, str] = {None: "Overzicht"} | {kind: DUTCH.subjects[kind] for kind in AlertKind}


def shown_address(email: str) -> str:
    """An address as the page shows it: masked, and of a deleted contact not at all."""
    return mask_address(email) if email else "adres gewist"


def add_pages(app: FastAPI, parts: Parts) -> None:
    """Mounts the page of all messages and the page of one at the root, after everything else."""
    pages = build_pages([TEMPLATES])
    elsewhere = parts.sign_in
    rules, find = ({**RULES, **PASSING}, elsewhere.find_viewer) if elsewhere else (RULES, everybody)
    site = build_site(pages, rules, find)
    if elsewhere:
        add_passing(site, elsewhere)
    words: dict[str, Any] = {
        "states": STATES,
        "kinds": KINDS,
        "roles": DUTCH.naming.roles,
        "address": shown_address,
        "counted": counted,
        "called_region": called_region,
        "code": short_code,
        "Role": Role,
    }

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
        return pages.render(request, "messages.html", **listed, state=toestand, **words)

    @site.get("/berichten/{mail}")
    async def message(request: Request, mail: EntityId) -> Response:
        async with parts.reading() as store:
            held = await reading.find_mail(store, mail)
        return pages.render(request, "message.html", mail=held, **words)

    check_rules(site)
    app.mount("/", site)
