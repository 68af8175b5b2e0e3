"""Runs capacity's API, portal, relay, consumer, webhooks and daily tick in one process."""

from fastapi import FastAPI

from services.capacity.bootstrap import READS, Parts
from services.capacity.entrypoints.access_mailer import AccessMailer
from services.capacity.entrypoints.http import build_capacity_api
from services.capacity.entrypoints.pages.routes import add_portal
from services.capacity.entrypoints.pages.signed_in import SignedIn
from services.capacity.entrypoints.stream import applying
from services.capacity.entrypoints.tick import DailyTick
from services.capacity.entrypoints.tidy import tidy
from shared.runtime import run_service
from shared.web.api import build_app
from shared.web.viewing import FindViewer, everybody
from shared.webhooks.sender import WebhookSender


async def serve(parts: Parts) -> None:
    """Runs capacity until it is told to stop."""
    runtime = parts.runtime

    def committed() -> None:
        runtime.relay.wake()
        parts.hooks.sending.wake()

    tasks = {"consumer": runtime.consumer(READS, applying(parts), committed).run, "tidy": lambda: tidy(parts)}
    if parts.settings.clock_ticks:
        tasks["tick"] = DailyTick(parts).run
    letterbox = parts.access.letterbox
    at_once = {"webhooks": WebhookSender(parts.hooks).run}
    if letterbox is not None:
        at_once["access mail"] = AccessMailer(parts, letterbox).run
    await run_service(runtime, build_capacity_app(parts), tasks, at_once)


def build_capacity_app(parts: Parts, find_viewer: FindViewer | None = None) -> FastAPI:
    """The API and, where pages are guarded, the portal. Who looks is found by `find_viewer`, else by how people sign in."""
    app = build_app(build_capacity_api(parts), parts.runtime.check)
    if parts.settings.shows_pages:
        signed_in = SignedIn(parts).find_viewer if parts.settings.signs_people_in else everybody
        add_portal(app, parts, find_viewer or signed_in)
    return app
