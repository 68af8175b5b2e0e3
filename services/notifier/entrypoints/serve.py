"""Runs the notifier's HTTP, pages, consumer, dispatcher and delivery in one process."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from fastapi import FastAPI
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.bootstrap import READS, Parts
from services.notifier.domain.bounces import Bounce
from services.notifier.domain.delivery import Mail
from services.notifier.entrypoints.deliver import Deliverer
from services.notifier.entrypoints.dispatch import Dispatcher, Dispatching
from services.notifier.entrypoints.http import build_notifier_api
from services.notifier.entrypoints.pages.routes import add_pages
from services.notifier.entrypoints.returns import ReturnBox, serve_returns
from services.notifier.entrypoints.stream import fold
from services.notifier.handlers.bouncing import Returns, take_bounce
from services.notifier.handlers.delivering import Delivery
from shared.contracts.envelope import Event
from shared.messaging.inbox import Tombstone
from shared.runtime import run_service
from shared.web.api import build_app


async def serve(parts: Parts) -> None:
    """Runs the notifier until it is told to stop."""
    runtime, settings = parts.runtime, parts.settings
    lease = timedelta(seconds=settings.lease_s)
    deliverer = Deliverer(Delivery(parts.writing, parts.sender, parts.policy, lease, parts.clock, parts.jitter))
    group_wait = timedelta(seconds=settings.group_wait_s)
    dispatching = Dispatching(runtime.database.exclusive, parts.writing, parts.composer, group_wait, parts.clock)
    dispatcher = Dispatcher(dispatching, parts.alerts_changed)
    dispatcher.after_write = deliverer.wake

    async def apply(tx: AsyncSession, event: Event | Tombstone) -> None:
        await fold(parts.store(tx, runtime.name), event, parts.clock())

    consumer = runtime.consumer(READS, apply, parts.committed)
    tasks = {"consumer": consumer.run, "dispatcher": dispatcher.run, "delivery": deliverer.run}
    await run_service(runtime, build_web(parts), tasks, returning(parts))


def returning(parts: Parts) -> dict[str, Callable[[], Awaitable[None]]]:
    """The mailbox for what comes back, where the settings have one."""
    settings, port = parts.settings, parts.settings.return_port
    if port is None:
        return {}
    returns = Returns(parts.policy, parts.jitter)

    async def bounced(mail: str, bounce: Bounce) -> Mail | None:
        async with parts.writing() as store:
            return await take_bounce(store, mail, bounce, parts.clock(), returns)

    async def unsubscribed(mail: str) -> None:
        raise NotImplementedError(mail)

    box = ReturnBox(settings.return_domain, parts.links.signer, bounced, unsubscribed)
    return {"returned mail": lambda: serve_returns(box, settings.return_host, port)}


def build_web(parts: Parts) -> FastAPI:
    """The notifier's API and pages as one application."""
    app = build_app(build_notifier_api(parts), parts.runtime.check)
    add_pages(app, parts)
    return app
