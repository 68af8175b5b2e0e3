"""Routes of mismatch reports: report, list, read, withdraw."""

from typing import Annotated

import uuid_utils
from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from services.intake import handlers
from services.intake.bootstrap import Parts
from services.intake.domain.access import READ, WRITE, Who
from services.intake.domain.registrations import NewMismatch
from services.intake.entrypoints.answers import MismatchAnswer, MismatchPage
from services.intake.entrypoints.asking import asks, change
from services.intake.entrypoints.bodies import MismatchQuery, mismatch_body
from services.intake.ports import Store
from shared.contracts.vocabulary import EntityId
from shared.dutch import dutch_day
from shared.web.changes import Answer, changed, created
from shared.web.paging import page_of

MismatchId = Annotated[EntityId, Path(description="Het nummer van de melding, uit Location.")]


def add_mismatches(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""
    Reader = Annotated[Who, Depends(asks(parts, READ))]  # noqa: N806 - a type
    Writer = Annotated[Who, Depends(asks(parts, WRITE))]  # noqa: N806 - a type

    @api.post(
        "/mismatches", status_code=201, summary="Meld dat student en plaats niet passen", response_model=MismatchAnswer
    )
    async def report(request: Request, who: Writer, body: NewMismatch) -> Response:
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store) -> Answer:
            reported = (body.reported_on or dutch_day(parts.clock()), body.reported_by)
            held = await handlers.report_mismatch(store, identifier, body.student, body.kind, reported=reported)
            return created(mismatch_body(held), f"/v1/mismatches/{identifier}")

        return await change(parts, request, who, operation)

    @api.get("/mismatches", summary="Lees de meldingen, van één student of van alle", response_model=MismatchPage)
    async def listed(request: Request, who: Reader, query: Annotated[MismatchQuery, Query()]) -> Response:
        async with parts.reading(who) as store:
            found = await store.mismatches(query.student, query.cursor, query.one_more)
        return page_of(request, [mismatch_body(held) for held in found], query)

    @api.get("/mismatches/{mismatch}", summary="Lees een melding", response_model=MismatchAnswer)
    async def read(mismatch: MismatchId, who: Reader) -> Response:
        async with parts.reading(who) as store:
            held = await handlers.find_mismatch(store, mismatch)
        return JSONResponse(mismatch_body(held))

    @api.delete(
        "/mismatches/{mismatch}", summary="Trek een melding in: opgelost of vergissing", response_model=MismatchAnswer
    )
    async def withdraw(request: Request, mismatch: MismatchId, who: Writer) -> Response:
        async def operation(store: Store) -> Answer:
            return changed(mismatch_body(await handlers.withdraw_mismatch(store, mismatch)))

        return await change(parts, request, who, operation)
