"""Webhooks of institutes: what became of their students, and what is signalled about them."""

from typing import Annotated

from fastapi import Depends, FastAPI

from services.intake.bootstrap import Parts
from services.intake.domain.access import WEBHOOKS, Who
from services.intake.entrypoints.asking import asks
from shared.contracts.catalogue import EVENT_TYPES, PLACEMENT_SIGNALS, PLACEMENTS
from shared.webhooks.http import add_webhooks
from shared.webhooks.subscriber import Subscriber

TOLD = tuple(
    name
    for name, each in EVENT_TYPES.items()
    if each.topic == PLACEMENTS or (each.topic == PLACEMENT_SIGNALS and "student" in each.model.model_fields)
)


def add_webhooks_of_institutes(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""

    async def subscriber(who: Annotated[Who, Depends(asks(parts, WEBHOOKS))]) -> Subscriber:
        return Subscriber(who.name, who.institute)

    add_webhooks(api, lambda: parts.hooks, subscriber, TOLD, "de plaats van een van uw studenten")
