"""Intake over HTTP: registrations, mismatch reports and decisions on placements."""

from typing import Annotated

import uuid_utils
from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from services.intake import handlers
from services.intake.bootstrap import Parts
from services.intake.entrypoints.bodies import (
    DecisionBody,
    MismatchQuery,
    NewMismatch,
    NewRegistration,
    RegistrationQuery,
    decision_body,
    mismatch_body,
    placement_body,
    registration_body,
    student_of,
)
from services.intake.ports import Store
from shared.contracts.registrations import StudentNeeds
from shared.contracts.vocabulary import EntityId
from shared.dutch import dutch_day
from shared.web.api import build_api
from shared.web.changes import Answer, IfMatch, changed, created, with_version
from shared.web.paging import page_of

DESCRIPTION = "Opleidingen schrijven hier studenten in, wijzigen inschrijvingen, trekken ze in, melden een mismatch en besluiten over plaatsen."
INSTITUTE = "opleiding"
"""Whom the audit names."""
StudentId = Annotated[EntityId, Path(description="Het nummer dat Leerplek aan de student gaf.")]


def build_intake_api(parts: Parts) -> FastAPI:
    """The routes of intake."""
    api = build_api("Leerplek intake", DESCRIPTION)
    _registrations(api, parts)
    _one_registration(api, parts)
    _mismatches(api, parts)
    _placements(api, parts)
    return api


def _registrations(api: FastAPI, parts: Parts) -> None:
    @api.post("/registrations", status_code=201, summary="Schrijf een student in")
    async def register(request: Request, body: NewRegistration) -> Response:
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store) -> Answer:
            student = student_of(identifier, body)
            held = await handlers.register_student(store, body.region, student, body.reference)
            return created(registration_body(held), f"/v1/registrations/{identifier}", held.sequence)

        return await parts.changes.once(request, operation, INSTITUTE)

    @api.get("/registrations", summary="Zoek inschrijvingen, bijvoorbeeld op het eigen kenmerk van de opleiding")
    async def listed(request: Request, query: Annotated[RegistrationQuery, Query()]) -> Response:
        async with parts.reading() as store:
            found = await store.registrations(query.wanted(), query.cursor, query.one_more)
        return page_of(request, [registration_body(held) for held in found], query)


def _one_registration(api: FastAPI, parts: Parts) -> None:
    @api.get("/registrations/{student}", summary="Lees een inschrijving en de plaats van de student")
    async def read(student: StudentId) -> Response:
        async with parts.reading() as store:
            held = await handlers.find_registration(store, student)
            body = registration_body(held, await store.place(student))
        return with_version(body, held.sequence)

    @api.put("/registrations/{student}", summary="Wijzig wat een student nodig heeft")
    async def change(request: Request, student: StudentId, body: StudentNeeds, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            held = await handlers.change_student(store, student_of(student, body), check)
            return changed(registration_body(held), held.sequence)

        return await parts.changes.once(request, operation, INSTITUTE)

    @api.delete("/registrations/{student}", summary="Trek een inschrijving in")
    async def withdraw(request: Request, student: StudentId, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            held = await handlers.withdraw_student(store, student, check)
            return changed(registration_body(held), held.sequence)

        return await parts.changes.once(request, operation, INSTITUTE)


def _mismatches(api: FastAPI, parts: Parts) -> None:
    @api.post("/mismatches", status_code=201, summary="Meld dat student en plaats niet passen")
    async def report(request: Request, body: NewMismatch) -> Response:
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store) -> Answer:
            reported = (body.reported_on or dutch_day(parts.clock()), body.reported_by)
            held = await handlers.report_mismatch(store, identifier, body.student, body.kind, reported=reported)
            return created(mismatch_body(held), f"/v1/mismatches/{identifier}")

        return await parts.changes.once(request, operation, INSTITUTE)

    @api.get("/mismatches", summary="Lees de meldingen, van één student of van alle")
    async def listed(request: Request, query: Annotated[MismatchQuery, Query()]) -> Response:
        async with parts.reading() as store:
            found = await store.mismatches(query.student, query.cursor, query.one_more)
        return page_of(request, [mismatch_body(held) for held in found], query)

    @api.get("/mismatches/{mismatch}", summary="Lees een melding")
    async def read(mismatch: EntityId) -> Response:
        async with parts.reading() as store:
            held = await handlers.find_mismatch(store, mismatch)
        return JSONResponse(mismatch_body(held))

    @api.delete("/mismatches/{mismatch}", summary="Trek een melding in: opgelost of vergissing")
    async def withdraw(request: Request, mismatch: EntityId) -> Response:
        async def operation(store: Store) -> Answer:
            return changed(mismatch_body(await handlers.withdraw_mismatch(store, mismatch)))

        return await parts.changes.once(request, operation, INSTITUTE)


def _placements(api: FastAPI, parts: Parts) -> None:
    @api.get(
        "/placements/{student}", summary="Lees de plaats van een student, een aanbod van een andere, en uw besluit"
    )
    async def read(student: StudentId) -> Response:
        async with parts.reading() as store:
            await handlers.find_registration(store, student)
            found = (await store.place(student), await store.switch(student), await store.decision(student))
        return JSONResponse(placement_body(student, *found))

    @api.post("/placements/{student}/decision", summary="Bevestig een plaats, wijs haar af, of vraag om een andere")
    async def decide(request: Request, student: StudentId, body: DecisionBody) -> Response:
        async def operation(store: Store) -> Answer:
            decision = await handlers.decide(store, student, body.decision, body.reason, body.offer)
            return changed(decision_body(decision))

        return await parts.changes.once(request, operation, INSTITUTE)
