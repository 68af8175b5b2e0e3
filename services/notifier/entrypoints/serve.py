"""Runs the notifier's HTTP, pages, consumer, dispatcher and delivery in one process."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import structlog
from fastapi import FastAPI

from services.notifier.bootstrap import READS, Parts
from services.notifier.domain.bounces import Bounce
from services.notifier.domain.delivery import Mail
from services.notifier.entrypoints.alarm import Alarm
from services.notifier.entrypoints.deliver import Deliverer
from services.notifier.entrypoints.dispatch import Dispatcher, Dispatching
from services.notifier.entrypoints.http import build_notifier_api
from services.notifier.entrypoints.pages.routes import add_pages
from services.notifier.entrypoints.returns import ReturnBox, serve_returns
from services.notifier.entrypoints.stream import applying
from services.notifier.entrypoints.tidy import tidy
from services.notifier.entrypoints.watch import Watcher, Watching
from services.notifier.handlers.answering import LinkGone, calm_reader
from services.notifier.handlers.bouncing import Returns, take_bounce
from services.notifier.handlers.delivering import Delivery
from shared.runtime import run_service
from shared.web.api import build_app
from shared.webhooks.sender import WebhookSender

log = structlog.get_logger(__name__)


async def serve(parts: Parts) -> None:
    """Runs the notifier until it is told to stop."""
    runtime, settings = parts.runtime, parts.settings
    deliverer = Deliverer(_delivery(parts), [parts.build_sender() for _ in range(settings.delivery_workers)])
    dispatching = Dispatching(runtime.database.exclusive, parts.writing, parts.composer, parts.rules, parts.clock)
    dispatcher = Dispatcher(dispatching, parts.alerts_changed)

    def after_write() -> None:
        deliverer.wake()
        parts.hooks.sending.wake()

    dispatcher.after_write = after_write

    apply = applying(lambda tx: parts.store(tx, runtime.name), parts.clock)
    consumer = runtime.consumer(READS, apply, parts.committed)
    calendar = parts.rules.calendar
    watching = Watching(runtime.database.exclusive, parts.writing, parts.parked, calendar, parts.clock)
    watcher = Watcher(watching, parts.committed)
    alarm = Alarm(runtime.database.exclusive, parts.writing, parts.roads)
    tasks = {
        "consumer": consumer.run,
        "dispatcher": dispatcher.run,
        "watcher": watcher.run,
        "delivery": deliverer.run,
        "alarm": alarm.run,
        "tidying": lambda: tidy(parts),
        "webhooks": WebhookSender(parts.hooks).run,
    }
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
        with suppress(LinkGone):  # whoever got that mail gets nothing more as it is
            async with parts.writing() as store:
                await calm_reader(store, mail)

    box = ReturnBox(settings.return_domain, parts.links.signer, bounced, unsubscribed)
    return {"returned mail": lambda: serve_returns(box, settings.return_host, port)}


def _delivery(parts: Parts) -> Delivery:
    lease = timedelta(seconds=parts.settings.lease_s)
    return Delivery(parts.writing, parts.policy, lease, parts.clock, parts.jitter)


def build_web(parts: Parts) -> FastAPI:
    """The notifier's API and pages as one application."""
    app = build_app(build_notifier_api(parts), parts.runtime.check)
    add_pages(app, parts)
    return app
