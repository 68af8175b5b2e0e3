"""Topics, events and readers for tests that speak to a real broker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.availability import Workplace, WorkplaceChanged
from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.vocabulary import Contract
from shared.errors import TransientError
from shared.messaging.outbox import Outbox
from shared.messaging.topics import TopicPlan, ensure_topics, partition_of
from shared.persistence.tables import OutboxRow
from tests.support.eventually import eventually

PARTITIONS = 2
PLAN = TopicPlan(PARTITIONS, 1)
SOURCE = "urn:nld:leerplek:test"
REGIONS = ("NL-R01", "NL-R02", "NL-R03", "NL-R04")


def workplace(number: int, sequence: int = 1, region: str = "NL-R01") -> WorkplaceChanged:
    """The whole state of one workplace: an event that is small and has a key of its own."""
    return WorkplaceChanged(
        region=region, sequence=sequence, workplace=Workplace(id=f"w{number}", site="01AB00", subject="wiskunde")
    )


async def make_topic(bootstrap: str, name: str) -> str:
    """A topic with its parked twin; a broker that has just started, or just created it, is waited for."""

    async def is_there() -> bool:
        try:
            await ensure_topics(bootstrap, [name], PLAN)
        except TransientError:
            return False
        return True

    await eventually(is_there, within_s=20, what=f"topic {name}")
    return name


async def add_to_outbox(tx: AsyncSession, topic: str, events: Iterable[Contract]) -> None:
    """Puts events in the outbox as a service does, but for a topic of this test."""
    told = list(events)
    await Outbox(SOURCE).add(tx, told, datetime.now(UTC), "test")
    real = {event_type_of(data).topic for data in told}
    await tx.exec(update(OutboxRow).where(col(OutboxRow.topic).in_(real)).values(topic=topic))


@dataclass(frozen=True, slots=True)
class Raw:
    """A message as a test sends it."""

    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes | None]
    partition: int = 0


def raw(data: Contract, **changed: bytes | None) -> Raw:
    """The message of an event, with some of its headers changed (None: left out), as `ce_id=…` or `content_type=…`."""
    event = new_event(SOURCE, data, datetime.now(UTC))
    headers: dict[str, bytes | None] = {name: text.encode() for name, text in to_headers(event).items()}
    headers.update(changed)
    kept = {name: value for name, value in headers.items() if value is not None}
    return Raw(event.subject.encode(), data.model_dump_json().encode(), kept, partition_of(event.region, PARTITIONS))


async def send(bootstrap: str, topic: str, messages: Sequence[Raw]) -> None:
    """Sends messages in order, as they are; returns when all are acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=2)
    try:
        await producer.start()
        sent = [
            await producer.send(
                topic, key=each.key, value=each.value, partition=each.partition, headers=list(each.headers.items())
            )
            for each in messages
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """Runs works in the background and cancels them at the end; one that broke by itself fails the test."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
    finally:
        broken = [task.exception() for task in tasks if task.done() and not task.cancelled()]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        assert broken == []
