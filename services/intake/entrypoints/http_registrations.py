"""Routes of registrations: create, change, withdraw, read, list."""

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from services.intake import handlers
from services.intake.bootstrap import Parts
from services.intake.domain.access import READ, WRITE, Who
from services.intake.domain.registrations import AskedNeeds, NewRegistration
from services.intake.entrypoints.answers import ExportAnswer, KeptAnswer, RegistrationAnswer, RegistrationPage
from services.intake.entrypoints.asking import asks, change
from services.intake.entrypoints.bodies import RegistrationQuery, kept_body, registration_body
from services.intake.entrypoints.registering import Registrar
from services.intake.handlers.doubting import doubt_of
from services.intake.handlers.importing import student_of
from services.intake.ports import Store
from shared.contracts.vocabulary import EntityId
from shared.web.changes import Answer, IfMatch, changed, with_version
from shared.web.paging import page_of

StudentId = Annotated[EntityId, Path(description="Het nummer dat Leerplek aan de student gaf.")]


def add_registrations(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""
    _all(api, parts)
    _one(api, parts)


def _all(api: FastAPI, parts: Parts) -> None:
    registrar = Registrar(parts)
    Reader = Annotated[Who, Depends(asks(parts, READ))]  # noqa: N806 - a type
    Writer = Annotated[Who, Depends(asks(parts, WRITE))]  # noqa: N806 - a type

    @api.post("/registrations", status_code=201, summary="Schrijf een student in", response_model=KeptAnswer)
    async def register(request: Request, who: Writer, body: NewRegistration) -> Response:
        return await registrar.register(request, who, body)

    @api.get(
        "/registrations",
        summary="Zoek inschrijvingen, bijvoorbeeld op het eigen kenmerk van de opleiding",
        response_model=RegistrationPage,
    )
    async def listed(request: Request, who: Reader, query: Annotated[RegistrationQuery, Query()]) -> Response:
        async with parts.reading(who) as store:
            found = await store.registrations(query.wanted(), query.cursor, query.one_more)
        return page_of(request, [registration_body(held) for held in found], query)


def _one(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Who, Depends(asks(parts, READ))]  # noqa: N806 - a type
    Writer = Annotated[Who, Depends(asks(parts, WRITE))]  # noqa: N806 - a type

    @api.get(
        "/registrations/{student}",
        summary="Lees een inschrijving en de plaats van de student",
        response_model=RegistrationAnswer,
    )
    async def read(student: StudentId, who: Reader) -> Response:
        async with parts.reading(who) as store:
            held = await handlers.find_registration(store, student)
            body = registration_body(held, await store.place(student))
        return with_version(body, held.sequence)

    @api.put("/registrations/{student}", summary="Wijzig wat een student nodig heeft", response_model=KeptAnswer)
    async def put(request: Request, student: StudentId, who: Writer, body: AskedNeeds, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            held = await handlers.change_student(store, student_of(student, body), check)
            return changed(kept_body(held, await doubt_of(store, held)), held.sequence)

        return await change(parts, request, who, operation)

    @api.get(
        "/registrations/{student}/export",
        summary="Lees alles wat Leerplek inschrijving over een student bewaart",
        response_model=ExportAnswer,
    )
    async def export(student: StudentId, who: Reader) -> Response:
        async with parts.reading(who) as store:
            held = await handlers.find_registration(store, student)
            body = {"registration": registration_body(held), **await store.copy(student)}
        return JSONResponse(body)

    @api.post(
        "/registrations/{student}/erasure",
        status_code=204,
        summary="Wis alles over een student die is ingetrokken of klaar is, voorgoed",
    )
    async def erase(request: Request, student: StudentId, who: Writer) -> Response:
        async def operation(store: Store) -> Answer:
            await handlers.erase_student(store, student)
            return Answer(204)

        answer = await change(parts, request, who, operation)
        await parts.runtime.database.leave_no_trace()
        return answer

    @api.delete("/registrations/{student}", summary="Trek een inschrijving in", response_model=RegistrationAnswer)
    async def withdraw(request: Request, student: StudentId, who: Writer, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            held = await handlers.withdraw_student(store, student, check)
            return changed(registration_body(held), held.sequence)

        return await change(parts, request, who, operation)
