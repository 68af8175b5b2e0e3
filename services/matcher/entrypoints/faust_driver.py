"""The faust transport that takes its positions from our own database instead of the broker's group."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.threads import WorkerThread

from services.matcher.entrypoints.progress import Progress
from shared.messaging.record import LogReplaced, Partition
from shared.messaging.shorter_logs import ShorterLogs
from shared.process import end_at_once

COMMIT_TIMEOUT_S = 2.0  # the group's offsets are for onlookers; they may never hold up a stop or a rebalance

log = structlog.get_logger()


class _DaemonWorker(WorkerThread):  # type: ignore[misc]
    """A consumer thread that hangs does not keep a process alive that has to end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.daemon = True


class OwnOffsetsThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """aiokafka in its thread; every record leaves it with the position that it follows."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.next_read: dict[TopicPartition, int] = {}
        """Per partition that was sought since it was assigned: the offset that is read next."""
        self._shorter = ShorterLogs()

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # a region lies in the same partition of every topic, and belongs to one member: range, not round robin
        consumer._partition_assignment_strategy = (RangePartitionAssignor,)
        consumer._fetch_max_wait_ms = int(self.transport.fetch_wait_s * 1000)  # faust fixes it at 1500
        return consumer

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget where we stood: whoever has a partition meanwhile moves on, and its next assignment seeks again."""
        self.next_read.clear()
        await super().on_partitions_revoked(revoked)

    async def seek_exactly(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Go on reading at exactly these offsets."""
        await self.call_thread(self._seek_exactly, offsets)

    async def _seek_exactly(self, offsets: Mapping[TopicPartition, int]) -> None:
        consumer = self._ensure_consumer()
        for partition, offset in offsets.items():
            # revoked meanwhile: the assignment that follows seeks again
            with suppress(IllegalStateError):
                consumer.seek(partition, offset)
                self.next_read[partition] = offset

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> dict[TopicPartition, list[tuple[Any, int]]]:
        # between the fetch and the marks nothing else runs on this thread, so no seek comes in between
        fetched = await super()._fetch_records(*args, **kwargs)
        try:
            # what arrives between an assignment and its seek was read from anywhere, and is read again after the seek
            marked = {tp: self._mark(tp, records) for tp, records in fetched.items() if tp in self.next_read}
            self._refuse_shorter_logs()
        except LogReplaced:
            log.exception("stream_bug")
            end_at_once()  # faust would only start fetching again
        return marked

    def _mark(self, partition: TopicPartition, records: list[Any]) -> list[tuple[Any, int]]:
        marked = []
        follows = self.next_read[partition]
        if records[0].offset < follows:  # only a reset after "offset out of range" goes back
            raise LogReplaced(f"{_named(partition)} was read up to {follows} and begins again at {records[0].offset}")
        for record in records:
            marked.append((record, follows))
            follows = record.offset + 1
        self.next_read[partition] = follows
        return marked

    def _refuse_shorter_logs(self) -> None:
        """Raise `LogReplaced` when a log has ended before our position for some time.

        Apache Kafka answers "offset out of range" by itself; the embedded broker, which forgets all when it
        is restarted, answers nothing.
        """
        consumer = self._ensure_consumer()
        for partition in consumer.assignment():
            self._shorter.check(_named(partition), consumer.highwater(partition), self.next_read.get(partition, 0))

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Tell the group how far we are, for whoever watches its lag; nothing here depends on it."""
        consumer = self._ensure_consumer()
        known = {tp: OffsetAndMetadata(offset, "") for tp, offset in offsets.items() if tp in self.assignment()}
        try:
            await asyncio.wait_for(consumer.commit(known), COMMIT_TIMEOUT_S)
        except (KafkaError, TimeoutError) as problem:
            log.info("group_offsets_not_committed", problem=repr(problem))
            return False
        return True


class OwnOffsetsConsumer(driver.Consumer):  # type: ignore[misc]
    """A faust consumer that starts where our database says."""

    def _new_consumer_thread(self) -> OwnOffsetsThread:
        return OwnOffsetsThread(self, loop=self.loop, beacon=self.beacon, Worker=_DaemonWorker)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every assigned partition to the next offset in our own database."""
        progress: Progress = self.transport.progress
        async with progress.lock:
            assigned = frozenset(Partition(tp.topic, tp.partition) for tp in self.assignment())
            positions = await progress.resume(assigned)
            offsets = {TopicPartition(p.topic, p.number): offset for p, offset in positions.items()}
            await self._thread.seek_exactly(offsets)
        log.info("stream_resumed", positions={f"{tp.topic}/{tp.partition}": at for tp, at in sorted(offsets.items())})
        return {TP(tp.topic, tp.partition): offset for tp, offset in offsets.items()}

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Where nothing is left for this worker faust seeks nothing: then what it had is let go of here."""
        if not assigned:
            progress: Progress = self.transport.progress
            async with progress.lock:
                await progress.resume(frozenset())
            log.info("stream_is_spare")
        await super().on_partitions_assigned(assigned, generation_id)

    def _to_message(self, tp: TP, record: tuple[Any, int]) -> Any:
        raw, follows = record
        message = super()._to_message(tp, raw)
        message.follows = follows
        return message


class OwnOffsetsTransport(driver.Transport):  # type: ignore[misc]
    """Names the consumer, and holds the positions it resumes from."""

    Consumer = OwnOffsetsConsumer

    def __init__(self, url: Any, app: Any, progress: Progress, fetch_wait_s: float) -> None:
        super().__init__(url, app)
        self.fetch_wait_s = fetch_wait_s
        self.progress = progress


def _named(partition: TopicPartition) -> str:
    return f"{partition.topic}/{partition.partition}"
