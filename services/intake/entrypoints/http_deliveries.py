"""Routes of messages to webhooks: try it out, what was sent and how that went, and send it again."""

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from services.intake.bootstrap import Parts
from services.intake.domain.access import WEBHOOKS, Who
from services.intake.domain.webhooks import DeliveryStatus
from services.intake.entrypoints.answers import DeliveryAnswer, DeliveryPage
from services.intake.entrypoints.asking import asks, carry_out
from services.intake.entrypoints.bodies import delivery_body
from services.intake.ports.webhooks import Webhooks
from shared.contracts.vocabulary import EntityId
from shared.web.changes import Answer, changed
from shared.web.paging import PageQuery, page_of

WebhookId = Annotated[EntityId, Path(description="Het nummer van de webhook, uit Location.")]
MessageId = Annotated[EntityId, Path(description="Het nummer van het bericht: webhook-id.")]


class DeliveryQuery(PageQuery):
    """Which messages to list."""

    status: DeliveryStatus | None = Field(
        None, description="Alleen berichten die wachten, aankwamen, of zijn opgegeven."
    )


def add_deliveries(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""
    Asking = Annotated[Who, Depends(asks(parts, WEBHOOKS))]  # noqa: N806 - a type

    @api.post("/webhooks/{webhook}/ping", summary="Stuur een bericht om het te proberen", response_model=DeliveryAnswer)
    async def ping(request: Request, webhook: WebhookId, who: Asking) -> Response:
        async def operation(webhooks: Webhooks) -> Answer:
            return changed(delivery_body(await webhooks.ping(webhook, parts.clock())))

        return await carry_out(parts, request, who, operation)

    @api.get(
        "/webhooks/{webhook}/deliveries", summary="Wat er gestuurd is, het nieuwste eerst", response_model=DeliveryPage
    )
    async def listed(
        request: Request, webhook: WebhookId, who: Asking, query: Annotated[DeliveryQuery, Query()]
    ) -> Response:
        async with parts.runtime.database.reading() as tx:
            found = await parts.webhooks(tx, who).deliveries(webhook, query.status, query.cursor, query.one_more)
        return page_of(request, [delivery_body(one) for one in found], query)

    @api.get(
        "/webhooks/{webhook}/deliveries/{delivery}",
        summary="Lees een bericht, met elke poging",
        response_model=DeliveryAnswer,
    )
    async def read(webhook: WebhookId, delivery: MessageId, who: Asking) -> Response:
        async with parts.runtime.database.reading() as tx:
            found, tries = await parts.webhooks(tx, who).delivery(webhook, delivery)
        return JSONResponse(delivery_body(found, tries))

    @api.post(
        "/webhooks/{webhook}/deliveries/{delivery}/resend",
        summary="Stuur een bericht opnieuw, met hetzelfde nummer",
        response_model=DeliveryAnswer,
    )
    async def resend(request: Request, webhook: WebhookId, delivery: MessageId, who: Asking) -> Response:
        async def operation(webhooks: Webhooks) -> Answer:
            return changed(delivery_body(await webhooks.resend(webhook, delivery, parts.clock())))

        return await carry_out(parts, request, who, operation)
