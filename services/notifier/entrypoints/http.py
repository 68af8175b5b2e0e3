"""The notifier over HTTP: contacts, mails and open alerts."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import uuid_utils
from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.delivery import MailState
from services.notifier.entrypoints.bodies import (
    ContactBody,
    alert_body,
    contact_body,
    contact_of,
    gap_body,
    mail_body,
)
from services.notifier.handlers import contacts, reading
from services.notifier.ports import MailFilter, Store
from shared.contracts.vocabulary import EntityId
from shared.web.api import build_api
from shared.web.changes import Answer, Changes, based_on, etag

DESCRIPTION = "Wie van welke organisatie bericht krijgt, welke berichten zijn verstuurd en waarom."
MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class Doors:
    """What the routes need: changes, a store on a transaction that writes, one that reads, and the time."""

    changes: Changes
    store: Callable[[AsyncSession], Store]
    reading: Callable[[], AbstractAsyncContextManager[Store]]
    clock: Callable[[], datetime]


def build_notifier_api(doors: Doors) -> FastAPI:
    """The routes of the notifier."""
    api = build_api("Leerplek notifier", DESCRIPTION)
    _contacts(api, doors)
    _one_contact(api, doors)
    _mails(api, doors)
    return api


def _contacts(api: FastAPI, doors: Doors) -> None:
    @api.post("/contacts", status_code=201, summary="Geef op wie bericht krijgt")
    async def create(request: Request, body: ContactBody) -> Response:
        return await _put(doors, request, str(uuid_utils.uuid7()), body)

    @api.get("/contacts", summary="Wie er bericht krijgt, per organisatie")
    async def listed(organisation: Annotated[str, Query(min_length=1, max_length=32)]) -> Response:
        async with doors.reading() as store:
            found = await store.contacts(organisation)
        return JSONResponse({"items": [contact_body(contact) for contact in found]})


def _one_contact(api: FastAPI, doors: Doors) -> None:
    @api.put("/contacts/{contact}", summary="Geef op of wijzig wie bericht krijgt")
    async def put(request: Request, contact: EntityId, body: ContactBody) -> Response:
        return await _put(doors, request, contact, body)

    @api.get("/contacts/{contact}", summary="Lees een contact")
    async def read(contact: EntityId) -> Response:
        async with doors.reading() as store:
            held = await contacts.find_contact(store, contact)
        return JSONResponse(contact_body(held), headers={"ETag": etag(held.version)})

    @api.delete("/contacts/{contact}", status_code=204, summary="Verwijder een contact")
    async def delete(request: Request, contact: EntityId) -> Response:
        async def operation(store: Store) -> Answer:
            await contacts.delete_contact(store, contact, based_on(request))
            return Answer(204)

        return await _once(doors, request, operation)


def _mails(api: FastAPI, doors: Doors) -> None:
    @api.get("/mails", summary="Welke berichten zijn verstuurd, het nieuwste eerst")
    async def mails(
        state: MailState | None = None,
        kind: AlertKind | None = None,
        organisation: Annotated[str | None, Query(max_length=32)] = None,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 200,
    ) -> Response:
        async with doors.reading() as store:
            found = await store.mails(MailFilter(state, kind, organisation, cursor, limit))
        following = found[-1].id if len(found) == limit else None
        return JSONResponse({"items": [mail_body(mail) for mail in found], "next": following})

    @api.get("/alerts", summary="Waarvan nog iemand moet horen, en wat niemand bereikt")
    async def alerts() -> Response:
        async with doors.reading() as store:
            found = await store.open_alerts()
            gaps = await reading.find_gaps(store, doors.clock())
        body = {"items": [alert_body(alert) for alert in found], "without_recipient": [gap_body(gap) for gap in gaps]}
        return JSONResponse(body)


async def _put(doors: Doors, request: Request, identifier: str, body: ContactBody) -> Response:
    async def operation(store: Store) -> Answer:
        held, is_new = await contacts.put_contact(store, contact_of(identifier, body), based_on(request))
        headers = {"Location": f"/v1/contacts/{held.id}", "ETag": etag(held.version)}
        return Answer(201 if is_new else 200, contact_body(held), headers)

    return await _once(doors, request, operation)


async def _once(doors: Doors, request: Request, operation: Callable[[Store], Awaitable[Answer]]) -> Response:
    return await doors.changes.once(request, lambda tx: operation(doors.store(tx)))
