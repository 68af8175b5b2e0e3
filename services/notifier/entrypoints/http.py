"""The notifier over HTTP: contacts, mails and open alerts."""

from typing import Annotated

import uuid_utils
from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.modes import Mode, ModeSetting
from services.notifier.entrypoints.bodies import MailQuery, alert_body, gap_body, mail_body, unwritten_body
from services.notifier.entrypoints.contact_bodies import (
    ContactBody,
    ModeBody,
    contact_body,
    contact_of,
    full_contact_body,
    hearing_body,
    mode_body,
    subscription_body,
)
from services.notifier.handlers import contacts, reading
from services.notifier.ports import Store
from shared.contracts.vocabulary import EntityId
from shared.errors import BasedOn
from shared.web.api import build_api
from shared.web.changes import Answer, IfMatch, changed, created, with_version
from shared.web.openapi import MAY_CREATE
from shared.web.paging import page_of

DESCRIPTION = "Wie van welke organisatie bericht krijgt, welke berichten zijn verstuurd en waarom."
OrganisationId = Annotated[str, Path(min_length=2, max_length=32, pattern=r"^[A-Z0-9][A-Z0-9-]*$")]
ADMINISTRATION = "beheer"
"""Whom the audit names."""


def build_notifier_api(parts: Parts) -> FastAPI:
    """The routes of the notifier."""
    api = build_api("Leerplek notifier", DESCRIPTION)
    _contacts(api, parts)
    _one_contact(api, parts)
    _organisations(api, parts)
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
        return JSONResponse({"items": [full_contact_body(contact) for contact in found]})


def _one_contact(api: FastAPI, parts: Parts) -> None:
    @api.put("/contacts/{contact}", responses=MAY_CREATE, summary="Geef op of wijzig wie bericht krijgt")
    async def put(request: Request, contact: EntityId, body: ContactBody, check: IfMatch) -> Response:
        return await _put(parts, request, contact, body, check)

    @api.get("/contacts/{contact}", summary="Lees een contact")
    async def read(contact: EntityId) -> Response:
        async with parts.reading() as store:
            held = await contacts.find_contact(store, contact)
        return with_version(full_contact_body(held), held.version)

    @api.get("/contacts/{contact}/subscriptions", summary="Waarvan een contact bericht krijgt, en waarom")
    async def subscribed(contact: EntityId) -> Response:
        async with parts.reading() as store:
            held, found = await reading.find_subscriptions(store, contact)
        return JSONResponse({**contact_body(held), "items": [subscription_body(each) for each in found]})

    @api.delete("/contacts/{contact}", status_code=204, summary="Verwijder een contact")
    async def delete(request: Request, contact: EntityId, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            await contacts.delete_contact(store, contact, check, parts.clock())
            return Answer(204)

        return await parts.changes.once(request, operation, ADMINISTRATION)


def _organisations(api: FastAPI, parts: Parts) -> None:
    @api.get("/organisations/{organisation}/hearers", summary="Wie in een organisatie wat hoort, en waar niemand is")
    async def hearers(organisation: OrganisationId) -> Response:
        async with parts.reading() as store:
            found = await reading.find_hearings(store, organisation, parts.clock())
        return JSONResponse({"organisation": organisation, "items": [hearing_body(each) for each in found]})

    @api.get("/organisations/{organisation}/mode", summary="Wat er met de berichten van een organisatie gebeurt")
    async def mode(organisation: OrganisationId) -> Response:
        async with parts.reading() as store:
            held = (await store.modes()).get(organisation) or ModeSetting(organisation, Mode.LIVE, version=0)
        return with_version(mode_body(held), held.version)

    @api.put(
        "/organisations/{organisation}/mode", summary="Stuur berichten, stuur ze naar een testadres of toon ze alleen"
    )
    async def set_mode(request: Request, organisation: OrganisationId, body: ModeBody, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            after = await contacts.put_mode(store, organisation, body.mode, body.address, check)
            return changed(mode_body(after), after.version)

        return await parts.changes.once(request, operation, ADMINISTRATION)


def _mails(api: FastAPI, parts: Parts) -> None:
    @api.get("/mails", summary="Welke berichten zijn verstuurd, het nieuwste eerst")
    async def mails(request: Request, query: Annotated[MailQuery, Query()]) -> Response:
        async with parts.reading() as store:
            found = await store.mails(query.wanted())
        return page_of(request, [mail_body(mail) for mail in found], query)

    @api.get("/alerts", summary="Waarvan nog iemand moet horen, wat niemand bereikt en wat niet is op te stellen")
    async def alerts() -> Response:
        async with parts.reading() as store:
            found = await store.open_alerts()
            gaps = await reading.find_gaps(store, parts.clock())
            unwritten = await store.unwritten()
        body = {
            "items": [alert_body(alert) for alert in found],
            "without_recipient": [gap_body(gap) for gap in gaps],
            "unwritten": [unwritten_body(each) for each in unwritten],
        }
        return JSONResponse(body)


async def _put(parts: Parts, request: Request, identifier: str, body: ContactBody, check: BasedOn) -> Response:
    async def operation(store: Store) -> Answer:
        held, is_new = await contacts.put_contact(store, contact_of(identifier, body), check, parts.clock())
        told = contact_body(held)
        return created(told, f"/v1/contacts/{held.id}", held.version) if is_new else changed(told, held.version)

    return await parts.changes.once(request, operation, ADMINISTRATION)
