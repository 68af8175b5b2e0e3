"""The matcher's stream: a faust worker that hands batches of raw records to a handler, exactly in order.

The truth about what was handled is in our own database: on every assignment the worker asks it for the next
offsets and goes on there, and a record is handed over only when it directly continues what was handled.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import faust
import structlog
from aiokafka.structs import TopicPartition
from faust.app import BootStrategy
from faust.contrib.asgi import bind_to_running_loop

from services.matcher.entrypoints.faust_driver import OwnOffsetsTransport
from services.matcher.entrypoints.progress import NextOffsets, Progress
from shared.messaging.record import Partition, Record
from shared.process import end_at_once

NEVER_BY_COUNT = 2**62  # the group's offsets are for onlookers: by the clock is enough

OnBatch = Callable[[Sequence[Record]], Awaitable[None]]

log = structlog.get_logger()


class _WithoutProducer(BootStrategy):  # type: ignore[misc]
    """What is published goes through the outbox, so faust needs no producer."""

    enable_kafka_producer = False


class _App(faust.App):  # type: ignore[misc]
    BootStrategy = _WithoutProducer

    def _create_directories(self) -> None:
        """There are no tables, so nothing to keep in them."""


class StreamEnded(Exception):
    """The worker cannot go on; the process ends with an error and is started again."""


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Where the stream reads, and as whom.

    A batch is what arrived while the one before it was handled, and within `batch_within_s` after that: one event alone is
    handled at once, and the further the stream is behind the more events are answered together.
    `instance_id` names a member that stays the same over restarts: one that was killed reads again at once, not
    after `session_timeout_s`. No two processes may share it. The embedded broker gains nothing from it (None
    there), makes every member wait half the session timeout (3 s there), and answers a waiting fetch only when
    `fetch_wait_s` has passed (0.05 s there).
    """

    app_id: str
    bootstrap: str
    instance_id: str | None
    topics: tuple[str, ...]
    batch_size: int = 5_000
    batch_within_s: float = 0.005
    session_timeout_s: float = 20.0
    fetch_wait_s: float = 0.5
    stop_timeout_s: float = 10.0


