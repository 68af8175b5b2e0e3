"""Reads topics from the offsets in the service's own database and applies each event in the transaction of its offset."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Event, UnreadableEvent
from shared.errors import Conflict, DomainError, TransientError
from shared.messaging.inbox import Inbox, Tombstone
from shared.messaging.record import LogReplaced, Partition, Record
from shared.messaging.retry import Backoff
from shared.messaging.shorter_logs import ShorterLogs
from shared.messaging.watchdog import Progress
from shared.observability.metrics import CONSUMER_LAG
from shared.persistence.database import Database

log = structlog.get_logger(__name__)

Apply = Callable[[AsyncSession, Sequence[Event | Tombstone]], Awaitable[None]]
"""Applies events, in order, within the transaction; it leaves what they would leave one by one.

Raises DomainError when a rule says no to one of them: then each comes alone, and that one is parked.
"""

_Readable = tuple[Record, Event | Tombstone]

BATCH = 200
GATHER_S = 0.4
"""Between two transactions so much may pass when little comes: what arrives meanwhile shares the next one."""


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """Where to read what; `group` also names this consumer in the offsets table, `instance` makes it a static member."""

    bootstrap: str
    group: str
    instance: str | None
    topics: tuple[str, ...]
    session_timeout_ms: int = 10_000

    @property
    def member(self) -> str | None:
        """The static member id, which a restarted process takes over at once; None for a member that comes and goes."""
        return None if self.instance is None else f"{self.group}-{self.instance}"


class EventConsumer:
    """One member of a consumer group whose truth about offsets is the database."""

    def __init__(
        self,
        settings: ConsumerSettings,
        database: Database,
        apply: Apply,
        progress: Progress,
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._apply = apply
        self._progress = progress
        self._after_commit = after_commit
        self._inbox = Inbox(settings.group)
        self._shorter = ShorterLogs()
        self._offsets: dict[Partition, int] = {}
        """The next offsets as this member has committed them since its partitions were assigned; another may have moved them
        since, and then the commit is refused."""

    async def run(self) -> None:
        """Reads until cancelled; waits while Kafka or the database is away; a bug ends it without moving on."""
        backoff = Backoff()
        while True:
            try:
                await self._read_while_connected(backoff)
            except (KafkaError, TransientError, Conflict, OSError) as problem:
                self._progress.assigned = False
                log.warning("consumer waits", group=self._settings.group, problem=repr(problem)[:300])
                await backoff.pause()

    async def _read_while_connected(self, backoff: Backoff) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.bootstrap,
            group_id=self._settings.group,
            group_instance_id=self._settings.member,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=self._settings.session_timeout_ms,
            heartbeat_interval_ms=self._settings.session_timeout_ms // 4,
            max_poll_records=BATCH,
        )
        consumer.subscribe(
            self._settings.topics, listener=_ResumeFromDatabase(consumer, self._database, self._inbox, self._offsets)
        )
        try:
            await consumer.start()
            while True:
                batches = await consumer.getmany(timeout_ms=250, max_records=BATCH)
                self._progress.assigned = bool(consumer.assignment())
                fetched = sum(len(messages) for messages in batches.values())
                self._progress.lag = await self._lag(consumer) + fetched
                for topic_partition, messages in batches.items():
                    await self._take([Record.of(message) for message in messages], consumer.highwater(topic_partition))
                    self._progress.moved()
                    self._progress.lag -= len(messages)
                backoff.reset()
                if 0 < fetched < BATCH:
                    await asyncio.sleep(GATHER_S)
        finally:
            await consumer.stop()

    async def _take(self, records: Sequence[Record], end: int | None) -> None:
        """One transaction: the effects of these records of one partition, what was parked, and the next offset.

        Usually nothing is wrong, and applied together events cost little. Where a rule says no, all is begun anew, one by
        one with savepoints, so that of what was refused nothing stays.

        `end` is the end of the partition's log. One that ends before the offset we stored is another log under the
        same name: going on would pass over everything in it, so that is a bug for a person to look at.
        """
        try:
            applied = await self._applied(records, end, self._together)
        except DomainError:
            applied = await self._applied(records, end, self._one_by_one)
        if applied is not None:
            self._inbox.count_applied(applied)
            self._after_commit()

    async def _applied(
        self,
        records: Sequence[Record],
        end: int | None,
        apply: Callable[[AsyncSession, Sequence[_Readable]], Awaitable[list[tuple[Record, str]]]],
    ) -> list[Event | Tombstone] | None:
        """What was applied; None where there was nothing new. `apply` gives what is to be parked, and why."""
        partition = records[0].partition
        refused: list[tuple[Record, str]] = []
        async with self._database.transaction() as tx:
            known = {partition: self._offsets.pop(partition)} if partition in self._offsets else None
            before = await self._inbox.next_offsets(tx, [partition]) if known is None else known
            if end is not None and end < before.get(partition, 0):
                raise LogReplaced(f"{partition} ends at {end} and was read up to {before[partition]}")
            fresh = [record for record in records if record.offset >= before.get(partition, 0)]
            if not fresh:
                return None
            readable: list[_Readable] = []
            for record in fresh:
                try:
                    readable.append((record, self._inbox.read(record)))
                except UnreadableEvent as problem:
                    refused.append((record, problem.reason))
            refused += await apply(tx, readable)
            for record, reason in sorted(refused, key=lambda one: one[0].offset):
                self._inbox.park(tx, record, reason, datetime.now(UTC))
            await self._inbox.advance(tx, before, {partition: fresh[-1].offset + 1})
        self._offsets[partition] = fresh[-1].offset + 1
        parked = {record.offset for record, _ in refused}
        return [event for record, event in readable if record.offset not in parked]

    async def _together(self, tx: AsyncSession, readable: Sequence[_Readable]) -> list[tuple[Record, str]]:
        if readable:
            await self._apply(tx, [event for _, event in readable])
        return []

    async def _one_by_one(self, tx: AsyncSession, readable: Sequence[_Readable]) -> list[tuple[Record, str]]:
        refused: list[tuple[Record, str]] = []
        for record, event in readable:
            try:
                async with tx.begin_nested():
                    await self._apply(tx, [event])
            except DomainError as problem:
                refused.append((record, problem.code))
        return refused

    async def _lag(self, consumer: AIOKafkaConsumer) -> int:
        """Messages that lie in the assigned partitions and have not been fetched; the end is what the last fetch said."""
        total = 0
        for assigned in consumer.assignment():
            end = consumer.highwater(assigned)
            position = await consumer.position(assigned)
            self._shorter.check(assigned, end, position)
            behind = 0 if end is None else max(0, end - position)
            CONSUMER_LAG.labels(assigned.topic, assigned.partition).set(behind)
            total += behind
        return total


class _ResumeFromDatabase(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(
        self, consumer: AIOKafkaConsumer, database: Database, inbox: Inbox, offsets: dict[Partition, int]
    ) -> None:
        self._consumer = consumer
        self._database = database
        self._inbox = inbox
        self._offsets = offsets

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing to hand over: what was applied is in the database, what was not will be read again."""

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._offsets.clear()
        partitions = [Partition(each.topic, each.partition) for each in assigned]
        async with self._database.reading() as tx:
            known = await self._inbox.next_offsets(tx, partitions)
        for partition, offset in known.items():
            self._consumer.seek(TopicPartition(partition.topic, partition.number), offset)
        log.info("partitions assigned", group=self._inbox.consumer, partitions=len(partitions), resumed=len(known))
