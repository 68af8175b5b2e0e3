"""The page on which people choose how they hear, behind the same link by which they see what they are subscribed to and why; and its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Contact, Language, QuietHours, Role, Wish
from services.notifier.domain.links import LinkPurpose
from services.notifier.entrypoints.pages.forms import UNREADABLE
from services.notifier.entrypoints.pages.link_words import LINK_WORDS, LinkWords
from services.notifier.entrypoints.pages.links import Token, acting, mail_of, private
from services.notifier.entrypoints.pages.wish_words import WISH_WORDS, WishWords
from services.notifier.handlers.answering import LinkGone, Readers, find_readers
from services.notifier.handlers.wishing import Wishes, change_wishes, heard_by, wishes_of
from shared.errors import DomainError
from shared.web.pages import Pages

MAX_FIELDS = 40
OF_KIND = "soort-"
"""Before the name of a kind, in a form."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose wishes they are: as whom they are spoken to, and all their contacts that the wishes hold for."""

    first: Contact
    contacts: Sequence[Contact]

    @property
    def language(self) -> Language:
        """In which they are written to."""
        return self.first.preferences.language

    def roles_in(self, words: LinkWords) -> str:
        """What they are, of which organisations, in these words."""
        naming = words.phrases.naming
        return ", ".join(dict.fromkeys(f"{naming.roles[each.role]} ({each.organisation})" for each in self.contacts))


def person_of(readers: Readers) -> Person:
    """Who got a mail."""
    return Person(readers.first, list(readers.contacts.values()))


def add_wishes(site: FastAPI, parts: Parts, pages: Pages) -> None:
    """Adds the page."""

    @site.get("/afmelden/{token}/voorkeuren")
    async def choose(request: Request, token: Token, opgeslagen: bool = False) -> Response:
        async with parts.reading() as store:
            person = person_of(await find_readers(store, mail_of(parts, LinkPurpose.UNSUBSCRIBE, token)))
        wishes = wishes_of(person.first, person.contacts)
        return _page(request, pages, person, WishForm(wishes, is_saved=opgeslagen))

    @site.post("/afmelden/{token}/voorkeuren")
    async def save(request: Request, token: Token) -> Response:
        mail = mail_of(parts, LinkPurpose.UNSUBSCRIBE, token)
        sent = await read_fields(request)
        async with parts.reading() as store:
            person = person_of(await find_readers(store, mail))
        wanted = read_wishes(sent, WISH_WORDS[person.language])
        if not wanted.problem:
            try:
                async with acting(parts, mail) as store:
                    await change_wishes(store, mail, wanted.wishes)
            except LinkGone:
                raise
            except DomainError as problem:
                wanted = replace(wanted, problem=problem.detail)
        if wanted.problem:
            return _page(request, pages, person, wanted)
        parts.committed()
        return private(RedirectResponse(f"/afmelden/{token}/voorkeuren?opgeslagen=true", 303))


@dataclass(frozen=True, slots=True)
class WishForm:
    """What the form shows: wishes, what was filled in as quiet hours where that cannot be kept, and what is wrong."""

    wishes: Wishes
    quiet: tuple[str, str] | None = None
    is_saved: bool = False
    problem: str = ""


def _page(request: Request, pages: Pages, person: Person, form: WishForm) -> Response:
    words = LINK_WORDS[person.language]
    back = request.url.path.removesuffix("/voorkeuren")
    shown = shown_wishes(person, form, back, words, WISH_WORDS[person.language])
    return private(pages.render(request, "wishes.html", status=400 if form.problem else 200, **shown), words)


def shown_wishes(person: Person, form: WishForm, back: str, words: LinkWords, wish_words: WishWords) -> dict[str, Any]:
    """What the form is drawn from, in these words."""
    hours = form.wishes.quiet_hours
    return {
        "w": words,
        "v": wish_words,
        "lang": words.phrases.language,
        "heard": heard_by(person.first, person.contacts),
        "wishes": form.wishes,
        "quiet": form.quiet or ((f"{hours.start:%H:%M}", f"{hours.until:%H:%M}") if hours else ("", "")),
        "roles_held": person.roles_in(words),
        "is_manager": any(each.role is Role.PROGRAMME_MANAGER for each in person.contacts),
        "is_saved": form.is_saved,
        "problem": form.problem,
        "back": back,
    }


def _ends(fields: Mapping[str, str]) -> tuple[str, str]:
    """Both ends of the quiet hours as they were filled in."""
    return fields.get("stil-van", ""), fields.get("stil-tot", "")


async def read_fields(request: Request) -> Mapping[str, str]:
    try:
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as problem:
        raise HTTPException(400, UNREADABLE) from problem


def read_wishes(fields: Mapping[str, str], words: WishWords) -> WishForm:
    """What a form says, and what is wrong with it in these words; raises HTTPException for what no form of ours sends."""
    try:
        chosen = {name.removeprefix(OF_KIND): value for name, value in fields.items() if name.startswith(OF_KIND)}
        by_kind = {AlertKind(kind): Wish(value) for kind, value in chosen.items() if value}
        wish, written_in = Wish(fields.get("wens", "")), Language(fields.get("taal", ""))
        ends = [time.fromisoformat(each) for each in _ends(fields) if each]
    except ValueError as problem:
        raise HTTPException(400, UNREADABLE) from problem
    wanted = Wishes(wish, by_kind, None, written_in, weekly="week" in fields)
    if len(ends) == 1:
        return WishForm(wanted, _ends(fields), problem=words.half_quiet)
    return WishForm(replace(wanted, quiet_hours=QuietHours(*ends)) if ends else wanted)
