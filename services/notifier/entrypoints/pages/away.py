"""The page on which people say until when they are away and who stands in for them, by the link of a mail; and its form."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.contacts import Absence, Contact
from services.notifier.domain.life import LONGEST_SNOOZE
from services.notifier.domain.links import LinkPurpose
from services.notifier.entrypoints.pages.away_words import AWAY_WORDS, AwayWords
from services.notifier.entrypoints.pages.link_words import LINK_WORDS, LinkWords
from services.notifier.entrypoints.pages.links import Token, acting, mail_of, private
from services.notifier.entrypoints.pages.wishes import Person, person_of, read_fields
from services.notifier.handlers.answering import LinkGone, find_readers
from services.notifier.handlers.contacts import be_absent, colleagues
from shared.dutch import dutch_day
from shared.errors import DomainError
from shared.web.forms import read_date
from shared.web.pages import Pages

BACK_AGAIN = "terug"
Fields = Mapping[str, str]


def add_away(site: FastAPI, parts: Parts, pages: Pages) -> None:
    """Adds the page."""

    @site.get("/afmelden/{token}/afwezig")
    async def show(request: Request, token: Token, opgeslagen: bool = False) -> Response:
        async with parts.reading() as store:
            person = person_of(await find_readers(store, mail_of(parts, LinkPurpose.UNSUBSCRIBE, token)))
            known = await store.contacts_of({each.organisation for each in person.contacts})
        return _page(
            request,
            pages,
            person,
            shown_absence(person, known, dutch_day(parts.clock()), spoken_to(person), is_saved=opgeslagen),
        )

    @site.post("/afmelden/{token}/afwezig")
    async def save(request: Request, token: Token) -> Response:
        mail, fields = mail_of(parts, LinkPurpose.UNSUBSCRIBE, token), await read_fields(request)
        try:
            async with acting(parts, mail) as store:
                person = person_of(await find_readers(store, mail))
                wanted = read_absence(fields, AWAY_WORDS[person.language], dutch_day(parts.clock()), LONGEST_SNOOZE)
                await be_absent(store, person.contacts, wanted, parts.clock())
        except LinkGone:
            raise
        except DomainError as problem:
            async with parts.reading() as store:
                known = await store.contacts_of({each.organisation for each in person.contacts})
            shown = shown_absence(
                person, known, dutch_day(parts.clock()), spoken_to(person), fields=fields, problem=problem.detail
            )
            return _page(request, pages, person, shown)
        parts.committed()
        return private(RedirectResponse(f"/afmelden/{token}/afwezig?opgeslagen=true", 303))


def read_absence(fields: Fields, words: AwayWords, today: date, ahead: timedelta) -> Absence | None:
    """What a form says, None for being back; raises DomainError, in these words, without days or with a last day further `ahead`."""
    if fields.get("actie") == BACK_AGAIN:
        return None
    first, last = (read_date(fields.get(each, "").strip()) for each in ("van", "tot"))
    if first is None or last is None:
        raise DomainError("geen-dag", words.no_day)
    if first <= last and last - today > ahead:
        raise DomainError("afwezigheid-te-lang", words.too_far.format(days=ahead.days))
    return Absence(first, last, fields.get("vervanger") or None)


def spoken_to(person: Person) -> tuple[AwayWords, LinkWords]:
    """The words for whoever it is about."""
    return AWAY_WORDS[person.language], LINK_WORDS[person.language]


def shown_absence(
    person: Person,
    known: Sequence[Contact],
    today: date,
    spoken: tuple[AwayWords, LinkWords],
    *,
    fields: Fields | None = None,
    is_saved: bool = False,
    problem: str = "",
) -> dict[str, Any]:
    """What the form is drawn from, in the words that are `spoken`; `fields` are what was filled in."""
    (words, around), phrases = spoken, spoken[1].phrases
    held = next((each.absence for each in person.contacts if each.absence), None)
    held = held if held is not None and held.until >= today else None
    filled = fields or {}
    days = (held.start.isoformat(), held.until.isoformat()) if held else (today.isoformat(), "")
    chosen = next((each.absence.substitute for each in person.contacts if each.absence and each.absence.substitute), "")
    names = [
        (each.id, f"{each.name}, {phrases.naming.roles[each.role]}" if each.name else phrases.naming.roles[each.role])
        for each in colleagues(person.contacts, known)
    ]
    said = {"start": phrases.date(held.start), "until": phrases.date(held.until)} if held else {}
    return {
        "a": words,
        "w": around,
        "lang": phrases.language,
        "held_for": words.holds_for.format(roles=person.roles_in(around)),
        "is_away": words.is_away.format(**said) if held else "",
        "days": (filled.get("van", days[0]), filled.get("tot", days[1])),
        "substitute": filled.get("vervanger", chosen if held else ""),
        "colleagues": names,
        "is_saved": is_saved,
        "problem": problem,
    }


def _page(request: Request, pages: Pages, person: Person, shown: Mapping[str, Any]) -> Response:
    status, back = (400 if shown["problem"] else 200), request.url.path.removesuffix("/afwezig")
    answer = pages.render(request, "away.html", status=status, **shown, back=back)
    return private(answer, LINK_WORDS[person.language])
