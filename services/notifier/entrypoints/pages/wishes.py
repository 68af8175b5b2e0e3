"""The page on which people choose how they hear, behind the same link by which they see what they are subscribed to and why."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Language, QuietHours, Role, Wish
from services.notifier.domain.links import LinkPurpose
from services.notifier.entrypoints.pages.forms import UNREADABLE
from services.notifier.entrypoints.pages.link_words import LINK_WORDS
from services.notifier.entrypoints.pages.links import Token, acting, mail_of, private
from services.notifier.entrypoints.pages.wish_words import WISH_WORDS
from services.notifier.handlers.answering import LinkGone, Readers, find_readers
from services.notifier.handlers.wishing import Wishes, change_wishes, heard_by, wishes_of
from shared.errors import DomainError
from shared.web.pages import Pages

MAX_FIELDS = 40
OF_KIND = "soort-"
"""Before the name of a kind, in a form."""


def add_wishes(site: FastAPI, parts: Parts, pages: Pages) -> None:
    """Adds the page."""

    @site.get("/afmelden/{token}/voorkeuren")
    async def choose(request: Request, token: Token, opgeslagen: bool = False) -> Response:
        async with parts.reading() as store:
            readers = await find_readers(store, mail_of(parts, LinkPurpose.UNSUBSCRIBE, token))
        return _page(request, pages, readers, wishes_of(readers), is_saved=opgeslagen)

    @site.post("/afmelden/{token}/voorkeuren")
    async def save(request: Request, token: Token) -> Response:
        mail = mail_of(parts, LinkPurpose.UNSUBSCRIBE, token)
        fields = await _fields(request)
        async with parts.reading() as store:
            readers = await find_readers(store, mail)
        wanted, is_half = _wishes(fields)
        if is_half:
            half = WISH_WORDS[_language(readers)].half_quiet
            return _page(request, pages, readers, wanted, quiet=_ends(fields), problem=half)
        try:
            async with acting(parts, mail) as store:
                await change_wishes(store, mail, wanted)
        except LinkGone:
            raise
        except DomainError as problem:
            return _page(request, pages, readers, wanted, problem=problem.detail)
        parts.committed()
        return private(RedirectResponse(f"/afmelden/{token}/voorkeuren?opgeslagen=true", 303))


def _page(
    request: Request,
    pages: Pages,
    readers: Readers,
    wishes: Wishes,
    *,
    quiet: tuple[str, str] | None = None,
    is_saved: bool = False,
    problem: str = "",
) -> Response:
    """The page; `quiet` is what was filled in as quiet hours where that cannot be kept."""
    hours = wishes.quiet_hours
    language = _language(readers)
    words, phrases = LINK_WORDS[language], LINK_WORDS[language].phrases
    roles = [f"{phrases.naming.roles[each.role]} ({each.organisation})" for each in readers.contacts.values()]
    shown: dict[str, Any] = {
        "w": words,
        "v": WISH_WORDS[language],
        "lang": phrases.language,
        "heard": heard_by(readers),
        "wishes": wishes,
        "quiet": quiet or ((f"{hours.start:%H:%M}", f"{hours.until:%H:%M}") if hours else ("", "")),
        "roles_held": ", ".join(dict.fromkeys(roles)),
        "is_manager": any(each.role is Role.PROGRAMME_MANAGER for each in readers.contacts.values()),
        "is_saved": is_saved,
        "problem": problem,
        "back": request.url.path.removesuffix("/voorkeuren"),
    }
    return private(pages.render(request, "wishes.html", status=400 if problem else 200, **shown), words)


def _ends(fields: Mapping[str, str]) -> tuple[str, str]:
    """Both ends of the quiet hours as they were filled in."""
    return fields.get("stil-van", ""), fields.get("stil-tot", "")


def _language(readers: Readers) -> Language:
    return readers.first.preferences.language


async def _fields(request: Request) -> Mapping[str, str]:
    try:
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as problem:
        raise HTTPException(400, UNREADABLE) from problem


def _wishes(fields: Mapping[str, str]) -> tuple[Wishes, bool]:
    """What a form says, and whether of the quiet hours only one end was given; raises HTTPException for what no form of ours sends."""
    try:
        chosen = {name.removeprefix(OF_KIND): value for name, value in fields.items() if name.startswith(OF_KIND)}
        by_kind = {AlertKind(kind): Wish(value) for kind, value in chosen.items() if value}
        wish, language = Wish(fields.get("wens", "")), Language(fields.get("taal", ""))
        ends = [time.fromisoformat(each) for each in _ends(fields) if each]
    except ValueError as problem:
        raise HTTPException(400, UNREADABLE) from problem
    wanted = Wishes(wish, by_kind, None, language, weekly="week" in fields)
    if len(ends) == 2:
        wanted = replace(wanted, quiet_hours=QuietHours(*ends))
    return wanted, len(ends) == 1
