"""The parked topic beside a topic: lists what lies there, and sends the originals again once what was wrong is right."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.contracts.envelope import UnreadableEvent, from_message
from shared.errors import DomainError, TransientError
from shared.messaging.record import Record
from shared.messaging.topics import LARGEST_PARKED, PARKED_SUFFIX, partition_of

OURS = "leerplek_"
REPLAYED = "replayed"
REGION = "ce_region"
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
    replayed_at: datetime | None = None
    """When this or another copy of the same message was last sent again."""

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
    found.sort(key=lambda each: (each.record.partition.number, each.record.offset))
    replayed_at = {_replayed(each): each.parked_at for each in found if _replayed(each)}
    return [replace(each, replayed_at=replayed_at.get(each.origin)) for each in found if not _replayed(each)]


async def replay(bootstrap: str, topic: str, wanted: Collection[str] | None = None) -> int:
    """Sends parked messages (those at the positions `wanted`, or all not sent again before) to `topic`; gives how many.

    Bytes, key and headers are the original's, and the partition is that of its region where it is an event of ours or a
    tombstone that names it. Every reader of a topic parks a copy of its own of what it
    cannot apply: of the copies of one message one is sent. What was sent is noted in the parked topic. Of what was kept
    as a fingerprint only there is nothing to send.
    """
    parked = await list_parked(bootstrap, topic)
    unknown = set(wanted or ()) - {each.position for each in parked}
    if unknown:
        raise DomainError("unknown-position", f"In {topic}{PARKED_SUFFIX} ligt niets op {', '.join(sorted(unknown))}.")
    chosen = [each for each in parked if (each.replayed_at is None if wanted is None else each.position in wanted)]
    first_copies: dict[str, ParkedRecord] = {}
    for each in chosen:
        if not each.is_fingerprint:
            first_copies.setdefault(each.origin or each.position, each)
    again = list(first_copies.values())
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=LARGEST_PARKED)
    try:
        await producer.start()
        partitions = len(await producer.partitions_for(topic))
        await asyncio.gather(*[await producer.send(topic, **_original(each.record, partitions)) for each in again])
        notes = [_note(each) for each in again if each.origin]
        await asyncio.gather(*[await producer.send(topic + PARKED_SUFFIX, **note) for note in notes])
    except (KafkaError, OSError) as problem:
        raise TransientError(f"kafka: {problem!r}") from problem
    finally:
        await producer.stop()
    return len(again)


def _note(sent: ParkedRecord) -> dict[str, object]:
    """What is added to the parked topic about a message that was sent again; Kafka's client wants a key or a value."""
    origin = sent.origin.encode()
    return {
        "key": b"replayed/" + origin,
        "value": None,
        "partition": sent.record.partition.number,
        "headers": [(OURS + REPLAYED, origin)],
    }


def _replayed(each: ParkedRecord) -> str:
    """The origin of the message that was sent again, where this is such a note; empty otherwise."""
    return each.record.headers.get(OURS + REPLAYED, b"").decode("utf-8", "replace")


def _original(record: Record, partitions: int) -> dict[str, object]:
    headers = [(name, value) for name, value in record.headers.items() if not name.startswith(OURS)]
    region = _region(record)
    number = record.partition.number if region is None else partition_of(region, partitions)
    return {"key": record.key, "value": record.value, "partition": number, "headers": headers}


def _region(record: Record) -> str | None:
    """That of an event of ours, and of a tombstone that names it; None for anything else, and for a region that no key could have."""
    if record.value is None:
        named = record.headers.get(REGION, b"").decode("utf-8", "replace")
        return named if named.isprintable() and named else None
    with suppress(UnreadableEvent):
        return from_message(record.headers, record.value).region
    return None


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
