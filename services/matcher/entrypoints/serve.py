"""Runs the matcher's stream and its improvement while idle; over HTTP it tells no more than how it is."""

import asyncio

from services.matcher.adapters.metrics import OLDEST_S
from services.matcher.bootstrap import GROUP, READS, Parts
from services.matcher.entrypoints.stream import Stream, StreamSettings, build_stream
from services.matcher.entrypoints.tidy import tidy_once
from shared.clock import machine_clock
from shared.hourly import hourly
from shared.messaging.record import Partition
from shared.messaging.topics import partition_of
from shared.observability.metrics import CONSUMER_LAG
from shared.runtime import run_service
from shared.web.api import build_app

WATCH_EVERY_S = 0.5


async def serve(parts: Parts) -> None:
    """Runs the matcher until it is told to stop."""
    settings, matcher = parts.settings, parts.matcher
    stream = build_stream(
        StreamSettings(
            app_id=GROUP,
            bootstrap=settings.kafka_bootstrap,
            instance_id=None if settings.is_embedded else f"{GROUP}-{settings.worker_instance}",
            topics=READS,
            session_timeout_s=settings.session_timeout_ms / 1000,
            fetch_wait_s=0.05 if settings.is_embedded else 0.5,
        ),
        matcher.resume,
        matcher.handle_batch,
    )

    async def read_stream() -> None:
        await parts.store.tell_fencings()
        await asyncio.gather(parts.planner.warm_up(), stream.run())

    app = build_app(None, parts.runtime.check)
    await run_service(
        parts.runtime,
        app,
        {
            "stream": read_stream,
            "stream watch": lambda: _watch(parts, stream),
            "preparation": lambda: matcher.prepare(lambda region: partition_of(region, settings.partitions)),
            "improvement": matcher.improve,
            "later looks": matcher.look_later,
            "plans that are owed": matcher.catch_up,
            "old plans": lambda: hourly(lambda: tidy_once(parts)),
            "names that wait": lambda: hourly(lambda: matcher.tell_waiting(machine_clock().date())),
        },
    )
    parts.planner.close()


async def _watch(parts: Parts, stream: Stream) -> None:
    """Tells the watchdog and the metrics what the stream has still to do."""
    told: set[Partition] = set()
    while True:
        parts.progress.assigned = stream.is_ready and parts.matcher.is_prepared
        parts.progress.is_spare = stream.is_spare
        behind = {partition: end - position for partition, (position, end) in stream.lag().items()}
        parts.progress.lag = sum(behind.values())
        for partition, messages in behind.items():
            CONSUMER_LAG.labels(partition.topic, partition.number).set(messages)
        for partition in told - behind.keys():  # another worker tells of it now
            CONSUMER_LAG.remove(partition.topic, partition.number)
        told = {*behind}
        OLDEST_S.set(stream.oldest_s())
        _watch_planning(parts)
        await asyncio.sleep(WATCH_EVERY_S)


def _watch_planning(parts: Parts) -> None:
    """A solve that hangs is work that does not move; who only looks for something better is replaced."""
    parts.planner.end_hanging()
    busy_s = parts.planner.busy_for_s()
    if busy_s < WATCH_EVERY_S:
        parts.planning.moved()
    parts.planning.lag = int(busy_s > 0)
