"""Publishes the outbox of one database in order, and marks what Kafka has acknowledged."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import func, update
from sqlmodel import col, select

from shared.errors import TransientError
from shared.messaging.retry import Backoff, Wakeup
from shared.messaging.topics import LARGEST_PARKED, partition_of
from shared.observability.metrics import EVENTS_PUBLISHED, OUTBOX_OLDEST_S, OUTBOX_WAITING
from shared.persistence.database import Database
from shared.persistence.housekeeping import delete_outlived
from shared.persistence.tables import OutboxRow

log = structlog.get_logger(__name__)

BATCH = 500
POLL_S = 0.5
"""The poll is the truth; `wake` only makes it faster."""
MARK_WITHIN_S = 0.05
"""What was acknowledged is marked in the transaction that looks for more, and so long after it at the latest."""
MARK_AT_END_S = 3.0
MEASURE_S = 1.0
SWEEP_EVERY = timedelta(hours=1)


class Relay:
    """The only publisher of one database; a second process waits until the first is gone."""

    def __init__(self, database: Database, bootstrap: str, *, idempotence: bool) -> None:
        self._database = database
        self._bootstrap = bootstrap
        self._idempotence = idempotence
        self._woken = Wakeup()
        self._acknowledged: list[OutboxRow] = []
        self._swept_at = datetime.min.replace(tzinfo=UTC)

    def wake(self) -> None:
        """Says that there is something new in the outbox."""
        self._woken.wake()

    async def run(self) -> None:
        """Publishes until cancelled; waits, with growing pauses, while Kafka or the database is away."""
        backoff = Backoff()
        while True:
            try:
                async with self._database.exclusive("outbox-relay"):
                    await self._publish_while_connected(backoff)
            except (KafkaError, TransientError, OSError) as problem:
                log.warning("outbox waits", problem=repr(problem)[:300])
                await backoff.pause()

    async def measure(self) -> None:
        """Keeps telling what waits in the outbox, until cancelled; also while Kafka is away or another process publishes."""
        while True:
            try:
                async with self._database.reading() as tx:
                    waits = select(func.count(), func.min(OutboxRow.created_at)).where(
                        col(OutboxRow.published_at).is_(None)
                    )
                    waiting, oldest = (await tx.exec(waits)).one()
            except (TransientError, OSError) as problem:
                log.warning("outbox not measured", problem=repr(problem)[:300])
            else:
                OUTBOX_WAITING.set(waiting)
                OUTBOX_OLDEST_S.set((datetime.now(UTC) - oldest).total_seconds() if oldest is not None else 0)
            await asyncio.sleep(MEASURE_S)

    async def _publish_while_connected(self, backoff: Backoff) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=self._idempotence,
            linger_ms=2,
            max_batch_size=262_144,
            request_timeout_ms=10_000,
            max_request_size=LARGEST_PARKED,
        )
        try:  # a start that fails leaves a connection to be closed
            await producer.start()
            while True:
                published = await self._publish_batch(producer)
                backoff.reset()
                if published < BATCH:
                    await self._sweep()
                    await self._woken.wait(MARK_WITHIN_S if self._acknowledged else POLL_S)
        finally:
            try:
                await self._mark_now()
            finally:
                await producer.stop()

    async def _publish_batch(self, producer: AIOKafkaProducer) -> int:
        rows = await self._marked_and_next()
        if not rows:
            return 0
        self._acknowledged, problem = await self._send(producer, rows)
        if problem is not None:
            await self._mark_now()
            raise problem
        return len(rows)

    async def _mark_now(self) -> None:
        """When something went wrong or it is told to stop: else what was acknowledged last would be published again.

        Where somebody else holds the rows it is: an end that waits for them may never come.
        """
        if self._acknowledged:
            with suppress(TransientError, OSError):  # then it is marked when the database is there again
                async with asyncio.timeout(MARK_AT_END_S):
                    await self._marked_and_next()

    async def _send(
        self, producer: AIOKafkaProducer, rows: Sequence[OutboxRow]
    ) -> tuple[list[OutboxRow], BaseException | None]:
        """Sends all; what follows a failure in the same partition is sent again later, so that order holds."""
        sending = [(row, await self._destination(producer, row)) for row in rows]
        futures = [
            await producer.send(
                row.topic,
                value=row.value,
                key=row.key,
                partition=partition,
                headers=[(name, text.encode("utf-8", "surrogateescape")) for name, text in row.headers.items()],
            )
            for row, partition in sending
        ]
        results = await asyncio.gather(*futures, return_exceptions=True)
        acknowledged: list[OutboxRow] = []
        failed: dict[tuple[str, int], BaseException] = {}
        for (row, partition), result in zip(sending, results, strict=True):
            where = (row.topic, partition)
            if isinstance(result, BaseException):
                failed.setdefault(where, result)
            elif where not in failed:
                acknowledged.append(row)
        return acknowledged, next(iter(failed.values()), None)

    async def _destination(self, producer: AIOKafkaProducer, row: OutboxRow) -> int:
        if row.partition is not None:
            return row.partition
        partitions = await producer.partitions_for(row.topic)
        if not partitions:
            raise TransientError(f"kafka: topic {row.topic} is not there")
        return partition_of(row.region or "", len(partitions))

    async def _marked_and_next(self) -> Sequence[OutboxRow]:
        """What comes next, once what was acknowledged is marked: one transaction for both, where each event asked for two."""
        done = self._acknowledged
        async with self._database.transaction() if done else self._database.reading() as tx:
            if done:
                marked = update(OutboxRow).where(col(OutboxRow.id).in_([row.id for row in done]))
                await tx.exec(marked.values(published_at=datetime.now(UTC)))
            unpublished = select(OutboxRow).where(col(OutboxRow.published_at).is_(None))
            rows = (await tx.exec(unpublished.order_by(col(OutboxRow.id)).limit(BATCH))).all()
        self._acknowledged = []
        for row in done:
            EVENTS_PUBLISHED.labels(row.topic).inc()
        return rows

    async def _sweep(self) -> None:
        now = datetime.now(UTC)
        if now - self._swept_at < SWEEP_EVERY:
            return
        self._swept_at = now
        async with self._database.transaction() as tx:
            await delete_outlived(tx, now)
