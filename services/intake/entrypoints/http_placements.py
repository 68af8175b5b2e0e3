"""Routes of places: what became of the institute's students, and what it decides."""

from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response

from services.intake import handlers
from services.intake.bootstrap import Parts
from services.intake.domain.access import DECIDE, READ, Who
from services.intake.entrypoints.answers import DecisionAnswer, PlacementAnswer, PlacementPage
from services.intake.entrypoints.asking import asks, change
from services.intake.entrypoints.bodies import DecisionBody, PlacementQuery, decision_body, placement_body
from services.intake.entrypoints.http_registrations import StudentId
from services.intake.ports import Store
from shared.web.changes import Answer, changed
from shared.web.paging import page_of


def add_placements(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""
    Reader = Annotated[Who, Depends(asks(parts, READ))]  # noqa: N806 - a type
    Decider = Annotated[Who, Depends(asks(parts, DECIDE))]  # noqa: N806 - a type

    @api.get(
        "/placements",
        summary="Lees wat er van uw studenten werd, per student: plaats, aanbod, uw besluit",
        response_model=PlacementPage,
    )
    async def listed(request: Request, who: Reader, query: Annotated[PlacementQuery, Query()]) -> Response:
        async with parts.reading(who) as store:
            found = await store.outcomes(query.wanted(), query.state, query.cursor, query.one_more)
        return page_of(request, [placement_body(each, parts.settings.answers_url) for each in found], query)

    @api.get(
        "/placements/{student}",
        summary="Lees de plaats van een student, een aanbod van een andere, en uw besluit",
        response_model=PlacementAnswer,
    )
    async def read(student: StudentId, who: Reader) -> Response:
        async with parts.reading(who) as store:
            found = await handlers.find_outcome(store, student)
        return JSONResponse(placement_body(found, parts.settings.answers_url))

    @api.post(
        "/placements/{student}/decision",
        summary="Bevestig een plaats, wijs haar af, of vraag om een andere",
        response_model=DecisionAnswer,
    )
    async def decide(request: Request, student: StudentId, who: Decider, body: DecisionBody) -> Response:
        async def operation(store: Store) -> Answer:
            decision = await handlers.decide(store, student, body.decision, body.reason, body.offer)
            return changed(decision_body(decision))

        return await change(parts, request, who, operation)
