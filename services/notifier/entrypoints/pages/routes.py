"""The notifier's pages: messages, alerts, who hears what, and what the links of a mail lead to."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import organisation_of
from services.notifier.domain.delivery import MailState
from services.notifier.entrypoints.pages.alerts import add_alerts, address_of
from services.notifier.entrypoints.pages.answers import add_answers, calendar_file
from services.notifier.entrypoints.pages.contact_pages import ONE, add_contact_pages
from services.notifier.entrypoints.pages.hearers import add_hearers
from services.notifier.entrypoints.pages.mode_pages import ARRIVING, add_mode_pages
from services.notifier.entrypoints.pages.telling import tell_alert
from services.notifier.entrypoints.pages.words import WORDS
from services.notifier.handlers import reading
from services.notifier.ports import MailFilter
from shared.contracts.vocabulary import EntityId
from shared.security.roles import CARE_FOR_ALERTS, CHANGE_CONTACTS, READ_ALERTS, READ_MESSAGES
from shared.web.pages import Pages, build_pages, build_site
from shared.web.passing import RULES as PASSING
from shared.web.passing import add_passing
from shared.web.viewing import PUBLIC, FindViewer, PageRule, Rules, Viewing, check_rules, everybody

TEMPLATES = Path(__file__).parent / "templates"
PAGE = 50
ONE_ALERT, ANSWER, LEAVE = "/meldingen/{kind}/{subject:path}", "/antwoord/{token}", "/afmelden/{token}"
_ALERTS, _CONTACTS = PageRule(READ_ALERTS), PageRule(CHANGE_CONTACTS)
RULES: Rules = {
    ("GET", "/"): _ALERTS,
    ("GET", "/berichten/{mail}"): _ALERTS,
    ("GET", "/berichten/{mail}/gesprek.ics"): _ALERTS,
    ("GET", "/meldingen"): _ALERTS,
    ("GET", ONE_ALERT): _ALERTS,
    ("POST", ONE_ALERT): PageRule(CARE_FOR_ALERTS),
    ("GET", "/organisaties"): _ALERTS,
    ("GET", "/organisaties/{code}"): _ALERTS,
    ("GET", "/contacten/{contact}"): _ALERTS,
    ("GET", "/organisaties/{code}/nieuw"): _CONTACTS,
    ("POST", "/organisaties/{code}/nieuw"): _CONTACTS,
    **{
        (method, f"{ONE}/{page}"): _CONTACTS
        for page in ("wijzigen", "voorkeuren", "afwezig")
        for method in ("GET", "POST")
    },
    ("GET", ARRIVING): _CONTACTS,
    ("POST", ARRIVING): _CONTACTS,
    ("POST", f"{ONE}/opnieuw"): _CONTACTS,
    ("POST", f"{ONE}/verwijderen"): _CONTACTS,
    ("GET", ANSWER): PUBLIC,
    ("POST", ANSWER): PUBLIC,
    ("GET", f"{ANSWER}/gesprek.ics"): PUBLIC,
    ("GET", LEAVE): PUBLIC,
    ("POST", LEAVE): PUBLIC,
    ("GET", f"{LEAVE}/voorkeuren"): PUBLIC,
    ("POST", f"{LEAVE}/voorkeuren"): PUBLIC,
    ("GET", f"{LEAVE}/afwezig"): PUBLIC,
    ("POST", f"{LEAVE}/afwezig"): PUBLIC,
}
"""Which page is for whom: alerts and messages for whom they concern (the list of all messages for the operator alone, which its
page sees to); a link in a mail proves by itself who follows it."""


def add_pages(app: FastAPI, parts: Parts, find_viewer: FindViewer = everybody) -> None:
    """Mounts the pages at the root, after everything else; who looks is asked where people sign in, else `find_viewer` tells."""
    pages, elsewhere = build_pages([TEMPLATES], **WORDS), parts.sign_in
    rules, find = ({**RULES, **PASSING}, elsewhere.find_viewer) if elsewhere else (RULES, find_viewer)
    site = build_site(pages, rules, find)
    if elsewhere:
        add_passing(site, elsewhere)
    _messages(site, parts, pages)
    add_alerts(site, parts, pages)
    add_hearers(site, parts, pages)
    add_mode_pages(site, parts, pages)
    add_contact_pages(site, parts, pages)
    add_answers(site, parts, pages)
    check_rules(site)
    app.mount("/", site)


def _messages(site: FastAPI, parts: Parts, pages: Pages) -> None:
    @site.get("/")
    async def messages(
        request: Request,
        viewer: Viewing,
        toestand: MailState | None = None,
        voor: EntityId | None = None,
    ) -> Response:
        if READ_MESSAGES not in viewer.caller.scopes:
            return RedirectResponse("/meldingen", 303)
        async with parts.reading() as store:
            found = await store.mails(MailFilter(state=toestand, before=voor, limit=PAGE + 1))
            gaps = await reading.find_gaps(store, parts.clock())
            unwritten = await store.unwritten()
        older = found[PAGE - 1].id if len(found) > PAGE else None
        listed: dict[str, Any] = {"mails": found[:PAGE], "gaps": gaps, "unwritten": unwritten, "older": older}
        return pages.render(request, "messages.html", **listed, state=toestand)

    @site.get("/berichten/{mail}")
    async def message(request: Request, viewer: Viewing, mail: EntityId) -> Response:
        async with parts.reading() as store:
            found = await reading.find_message(store, mail, organisation_of(viewer.caller), parts.clock())
        lines = [(address_of(each), tell_alert(each, found.knowledge)) for each in found.alerts]
        return pages.render(request, "message.html", mail=found.mail, is_whole=found.is_whole, lines=lines)

    @site.get("/berichten/{mail}/gesprek.ics")
    async def meeting(viewer: Viewing, mail: EntityId) -> Response:
        async with parts.reading() as store:
            held = await reading.find_whole_mail(store, mail, organisation_of(viewer.caller), parts.clock())
        return calendar_file(held.invitation)
