"""Webhooks of organisations whose systems want to be told what their people are otherwise mailed."""

from typing import Annotated

from fastapi import Depends, FastAPI

from services.notifier.bootstrap import Parts
from services.notifier.domain.access import WEBHOOKS, organisation_of
from services.notifier.domain.handing import ALERT_TOLD
from services.notifier.entrypoints.asking import asks
from shared.security.callers import Caller
from shared.webhooks.http import add_webhooks
from shared.webhooks.subscriber import Subscriber


def add_webhooks_of_alerts(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""

    async def subscriber(caller: Annotated[Caller, Depends(asks(parts, WEBHOOKS))]) -> Subscriber:
        return Subscriber(caller.name, organisation_of(caller))

    add_webhooks(
        api, lambda: parts.hooks, subscriber, (ALERT_TOLD,), "wat mensen van uw organisatie anders gemaild wordt"
    )
