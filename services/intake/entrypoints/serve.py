"""Runs intake's HTTP, relay, consumer, imports and webhooks in one process."""

from collections.abc import Awaitable, Callable

from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.bootstrap import READS, Parts
from services.intake.domain.access import Who
from services.intake.entrypoints.http import LARGE, build_intake_api
from services.intake.entrypoints.import_worker import ImportWorker
from services.intake.entrypoints.stream import fold
from services.intake.entrypoints.tidy import tidy
from shared.contracts.envelope import Event
from shared.messaging.inbox import Tombstone
from shared.runtime import run_service
from shared.web.api import build_app
from shared.webhooks.sender import WebhookSender


async def serve(parts: Parts) -> None:
    """Runs intake until it is told to stop."""
    runtime = parts.runtime

    def committed() -> None:
        runtime.relay.wake()
        parts.hooks.sending.wake()

    imports = ImportWorker(parts)
    app = build_app(build_intake_api(parts, imports.wake), runtime.check, large=LARGE)
    beside = {"imports": imports.run, "webhooks": WebhookSender(parts.hooks).run, "tidy": lambda: tidy(parts)}
    await run_service(runtime, app, {"consumer": runtime.consumer(READS, applying(parts), committed).run}, beside)


def applying(parts: Parts) -> Callable[[AsyncSession, Event | Tombstone], Awaitable[None]]:
    """Folds one event, and tells webhooks what is news about a student; in the same transaction."""

    async def apply(tx: AsyncSession, event: Event | Tombstone) -> None:
        store = parts.store(tx, Who(parts.runtime.name))
        if not await fold(store, event):
            return
        assert isinstance(event, Event)
        data, webhooks = event.data.model_dump(mode="json"), parts.hooks.store(tx, None)
        if wanting := await webhooks.that_want([data["institute"]], event.type):
            student = data.get("student") or data["placement"]["student"]
            references = await store.references([student])
            if student in references:  # somebody who was erased meanwhile is told of no more
                about = {**data, "reference": references[student]}
                await webhooks.tell(wanting, event.type, about, parts.clock())

    return apply
