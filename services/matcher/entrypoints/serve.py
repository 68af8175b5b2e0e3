"""Runs the matcher's stream, its improvement while idle, and its HTTP answers in one process."""

import asyncio

from services.matcher.bootstrap import GROUP, READS, Parts
from services.matcher.entrypoints.http import build_matcher_api
from services.matcher.entrypoints.stream import Stream, StreamSettings, build_stream
from shared.runtime import run_service
from shared.web.api import build_app

WATCH_EVERY_S = 0.5


async def serve(parts: Parts) -> None:
    """Runs the matcher until it is told to stop."""
    settings, matcher = parts.settings, parts.matcher
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    stream = build_stream(
        StreamSettings(
            app_id=GROUP,
            bootstrap=settings.kafka_bootstrap,
            instance_id=None if settings.is_embedded else f"{GROUP}-{settings.worker_instance}",
            topics=READS,
            data_dir=settings.data_dir,
            session_timeout_s=settings.session_timeout_ms / 1000,
            fetch_wait_s=0.05 if settings.is_embedded else 0.5,
        ),
        matcher.resume,
        matcher.handle_batch,
    )

    async def read_stream() -> None:
        await asyncio.gather(parts.planner.warm_up(), stream.run())

    app = build_app(build_matcher_api(parts.answers), parts.runtime.check)
    await run_service(
        parts.runtime,
        app,
        {
            "stream": read_stream,
            "stream watch": lambda: _watch(parts, stream),
            "improvement": lambda: matcher.improve_when_idle(settings.idle_s),
        },
    )
    parts.planner.close()


async def _watch(parts: Parts, stream: Stream) -> None:
    """Tells the watchdog what the stream has done and has still to do."""
    while True:
        parts.progress.assigned = stream.is_ready
        parts.progress.lag = sum(end - position for position, end in stream.lag().values())
        await asyncio.sleep(WATCH_EVERY_S)
