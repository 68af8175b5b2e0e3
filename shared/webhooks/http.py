"""Routes of webhooks: subscribe, change, rotate the secret, try out, see what was sent, and send it again."""

from collections.abc import Collection
from dataclasses import replace
from typing import Annotated

import uuid_utils
from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from shared.contracts.vocabulary import EntityId
from shared.web.changes import Answer, IfMatch, changed, created, with_version
from shared.web.paging import PageQuery, page_of
from shared.webhooks.bodies import SecretAnswer, WebhookAnswer, WebhookBody, WebhookPage, body_of, webhook_body
from shared.webhooks.hooks import FindHooks
from shared.webhooks.http_deliveries import add_deliveries
from shared.webhooks.messages import BOTH_VALID, Webhook
from shared.webhooks.store import SqlWebhooks
from shared.webhooks.subscriber import Asks, Subscriber

WebhookId = Annotated[EntityId, Path(description="Het nummer van de webhook, uit Location.")]
SIGNED = "ondertekend volgens Standard Webhooks. Het geheim leest u apart; het staat in geen ander antwoord."


def add_webhooks(api: FastAPI, hooks: FindHooks, asks: Asks, told: Collection[str], about: str) -> None:
    """Adds the routes for whom `asks` gives; `told` are the types of messages, `about` says in Dutch what they are about."""
    _all(api, hooks, asks, told, f"Leerplek stuurt elk bericht over {about} naar dit adres, {SIGNED}")
    _one(api, hooks, asks, told)
    _secret(api, hooks, asks)
    add_deliveries(api, hooks, asks)


def _all(api: FastAPI, hooks: FindHooks, asks: Asks, told: Collection[str], words: str) -> None:
    Body = Annotated[WebhookBody, Depends(body_of(told))]  # noqa: N806 - a type
    Asking = Annotated[Subscriber, Depends(asks)]  # noqa: N806 - a type

    @api.post(
        "/webhooks", status_code=201, summary="Meld een adres aan", description=words, response_model=WebhookAnswer
    )
    async def subscribe(request: Request, who: Asking, body: Body) -> Response:
        url = body.allowed_url(may_be_private=hooks().may_be_private)
        now, identifier = hooks().clock(), str(uuid_utils.uuid7())
        webhook = Webhook(identifier, who.owner, url, body.types, body.active, 1, now)

        async def operation(webhooks: SqlWebhooks) -> Answer:
            await webhooks.add(webhook)
            return created(webhook_body(webhook), f"/v1/webhooks/{identifier}", 1)

        return await hooks().changes(who.owner).once(request, operation, who.name)

    @api.get("/webhooks", summary="Uw adressen", response_model=WebhookPage)
    async def listed(request: Request, who: Asking, query: Annotated[PageQuery, Query()]) -> Response:
        async with hooks().database.reading() as tx:
            found = await hooks().store(tx, who.owner).listed(query.cursor, query.one_more)
        return page_of(request, [webhook_body(one) for one in found], query)


def _one(api: FastAPI, hooks: FindHooks, asks: Asks, told: Collection[str]) -> None:
    Body = Annotated[WebhookBody, Depends(body_of(told))]  # noqa: N806 - a type
    Asking = Annotated[Subscriber, Depends(asks)]  # noqa: N806 - a type

    @api.get("/webhooks/{webhook}", summary="Lees een adres", response_model=WebhookAnswer)
    async def read(webhook: WebhookId, who: Asking) -> Response:
        async with hooks().database.reading() as tx:
            found = await hooks().store(tx, who.owner).get(webhook)
        return with_version(webhook_body(found), found.version)

    @api.put("/webhooks/{webhook}", summary="Wijzig een adres, of zet het uit", response_model=WebhookAnswer)
    async def put(request: Request, webhook: WebhookId, who: Asking, body: Body, check: IfMatch) -> Response:
        url = body.allowed_url(may_be_private=hooks().may_be_private)

        async def operation(webhooks: SqlWebhooks) -> Answer:
            held = await webhooks.get(webhook)
            check(held.version)
            new = replace(held, url=url, types=body.types, is_active=body.active, version=held.version + 1)
            await webhooks.save(new)
            return changed(webhook_body(new), new.version)

        return await hooks().changes(who.owner).once(request, operation, who.name)

    @api.delete("/webhooks/{webhook}", status_code=204, summary="Haal een adres weg, met zijn berichten")
    async def delete(request: Request, webhook: WebhookId, who: Asking) -> Response:
        async def operation(webhooks: SqlWebhooks) -> Answer:
            await webhooks.delete(webhook)
            return Answer(204)

        return await hooks().changes(who.owner).once(request, operation, who.name)


def _secret(api: FastAPI, hooks: FindHooks, asks: Asks) -> None:
    Asking = Annotated[Subscriber, Depends(asks)]  # noqa: N806 - a type

    @api.get("/webhooks/{webhook}/secret", summary="Lees het geheim om mee te controleren", response_model=SecretAnswer)
    async def secret(webhook: WebhookId, who: Asking) -> Response:
        async with hooks().database.reading() as tx:
            found = await hooks().store(tx, who.owner).secrets(webhook)
        until = None if found.previous_until is None else found.previous_until.isoformat()
        return JSONResponse({"secret": found.current, "previous": found.previous, "previous_until": until})

    @api.post(
        "/webhooks/{webhook}/rotation",
        summary="Maak een nieuw geheim; een dag lang wordt met beide ondertekend",
        response_model=WebhookAnswer,
    )
    async def rotate(request: Request, webhook: WebhookId, who: Asking) -> Response:
        until = hooks().clock() + BOTH_VALID

        async def operation(webhooks: SqlWebhooks) -> Answer:
            await webhooks.rotate(webhook, until)
            return changed(webhook_body(await webhooks.get(webhook)))

        return await hooks().changes(who.owner).once(request, operation, who.name)
