"""Runs intake's HTTP, relay, consumer, imports and webhooks in one process."""

from collections.abc import Callable

from fastapi import FastAPI

from services.intake.bootstrap import READS, Parts
from services.intake.entrypoints.http import LARGE, build_intake_api
from services.intake.entrypoints.import_worker import ImportWorker
from services.intake.entrypoints.pages.access import UPLOAD
from services.intake.entrypoints.pages.files import LARGEST_UPLOAD
from services.intake.entrypoints.pages.routes import add_pages
from services.intake.entrypoints.stream import applying
from services.intake.entrypoints.tidy import tidy
from shared.runtime import run_service
from shared.web.api import build_app
from shared.web.viewing import FindViewer, everybody
from shared.webhooks.sender import WebhookSender


async def serve(parts: Parts) -> None:
    """Runs intake until it is told to stop."""
    runtime = parts.runtime

    def committed() -> None:
        runtime.relay.wake()
        parts.hooks.sending.wake()

    imports = ImportWorker(parts)
    app = build_intake_app(parts, imports.wake)
    beside = {"imports": imports.run, "webhooks": WebhookSender(parts.hooks).run, "tidy": lambda: tidy(parts)}
    await run_service(runtime, app, {"consumer": runtime.consumer(READS, applying(parts), committed).run}, beside)


def build_intake_app(
    parts: Parts, file_arrived: Callable[[], None] = lambda: None, find_viewer: FindViewer = everybody
) -> FastAPI:
    """The API and, where pages are guarded, the pages for institutes."""
    app = build_app(build_intake_api(parts, file_arrived), parts.runtime.check, large={**LARGE, UPLOAD: LARGEST_UPLOAD})
    if parts.settings.shows_pages:
        add_pages(app, parts, file_arrived, find_viewer)
    return app
