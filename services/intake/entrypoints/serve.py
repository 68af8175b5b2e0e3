"""Runs intake's HTTP, relay and consumer in one process."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.bootstrap import READS, Parts
from services.intake.domain.access import Who
from services.intake.entrypoints.http import LARGE, build_intake_api
from services.intake.entrypoints.import_worker import ImportWorker
from services.intake.entrypoints.stream import fold
from shared.contracts.envelope import Event
from shared.messaging.inbox import Tombstone
from shared.runtime import run_service
from shared.web.api import build_app


async def serve(parts: Parts) -> None:
    """Runs intake until it is told to stop."""
    runtime = parts.runtime

    async def apply(tx: AsyncSession, event: Event | Tombstone) -> None:
        await fold(parts.store(tx, Who(runtime.name)), event)

    imports = ImportWorker(parts)
    app = build_app(build_intake_api(parts, imports.wake), runtime.check, large=LARGE)
    tasks = {"consumer": runtime.consumer(READS, apply).run, "imports": imports.run}
    await run_service(runtime, app, tasks)
