"""What lies parked beside a topic: lists it, and sends the originals again once whatever was wrong is right."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.errors import DomainError, TransientError
from shared.messaging.record import Record
from shared.messaging.topics import LARGEST_PARKED, PARKED_SUFFIX

OURS = "leerplek_"
QUIET_S = 1.0
"""A reader is at the end when nothing comes for so long: the embedded broker does not say where a partition ends."""


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A parked message: `record` is where it lies, `origin` where it came from (topic/partition/offset)."""

    record: Record
    origin: str
    reason: str
    parked_by: str
    parked_at: datetime

    @property
    def position(self) -> str:
        """Partition and offset in the parked topic, as `1/42`: how a person names it."""
        return f"{self.record.partition.number}/{self.record.offset}"

    @property
    def is_fingerprint(self) -> bool:
        """The content was refused and not kept, so that there is nothing to send again."""
        return self.record.value is None and "; holds " in self.reason


async def list_parked(bootstrap: str, topic: str) -> list[ParkedRecord]:
    """Everything that is parked beside `topic`, in the order of each partition; raises TransientError when Kafka is away."""
    async with _reading(bootstrap, topic + PARKED_SUFFIX) as consumer:
        found: list[ParkedRecord] = []
        while batches := await consumer.getmany(timeout_ms=int(QUIET_S * 1000)):
            found += [_parked(message) for messages in batches.values() for message in messages]
    return sorted(found, key=lambda each: (each.record.partition.number, each.record.offset))


async def replay(bootstrap: str, topic: str, wanted: Collection[str] | None = None) -> int:
    """Sends parked messages (those at the positions `wanted`, or all) to `topic` again; gives how many.

    Bytes, key, headers and partition are the original's. Doing it twice is harmless: what was applied is ignored. Of what
    was kept as a fingerprint only there is nothing to send.
    """
    parked = await list_parked(bootstrap, topic)
    unknown = set(wanted or ()) - {each.position for each in parked}
    if unknown:
        raise DomainError("unknown-position", f"In {topic}{PARKED_SUFFIX} ligt niets op {', '.join(sorted(unknown))}.")
    again = [each for each in parked if not each.is_fingerprint and (wanted is None or each.position in wanted)]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=LARGEST_PARKED)
    try:
        await producer.start()
        sent = [await producer.send(topic, **_original(each.record)) for each in again]
        await asyncio.gather(*sent)
    except (KafkaError, OSError) as problem:
        raise TransientError(f"kafka: {problem!r}") from problem
    finally:
        await producer.stop()
    return len(again)


def _original(record: Record) -> dict[str, object]:
    headers = [(name, value) for name, value in record.headers.items() if not name.startswith(OURS)]
    return {"key": record.key, "value": record.value, "partition": record.partition.number, "headers": headers}


@asynccontextmanager
async def _reading(bootstrap: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        partitions = [TopicPartition(topic, number) for number in await _partitions(bootstrap, topic)]
        await consumer.start()
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        yield consumer
    except (KafkaError, OSError) as problem:
        raise TransientError(f"kafka: {problem!r}") from problem
    finally:
        await consumer.stop()


async def _partitions(bootstrap: str, topic: str) -> list[int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        if topic not in await admin.list_topics():  # asked first: describing a topic makes it, on the embedded broker
            raise DomainError("unknown-topic", f"Het topic {topic} bestaat niet.")
        (described,) = await admin.describe_topics([topic])
    finally:
        await admin.close()
    return [partition["partition"] for partition in described["partitions"]]


def _parked(message: ConsumerRecord) -> ParkedRecord:
    record = Record.of(message)

    def ours(name: str) -> str:
        return record.headers.get(OURS + name, b"").decode("utf-8", "replace")

    at = datetime.fromtimestamp(message.timestamp / 1000, UTC)
    return ParkedRecord(record, ours("origin"), ours("reason"), ours("parked_by"), at)