class Stream:
    """Reads all topics as one stream and hands each batch to the handler, one after the other."""

    def __init__(self, settings: StreamSettings, progress: Progress, on_batch: OnBatch) -> None:
        self._settings = settings
        self._progress = progress
        self._on_batch = on_batch
        self._app: Any = None
        self._arrived: asyncio.Queue[tuple[int, Any]] = asyncio.Queue(settings.batch_size)
        self._stream: Any = None
        self._oldest_at = 0.0

    async def run(self) -> None:
        """Read until cancelled, then finish the batch under way; a worker that breaks raises `StreamEnded`.

        The broker must answer and have the topics.
        """
        app = self._app = _new_app(self._settings)
        bind_to_running_loop(app)
        app.transport = OwnOffsetsTransport(app.conf.broker_consumer, app, self._progress, self._settings.fetch_wait_s)
        topic = app.topic(
            *self._settings.topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )
        app.agent(topic, name="matcher", concurrency=1)(self._take)
        app.finalize()
        working = asyncio.create_task(self._work())
        try:
            await app.start()
            stopped = asyncio.ensure_future(app.wait_until_stopped())
            await asyncio.wait({stopped, working}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if working.done():
                working.result()
        finally:
            await self._stop(working)
        raise StreamEnded(f"the stream stopped: {app.crash_reason!r}") from app.crash_reason

    async def _stop(self, working: "asyncio.Task[None]") -> None:
        within_s = self._settings.stop_timeout_s
        stopping = asyncio.ensure_future(self._stopped(working))
        await asyncio.wait({stopping}, timeout=within_s)
        if not stopping.done():  # the batch under way never ends; nothing of it is in the database
            log.error("stream_stop_timed_out", timeout_s=within_s)
            end_at_once()
        await stopping

    @property
    def is_ready(self) -> bool:
        """The partitions that are assigned, if any, are being read; false while the group is rebalancing."""
        app = self._app
        if app is None or not app.started or app.should_stop or app.rebalancing:
            return False
        return self._progress.assignment > 0 and bool(app.consumer.flow_active)

    @property
    def is_spare(self) -> bool:
        """It is ready, and no partition is left for it."""
        return self.is_ready and not self._progress.positions

    def lag(self) -> Mapping[Partition, tuple[int, int]]:
        """Per assigned partition the next offset to handle and the end of the log as the last fetch told it."""
        positions = self._progress.positions
        if self._app is None or not positions:
            return {}
        thread = self._app.consumer._thread
        subscription = thread._ensure_consumer()._subscription.subscription
        if subscription is None or subscription.assignment is None:
            return {}
        lag = {}
        for partition, position in positions.items():
            tp = TopicPartition(partition.topic, partition.number)
            if tp in subscription.assignment.tps:
                state = subscription.assignment.state_value(tp)
                lag[partition] = _lag_of(position, thread.next_read.get(tp), state)
        return lag

    def oldest_s(self) -> float:
        """How long ago the oldest event was logged that is read and not answered yet; 0 for none."""
        return max(0.0, time.time() - self._oldest_at) if self._oldest_at else 0.0

    async def _stopped(self, working: "asyncio.Task[None]") -> None:
        """Whatever waits is left to the next start; the batch under way is finished."""
        async with self._progress.lock:
            working.cancel()
        await asyncio.wait([working])
        self._app.conf.stream_wait_empty = False  # nobody is going to acknowledge what waits
        await self._app.stop()

    async def _take(self, stream: Any) -> None:
        self._stream = stream.noack()
        async for event in self._stream.events():
            await self._arrived.put((self._progress.assignment, event))

    async def _work(self) -> None:
        while True:
            arrived = [await self._arrived.get()]
            self._oldest_at = arrived[0][1].message.timestamp
            await asyncio.sleep(self._settings.batch_within_s)
            async with self._progress.lock:
                while not self._arrived.empty() and len(arrived) < self._settings.batch_size:
                    arrived.append(self._arrived.get_nowait())
                current = [event for assignment, event in arrived if assignment == self._progress.assignment]
                await self._handle([(Record.of(event.message), event.message.follows) for event in current])
            self._oldest_at = 0.0
            for _, event in arrived:
                await self._stream.ack(event)

    async def _handle(self, arrived: Sequence[tuple[Record, int]]) -> None:
        try:
            records = self._progress.continuing(arrived)
            if records:
                await self._on_batch(records)
        except Exception:
            first = arrived[0][0]
            log.exception(
                "stream_bug",
                topic=first.partition.topic,
                partition=first.partition.number,
                offset=first.offset,
                records=len(arrived),
            )
            end_at_once()  # a graceful stop would acknowledge what was not handled
        self._progress.advance(records)


def build_stream(settings: StreamSettings, next_offsets: NextOffsets, on_batch: OnBatch) -> Stream:
    """Bind the parts of a stream; nothing is opened before `run`."""
    return Stream(settings, Progress(next_offsets), on_batch)


def _new_app(settings: StreamSettings) -> Any:
    return _App(
        settings.app_id,
        broker=f"kafka://{settings.bootstrap.replace(',', ';')}",
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        worker_redirect_stdouts=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance_id,
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 6,
        broker_request_timeout=max(30.0, 2 * settings.session_timeout_s),
        broker_max_poll_records=settings.batch_size,
        broker_commit_interval=5.0,
        broker_commit_every=NEVER_BY_COUNT,
        stream_wait_empty=True,
    )


def _lag_of(position: int, next_read: int | None, state: Any) -> tuple[int, int]:
    """Count what the consumer passed over without a record (compacted away) as handled, once all it read is."""
    if next_read == position and state.has_valid_position:
        position = max(position, state.position)
    return position, position if state.highwater is None else state.highwater
