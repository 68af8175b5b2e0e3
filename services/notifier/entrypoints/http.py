"""The notifier over HTTP: contacts and how organisations want their mail; alerts and mails are in http_alerts."""

from typing import Annotated

import uuid_utils
from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import READ_CONTACTS
from services.notifier.entrypoints.answers import (
    ContactAnswer,
    ContactList,
    FullContactAnswer,
    HearersAnswer,
    ModeAnswer,
    SubscriptionsAnswer,
)
from services.notifier.entrypoints.asking import asks, change, check_may_put, check_organisation, find_own_contact
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
from services.notifier.entrypoints.http_alerts import add_alerts
from services.notifier.entrypoints.http_webhooks import add_webhooks_of_alerts
from services.notifier.handlers import contacts, reading
from services.notifier.ports import Store
from shared.contracts.vocabulary import EntityId
from shared.errors import BasedOn, NotFound
from shared.security.callers import Caller
from shared.security.roles import CHANGE_CONTACTS
from shared.web.api import build_api
from shared.web.changes import Answer, IfMatch, changed, created, with_version
from shared.web.openapi import MAY_CREATE
from shared.web.read_log import ApiRead, ReadLog, Reads, log_reads

DESCRIPTION = (
    "Wie van welke organisatie bericht krijgt, welke berichten zijn verstuurd en waarom, en welke meldingen lopen. Een organisatie "
    "ziet en wijzigt alleen wat van haar is, een school en een bestuur ook dat van hun vestigingen; het andere is er voor hen niet (404)."
)
OrganisationId = Annotated[str, Path(min_length=2, max_length=32, pattern=r"^[A-Z0-9][A-Z0-9-]*$")]

READS: Reads = {
    "/contacts": ApiRead("contacten"),
    "/contacts/{contact}": ApiRead("contact", "contact"),
    "/contacts/{contact}/subscriptions": ApiRead("contact", "contact"),
    "/alerts": ApiRead("meldingen"),
    "/unheard": ApiRead("meldingen"),
    "/mails": ApiRead("berichten"),
}
"""What is logged as read of people."""


def build_notifier_api(parts: Parts) -> FastAPI:
    """The routes of the notifier."""
    api = build_api("Leerplek notifier", DESCRIPTION)
    _contacts(api, parts)
    _one_contact(api, parts)
    _organisations(api, parts)
    add_alerts(api, parts)
    add_webhooks_of_alerts(api, parts)
    log_reads(api, READS, lambda: _read_log(parts))
    return api


def _read_log(parts: Parts) -> ReadLog | None:
    """Where nobody signs in there is nobody to name."""
    return (
        ReadLog(parts.runtime.database, parts.changes.fingerprint, parts.clock)
        if parts.settings.checks_tokens
        else None
    )


def _contacts(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Caller, Depends(asks(parts, READ_CONTACTS))]  # noqa: N806 - a type
    Writer = Annotated[Caller, Depends(asks(parts, CHANGE_CONTACTS))]  # noqa: N806 - a type

    @api.post("/contacts", status_code=201, summary="Geef op wie bericht krijgt", response_model=ContactAnswer)
    async def create(request: Request, caller: Writer, body: ContactBody) -> Response:
        return await _put(parts, request, caller, (str(uuid_utils.uuid7()), body), lambda _version: None)

    @api.get("/contacts", summary="Wie er bericht krijgt, per organisatie", response_model=ContactList)
    async def listed(caller: Reader, organisation: Annotated[str, Query(min_length=1, max_length=32)]) -> Response:
        async with parts.reading() as store:
            try:
                await check_organisation(store, caller, organisation)
            except NotFound:
                return JSONResponse({"items": []})
            found = await store.contacts(organisation)
        return JSONResponse({"items": [full_contact_body(contact) for contact in found]})


