"""The pages behind the links of a mail: a GET shows what will happen, a POST does it; whoever has the link may.

The link is the proof, so a form needs none besides: no other site knows it, and it is sent to nobody.
"""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.contacts import Contact, Wish
from services.notifier.domain.links import LinkPurpose
from services.notifier.domain.subscriptions import subscriptions
from services.notifier.entrypoints.pages.away import add_away
from services.notifier.entrypoints.pages.away_words import AWAY_WORDS
from services.notifier.entrypoints.pages.forms import read_answer
from services.notifier.entrypoints.pages.link_words import LINK_WORDS
from services.notifier.entrypoints.pages.links import Token, acting, mail_of, private
from services.notifier.entrypoints.pages.telling import snooze_days, tell_alert
from services.notifier.entrypoints.pages.wish_words import WISH_WORDS
from services.notifier.entrypoints.pages.wishes import add_wishes
from services.notifier.handlers.answering import (
    AlertOver,
    Deed,
    LinkGone,
    answer_mail,
    calm_reader,
    find_question,
    find_readers,
)
from shared.dutch import dutch_day
from shared.errors import NotFound
from shared.security.link_tokens import TokenExpired, TokenRefused
from shared.web.pages import Pages

SHOWN = 50
"""So many alerts of one mail with a form each; the others can be taken on together."""


def add_answers(site: FastAPI, parts: Parts, pages: Pages) -> None:
    """Adds the pages of the two kinds of link, and what is shown for a link that is no good any more."""
    _refusing(site, pages)
    _answering(site, parts, pages)
    _calming(site, parts, pages)
    add_wishes(site, parts, pages)
    add_away(site, parts, pages)


def _refusing(site: FastAPI, pages: Pages) -> None:
    @site.exception_handler(TokenRefused)
    async def refused(request: Request, problem: TokenRefused) -> Response:
        is_expired = isinstance(problem, TokenExpired)
        return private(
            pages.render(request, "link_refused.html", status=410 if is_expired else 404, is_expired=is_expired)
        )

    @site.exception_handler(LinkGone)
    async def gone(request: Request, problem: LinkGone) -> Response:
        return private(pages.render(request, "link_gone.html", status=404, detail=problem.detail))

    @site.exception_handler(AlertOver)
    async def over(request: Request, problem: AlertOver) -> Response:
        return private(pages.render(request, "link_over.html", status=400, detail=problem.detail))


def _answering(site: FastAPI, parts: Parts, pages: Pages) -> None:
    @site.get("/antwoord/{token}")
    async def ask(request: Request, token: Token, gedaan: Deed | None = None) -> Response:
        mail, now = mail_of(parts, LinkPurpose.ANSWER, token), parts.clock()
        async with parts.reading() as store:
            found = await find_question(store, mail, now)
        words = LINK_WORDS[found.reader.preferences.language]
        shown: dict[str, Any] = {
            "w": words,
            "lang": words.phrases.language,
            "live": [tell_alert(each, found.knowledge, found.asked[each.id]) for each in found.live[:SHOWN]],
            "over": [tell_alert(each, found.knowledge, found.asked[each.id]) for each in found.over[:SHOWN]],
            "more": max(0, len(found.live) - SHOWN),
            "unclaimed": sum(each.care.acknowledged_by is None for each in found.live),
            "mail": found.mail,
            "done": words.done.get(gedaan, "") if gedaan else "",
            "days": snooze_days(dutch_day(now), words),
            "has_meeting": bool(found.mail.invitation),
        }
        return private(pages.render(request, "answer.html", token=token, **shown), words)

    @site.post("/antwoord/{token}")
    async def do(request: Request, token: Token) -> Response:
        mail, given = mail_of(parts, LinkPurpose.ANSWER, token), await read_answer(request)
        async with acting(parts, mail) as store:
            await answer_mail(store, mail, given, parts.clock())
        parts.committed()
        return private(RedirectResponse(f"/antwoord/{token}?gedaan={given.deed}", 303))

    @site.get("/antwoord/{token}/gesprek.ics")
    async def meeting(token: Token) -> Response:
        async with parts.reading() as store:
            found = await find_readers(store, mail_of(parts, LinkPurpose.ANSWER, token))
        return private(calendar_file(found.mail.invitation))


def _calming(site: FastAPI, parts: Parts, pages: Pages) -> None:
    @site.get("/afmelden/{token}")
    async def show(request: Request, token: Token) -> Response:
        mail = mail_of(parts, LinkPurpose.UNSUBSCRIBE, token)
        async with parts.reading() as store:
            reader = (await find_readers(store, mail)).first
        is_calm = reader.preferences.wish is not Wish.IMMEDIATE
        return _calm_page(request, pages, reader, is_calm=is_calm, is_done=False)

    @site.post("/afmelden/{token}")
    async def calm(request: Request, token: Token) -> Response:
        mail = mail_of(parts, LinkPurpose.UNSUBSCRIBE, token)
        async with acting(parts, mail) as store:
            reader = await calm_reader(store, mail)
        parts.committed()
        return _calm_page(request, pages, reader, is_calm=True, is_done=True)


def _calm_page(request: Request, pages: Pages, reader: Contact, *, is_calm: bool, is_done: bool) -> Response:
    words = LINK_WORDS[reader.preferences.language]
    shown: dict[str, Any] = {"w": words, "lang": words.phrases.language, "heard": subscriptions(reader)}
    shown |= {"wishes": f"{request.url.path}/voorkeuren", "v": WISH_WORDS[reader.preferences.language]}
    shown |= {"away": f"{request.url.path}/afwezig", "a": AWAY_WORDS[reader.preferences.language]}
    return private(pages.render(request, "calmer.html", is_calm=is_calm, is_done=is_done, **shown), words)


def calendar_file(content: str) -> Response:
    """A talk as a file for one's own calendar; raises NotFound where none was proposed."""
    if not content:
        raise NotFound("geen-gesprek", "Bij dit bericht is geen gesprek voorgesteld.")
    headers = {"Content-Disposition": 'attachment; filename="gesprek.ics"'}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
