"""Routes about alerts and the mails that told of them: what goes on, what reaches nobody, what was sent and why."""

from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import check_sees_gaps, organisation_of
from services.notifier.entrypoints.answers import AlertPage, MailPage, UnheardAnswer
from services.notifier.entrypoints.asking import asks
from services.notifier.entrypoints.bodies import (
    AlertQuery,
    MailQuery,
    alert_body,
    alert_cursor,
    gap_body,
    mail_body,
    unwritten_body,
)
from services.notifier.handlers import reading
from shared.security.callers import Caller
from shared.security.roles import READ_ALERTS, READ_MESSAGES
from shared.web.paging import page_after, page_of


def add_alerts(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""
    Reader = Annotated[Caller, Depends(asks(parts, READ_ALERTS))]  # noqa: N806 - a type
    OfMessages = Annotated[Caller, Depends(asks(parts, READ_MESSAGES))]  # noqa: N806 - a type

    @api.get("/mails", summary="Welke berichten zijn verstuurd, het nieuwste eerst", response_model=MailPage)
    async def mails(request: Request, caller: OfMessages, query: Annotated[MailQuery, Query()]) -> Response:
        async with parts.reading() as store:
            found = await store.mails(query.wanted(organisation_of(caller)))
        return page_of(request, [mail_body(mail) for mail in found], query)

    @api.get("/alerts", summary="Welke meldingen lopen of voorbij zijn, de nieuwste eerst", response_model=AlertPage)
    async def alerts(request: Request, caller: Reader, query: Annotated[AlertQuery, Query()]) -> Response:
        async with parts.reading() as store:
            found = await store.alerts_where(query.wanted(organisation_of(caller)))
        shown = found[: query.limit]
        following = alert_cursor(shown[-1]) if len(found) > query.limit else None
        return page_after(request, [alert_body(each) for each in shown], following)

    @api.get(
        "/unheard",
        summary="Waarvan nog iemand moet horen, wat niemand bereikt en wat niet is op te stellen",
        response_model=UnheardAnswer,
    )
    async def unheard(caller: Reader) -> Response:
        check_sees_gaps(caller)
        own = organisation_of(caller)
        async with parts.reading() as store:
            found = await store.open_alerts()
            gaps = await reading.find_gaps(store, parts.clock())
            unwritten = await store.unwritten()
        body = {
            "items": [alert_body(each) for each in found if own in (None, each.case.region)],
            "without_recipient": [gap_body(each) for each in gaps if own in (None, each.region)],
            "unwritten": [unwritten_body(each) for each in unwritten if own in (None, each.region)],
        }
        return JSONResponse(body)
