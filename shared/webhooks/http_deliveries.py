"""Routes of messages to webhooks: try it out, what was sent and how that went, and send it again."""

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from shared.contracts.vocabulary import EntityId
from shared.web.changes import Answer, changed
from shared.web.paging import PageQuery, page_of
from shared.webhooks.bodies import DeliveryAnswer, DeliveryPage, delivery_body
from shared.webhooks.hooks import FindHooks
from shared.webhooks.messages import DeliveryStatus
from shared.webhooks.store import SqlWebhooks
from shared.webhooks.subscriber import Asks, Subscriber

WebhookId = Annotated[EntityId, Path(description="Het nummer van de webhook, uit Location.")]
MessageId = Annotated[EntityId, Path(description="Het nummer van het bericht: webhook-id.")]


class DeliveryQuery(PageQuery):
    """Which messages to list."""

    status: DeliveryStatus | None = Field(
        None, description="Alleen berichten die wachten, aankwamen, of zijn opgegeven."
    )


def add_deliveries(api: FastAPI, hooks: FindHooks, asks: Asks) -> None:
    """Adds the routes."""
    Asking = Annotated[Subscriber, Depends(asks)]  # noqa: N806 - a type

    @api.post("/webhooks/{webhook}/ping", summary="Stuur een bericht om het te proberen", response_model=DeliveryAnswer)
    async def ping(request: Request, webhook: WebhookId, who: Asking) -> Response:
        async def operation(webhooks: SqlWebhooks) -> Answer:
            return changed(delivery_body(await webhooks.ping(webhook, hooks().clock())))

        return await hooks().changes(who.owner).once(request, operation, who.name)

    @api.get(
        "/webhooks/{webhook}/deliveries", summary="Wat er gestuurd is, het nieuwste eerst", response_model=DeliveryPage
    )
    async def listed(
        request: Request, webhook: WebhookId, who: Asking, query: Annotated[DeliveryQuery, Query()]
    ) -> Response:
        async with hooks().database.reading() as tx:
            found = await hooks().store(tx, who.owner).deliveries(webhook, query.status, query.cursor, query.one_more)
        return page_of(request, [delivery_body(one) for one in found], query)

    @api.get(
        "/webhooks/{webhook}/deliveries/{delivery}",
        summary="Lees een bericht, met elke poging",
        response_model=DeliveryAnswer,
    )
    async def read(webhook: WebhookId, delivery: MessageId, who: Asking) -> Response:
        async with hooks().database.reading() as tx:
            found, tries = await hooks().store(tx, who.owner).delivery(webhook, delivery)
        return JSONResponse(delivery_body(found, tries))

    @api.post(
        "/webhooks/{webhook}/deliveries/{delivery}/resend",
        summary="Stuur een bericht opnieuw, met hetzelfde nummer",
        response_model=DeliveryAnswer,
    )
    async def resend(request: Request, webhook: WebhookId, delivery: MessageId, who: Asking) -> Response:
        async def operation(webhooks: SqlWebhooks) -> Answer:
            return changed(delivery_body(await webhooks.resend(webhook, delivery, hooks().clock())))

        return await hooks().changes(who.owner).once(request, operation, who.name)
