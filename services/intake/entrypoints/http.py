"""Intake over HTTP: registrations and mismatch reports."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import uuid_utils
from fastapi import FastAPI, Path, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake import handlers
from services.intake.entrypoints.bodies import (
    NewMismatch,
    NewRegistration,
    mismatch_body,
    registration_body,
    student_of,
)
from services.intake.ports import Store
from shared.contracts.registrations import StudentNeeds
from shared.contracts.vocabulary import EntityId
from shared.web.api import build_api
from shared.web.changes import Answer, Changes, based_on, etag

DESCRIPTION = "Opleidingen schrijven hier studenten in, wijzigen inschrijvingen, trekken ze in en melden een mismatch."
StudentId = Annotated[EntityId, Path(description="Het nummer dat Leerplek aan de student gaf.")]


@dataclass(frozen=True, slots=True)
class Doors:
    """What the routes need: changes, a store on a transaction that writes, and one on a transaction that reads."""

    changes: Changes
    store: Callable[[AsyncSession], Store]
    reading: Callable[[], AbstractAsyncContextManager[Store]]


def build_intake_api(doors: Doors) -> FastAPI:
    """The routes of intake."""
    api = build_api("Leerplek intake", DESCRIPTION)
    _registrations(api, doors)
    _mismatches(api, doors)
    return api


def _registrations(api: FastAPI, doors: Doors) -> None:
    @api.post("/registrations", status_code=201, summary="Schrijf een student in")
    async def register(request: Request, body: NewRegistration) -> Response:
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store) -> Answer:
            student = student_of(identifier, body)
            held = await handlers.register_student(store, body.region, student, body.reference)
            location = {"Location": f"/v1/registrations/{identifier}", "ETag": etag(held.sequence)}
            return Answer(201, registration_body(held), location)

        return await _once(doors, request, operation)

    @api.get("/registrations/{student}", summary="Lees een inschrijving en de plaats van de student")
    async def read(student: StudentId) -> Response:
        async with doors.reading() as store:
            held = await handlers.find_registration(store, student)
            body = registration_body(held, await store.place(student))
        return JSONResponse(body, headers={"ETag": etag(held.sequence)})

    @api.put("/registrations/{student}", summary="Wijzig wat een student nodig heeft")
    async def change(request: Request, student: StudentId, body: StudentNeeds) -> Response:
        async def operation(store: Store) -> Answer:
            held = await handlers.change_student(store, student_of(student, body), based_on(request))
            return Answer(200, registration_body(held), {"ETag": etag(held.sequence)})

        return await _once(doors, request, operation)

    @api.delete("/registrations/{student}", summary="Trek een inschrijving in")
    async def withdraw(request: Request, student: StudentId) -> Response:
        async def operation(store: Store) -> Answer:
            held = await handlers.withdraw_student(store, student, based_on(request))
            return Answer(200, registration_body(held), {"ETag": etag(held.sequence)})

        return await _once(doors, request, operation)


def _mismatches(api: FastAPI, doors: Doors) -> None:
    @api.post("/mismatches", status_code=201, summary="Meld dat student en plaats niet passen")
    async def report(request: Request, body: NewMismatch) -> Response:
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store) -> Answer:
            reported = (body.reported_on or _today(), body.reported_by)
            held = await handlers.report_mismatch(store, identifier, body.student, body.kind, reported=reported)
            return Answer(201, mismatch_body(held), {"Location": f"/v1/mismatches/{identifier}"})

        return await _once(doors, request, operation)

    @api.delete("/mismatches/{mismatch}", summary="Trek een melding in: opgelost of vergissing")
    async def withdraw(request: Request, mismatch: EntityId) -> Response:
        async def operation(store: Store) -> Answer:
            return Answer(200, mismatch_body(await handlers.withdraw_mismatch(store, mismatch)))

        return await _once(doors, request, operation)


async def _once(doors: Doors, request: Request, operation: Callable[[Store], Awaitable[Answer]]) -> Response:
    return await doors.changes.once(request, lambda tx: operation(doors.store(tx)))


def _today() -> date:
    return datetime.now(UTC).date()
