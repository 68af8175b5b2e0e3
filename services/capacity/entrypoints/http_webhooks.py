"""Webhooks of schools and boards: what the plan does at their sites, and what is signalled about them."""

from typing import Annotated

from fastapi import Depends, FastAPI

from services.capacity.bootstrap import Parts
from services.capacity.domain.access import WEBHOOKS
from services.capacity.entrypoints.asking import asks
from shared.contracts.catalogue import EVENT_TYPES, PLACEMENT_SIGNALS, PLACEMENTS
from shared.security.callers import Caller, Role
from shared.webhooks.http import add_webhooks
from shared.webhooks.subscriber import Subscriber

TOLD = tuple(
    name
    for name, each in EVENT_TYPES.items()
    if each.topic == PLACEMENTS
    or (each.topic == PLACEMENT_SIGNALS and {"site", "lost_site"} & each.model.model_fields.keys())
)


def add_webhooks_of_schools(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""

    async def subscriber(caller: Annotated[Caller, Depends(asks(parts, WEBHOOKS))]) -> Subscriber:
        return Subscriber(caller.name, None if caller.role is Role.OPERATOR else caller.org)

    add_webhooks(api, lambda: parts.hooks, subscriber, TOLD, "wat er op een van uw vestigingen gebeurt")