def _one_contact(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Caller, Depends(asks(parts, READ_CONTACTS))]  # noqa: N806 - a type
    Writer = Annotated[Caller, Depends(asks(parts, CHANGE_CONTACTS))]  # noqa: N806 - a type

    @api.put(
        "/contacts/{contact}",
        responses=MAY_CREATE,
        summary="Geef op of wijzig wie bericht krijgt",
        response_model=ContactAnswer,
    )
    async def put(request: Request, caller: Writer, contact: EntityId, body: ContactBody, check: IfMatch) -> Response:
        return await _put(parts, request, caller, (contact, body), check)

    @api.get("/contacts/{contact}", summary="Lees een contact", response_model=FullContactAnswer)
    async def read(caller: Reader, contact: EntityId) -> Response:
        async with parts.reading() as store:
            held = await find_own_contact(store, caller, contact)
        return with_version(full_contact_body(held), held.version)

    @api.get(
        "/contacts/{contact}/subscriptions",
        summary="Waarvan een contact bericht krijgt, en waarom",
        response_model=SubscriptionsAnswer,
    )
    async def subscribed(caller: Reader, contact: EntityId) -> Response:
        async with parts.reading() as store:
            await find_own_contact(store, caller, contact)
            held, found = await reading.find_subscriptions(store, contact)
        return JSONResponse({**contact_body(held), "items": [subscription_body(each) for each in found]})

    @api.delete("/contacts/{contact}", status_code=204, summary="Verwijder een contact")
    async def delete(request: Request, caller: Writer, contact: EntityId, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            await find_own_contact(store, caller, contact)
            await contacts.delete_contact(store, parts.composer, contact, check, parts.clock())
            return Answer(204)

        return await change(parts, request, caller, operation)


def _organisations(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Caller, Depends(asks(parts, READ_CONTACTS))]  # noqa: N806 - a type
    Writer = Annotated[Caller, Depends(asks(parts, CHANGE_CONTACTS))]  # noqa: N806 - a type

    @api.get(
        "/organisations/{organisation}/hearers",
        summary="Wie in een organisatie wat hoort, en waar niemand is",
        response_model=HearersAnswer,
    )
    async def hearers(caller: Reader, organisation: OrganisationId) -> Response:
        async with parts.reading() as store:
            await check_organisation(store, caller, organisation)
            found = await reading.find_hearings(store, organisation, parts.clock())
        return JSONResponse({"organisation": organisation, "items": [hearing_body(each) for each in found]})

    @api.get(
        "/organisations/{organisation}/mode",
        summary="Wat er met de berichten van een organisatie gebeurt",
        response_model=ModeAnswer,
    )
    async def mode(caller: Reader, organisation: OrganisationId) -> Response:
        async with parts.reading() as store:
            await check_organisation(store, caller, organisation)
            held = await contacts.find_mode(store, organisation)
        return with_version(mode_body(held), held.version)

    @api.put(
        "/organisations/{organisation}/mode",
        summary="Stuur berichten, stuur ze naar een testadres, toon ze alleen of geef ze aan uw eigen systeem",
        response_model=ModeAnswer,
    )
    async def set_mode(
        request: Request, caller: Writer, organisation: OrganisationId, body: ModeBody, check: IfMatch
    ) -> Response:
        async def operation(store: Store) -> Answer:
            await check_organisation(store, caller, organisation)
            after = await contacts.put_mode(store, organisation, body.mode, body.address, check)
            return changed(mode_body(after), after.version)

        return await change(parts, request, caller, operation)

    @api.delete(
        "/organisations/{organisation}/mode",
        summary="Laat wat er met de berichten gebeurt weer over aan de school of het bestuur",
        response_model=ModeAnswer,
    )
    async def leave_mode(request: Request, caller: Writer, organisation: OrganisationId, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            await check_organisation(store, caller, organisation)
            after = await contacts.leave_mode(store, organisation, check)
            return changed(mode_body(after), after.version)

        return await change(parts, request, caller, operation)


async def _put(
    parts: Parts, request: Request, caller: Caller, wanted: tuple[str, ContactBody], check: BasedOn
) -> Response:
    contact = contact_of(*wanted)

    async def operation(store: Store) -> Answer:
        await check_may_put(store, caller, contact)
        held, is_new = await contacts.put_contact(store, parts.composer, contact, check, parts.clock())
        told = contact_body(held)
        return created(told, f"/v1/contacts/{held.id}", held.version) if is_new else changed(told, held.version)

    return await change(parts, request, caller, operation)
