"""Routes of webhooks: subscribe, change, rotate the secret, try out, see what was sent, and send it again."""

from dataclasses import replace
from typing import Annotated

import uuid_utils
from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from services.intake.bootstrap import Parts
from services.intake.domain.access import WEBHOOKS, Who
from services.intake.domain.webhooks import BOTH_VALID, Webhook
from services.intake.entrypoints.answers import SecretAnswer, WebhookAnswer, WebhookPage
from services.intake.entrypoints.asking import asks, carry_out
from services.intake.entrypoints.bodies import WebhookBody, webhook_body
from services.intake.entrypoints.http_deliveries import add_deliveries
from services.intake.ports.webhooks import Webhooks
from shared.contracts.vocabulary import EntityId
from shared.web.changes import Answer, IfMatch, changed, created, with_version
from shared.web.paging import PageQuery, page_of

WebhookId = Annotated[EntityId, Path(description="Het nummer van de webhook, uit Location.")]
WORDS = (
    "Leerplek stuurt elk bericht over de plaats van een van uw studenten naar dit adres, ondertekend volgens Standard Webhooks. "
    "Het geheim leest u apart; het staat in geen ander antwoord."
)


def add_webhooks(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""
    _all(api, parts)
    _one(api, parts)
    _secret(api, parts)
    add_deliveries(api, parts)


def _all(api: FastAPI, parts: Parts) -> None:
    Asking = Annotated[Who, Depends(asks(parts, WEBHOOKS))]  # noqa: N806 - a type

    @api.post(
        "/webhooks", status_code=201, summary="Meld een adres aan", description=WORDS, response_model=WebhookAnswer
    )
    async def subscribe(request: Request, who: Asking, body: WebhookBody) -> Response:
        url = body.allowed_url(may_be_private=parts.settings.webhook_private_addresses)
        now, identifier = parts.clock(), str(uuid_utils.uuid7())
        webhook = Webhook(identifier, who.institute, url, body.types, body.active, 1, now)

        async def operation(webhooks: Webhooks) -> Answer:
            await webhooks.add(webhook)
            return created(webhook_body(webhook), f"/v1/webhooks/{identifier}", 1)

        return await carry_out(parts, request, who, operation)

    @api.get("/webhooks", summary="Uw adressen", response_model=WebhookPage)
    async def listed(request: Request, who: Asking, query: Annotated[PageQuery, Query()]) -> Response:
        async with parts.runtime.database.reading() as tx:
            found = await parts.webhooks(tx, who).listed(query.cursor, query.one_more)
        return page_of(request, [webhook_body(one) for one in found], query)


def _one(api: FastAPI, parts: Parts) -> None:
    Asking = Annotated[Who, Depends(asks(parts, WEBHOOKS))]  # noqa: N806 - a type

    @api.get("/webhooks/{webhook}", summary="Lees een adres", response_model=WebhookAnswer)
    async def read(webhook: WebhookId, who: Asking) -> Response:
        async with parts.runtime.database.reading() as tx:
            found = await parts.webhooks(tx, who).get(webhook)
        return with_version(webhook_body(found), found.version)

    @api.put("/webhooks/{webhook}", summary="Wijzig een adres, of zet het uit", response_model=WebhookAnswer)
    async def put(request: Request, webhook: WebhookId, who: Asking, body: WebhookBody, check: IfMatch) -> Response:
        url = body.allowed_url(may_be_private=parts.settings.webhook_private_addresses)

        async def operation(webhooks: Webhooks) -> Answer:
            held = await webhooks.get(webhook)
            check(held.version)
            new = replace(held, url=url, types=body.types, is_active=body.active, version=held.version + 1)
            await webhooks.save(new)
            return changed(webhook_body(new), new.version)

        return await carry_out(parts, request, who, operation)

    @api.delete("/webhooks/{webhook}", status_code=204, summary="Haal een adres weg, met zijn berichten")
    async def delete(request: Request, webhook: WebhookId, who: Asking) -> Response:
        async def operation(webhooks: Webhooks) -> Answer:
            await webhooks.delete(webhook)
            return Answer(204)

        return await carry_out(parts, request, who, operation)


def _secret(api: FastAPI, parts: Parts) -> None:
    Asking = Annotated[Who, Depends(asks(parts, WEBHOOKS))]  # noqa: N806 - a type

    @api.get("/webhooks/{webhook}/secret", summary="Lees het geheim om mee te controleren", response_model=SecretAnswer)
    async def secret(webhook: WebhookId, who: Asking) -> Response:
        async with parts.runtime.database.reading() as tx:
            found = await parts.webhooks(tx, who).secrets(webhook)
        until = None if found.previous_until is None else found.previous_until.isoformat()
        return JSONResponse({"secret": found.current, "previous": found.previous, "previous_until": until})

    @api.post(
        "/webhooks/{webhook}/rotation",
        summary="Maak een nieuw geheim; een dag lang wordt met beide ondertekend",
        response_model=WebhookAnswer,
    )
    async def rotate(request: Request, webhook: WebhookId, who: Asking) -> Response:
        until = parts.clock() + BOTH_VALID

        async def operation(webhooks: Webhooks) -> Answer:
            await webhooks.rotate(webhook, until)
            return changed(webhook_body(await webhooks.get(webhook)))

        return await carry_out(parts, request, who, operation)
