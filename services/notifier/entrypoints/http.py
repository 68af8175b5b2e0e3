"""The notifier over HTTP: contacts, mails and open alerts."""

from typing import Annotated

import uuid_utils
from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response

from services.notifier.bootstrap import Parts
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
from shared.errors import BasedOn
from shared.web.api import build_api
from shared.web.changes import Answer, IfMatch, changed, created, with_version
from shared.web.openapi import MAY_CREATE

DESCRIPTION = "Wie van welke organisatie bericht krijgt, welke berichten zijn verstuurd en waarom."
ADMINISTRATION = "beheer"
"""Whom the audit names."""
MAX_PAGE = 500


def build_notifier_api(parts: Parts) -> FastAPI:
    """The routes of the notifier."""
    api = build_api("Leerplek notifier", DESCRIPTION)
    _contacts(api, parts)
    _one_contact(api, parts)
    _mails(api, parts)
    return api


def _contacts(api: FastAPI, parts: Parts) -> None:
    @api.post("/contacts", status_code=201, summary="Geef op wie bericht krijgt")
    async def create(request: Request, body: ContactBody) -> Response:
        return await _put(parts, request, str(uuid_utils.uuid7()), body, lambda _version: None)

    @api.get("/contacts", summary="Wie er bericht krijgt, per organisatie")
    async def listed(organisation: Annotated[str, Query(min_length=1, max_length=32)]) -> Response:
        async with parts.reading() as store:
            found = await store.contacts(organisation)
        return JSONResponse({"items": [contact_body(contact) for contact in found]})


def _one_contact(api: FastAPI, parts: Parts) -> None:
    @api.put("/contacts/{contact}", responses=MAY_CREATE, summary="Geef op of wijzig wie bericht krijgt")
    async def put(request: Request, contact: EntityId, body: ContactBody, check: IfMatch) -> Response:
        return await _put(parts, request, contact, body, check)

    @api.get("/contacts/{contact}", summary="Lees een contact")
    async def read(contact: EntityId) -> Response:
        async with parts.reading() as store:
            held = await contacts.find_contact(store, contact)
        return with_version(contact_body(held), held.version)

    @api.delete("/contacts/{contact}", status_code=204, summary="Verwijder een contact")
    async def delete(request: Request, contact: EntityId, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            await contacts.delete_contact(store, contact, check)
            return Answer(204)

        return await parts.changes.once(request, operation, ADMINISTRATION)


def _mails(api: FastAPI, parts: Parts) -> None:
    @api.get("/mails", summary="Welke berichten zijn verstuurd, het nieuwste eerst")
    async def mails(
        state: MailState | None = None,
        kind: AlertKind | None = None,
        organisation: Annotated[str | None, Query(max_length=32)] = None,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 200,
    ) -> Response:
        async with parts.reading() as store:
            found = await store.mails(MailFilter(state, kind, organisation, cursor, limit))
        following = found[-1].id if len(found) == limit else None
        return JSONResponse({"items": [mail_body(mail) for mail in found], "next": following})

    @api.get("/alerts", summary="Waarvan nog iemand moet horen, en wat niemand bereikt")
    async def alerts() -> Response:
        async with parts.reading() as store:
            found = await store.open_alerts()
            gaps = await reading.find_gaps(store, parts.clock())
        body = {"items": [alert_body(alert) for alert in found], "without_recipient": [gap_body(gap) for gap in gaps]}
        return JSONResponse(body)


async def _put(parts: Parts, request: Request, identifier: str, body: ContactBody, check: BasedOn) -> Response:
    async def operation(store: Store) -> Answer:
        held, is_new = await contacts.put_contact(store, contact_of(identifier, body), check)
        told = contact_body(held)
        return created(told, f"/v1/contacts/{held.id}", held.version) if is_new else changed(told, held.version)

    return await parts.changes.once(request, operation, ADMINISTRATION)
