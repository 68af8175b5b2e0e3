"""Reads topics from their start: all of one region (`read_topic`), or until something has come (`reader_of`)."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from aiokafka import AIOKafkaConsumer

from shared.contracts.envelope import Event, from_message
from shared.messaging.record import Record
from tests.support.eventually import eventually

T = TypeVar("T")

QUIET_POLLS = 5


@dataclass(frozen=True, slots=True)
class Told:
    """The events of one region in a topic, in the order in which they lie there."""

    events: list[Event]

    def ids_by_version(self) -> dict[tuple[str, int], set[str]]:
        """The event ids of every version of every aggregate: one each, unless something was told twice."""
        ids: dict[tuple[str, int], set[str]] = defaultdict(set)
        for event in self.events:
            ids[event.subject, event.sequence].add(event.id)
        return dict(ids)

    def sequences(self) -> dict[str, list[int]]:
        """The versions of every aggregate, each once, in the order in which they were first told."""
        sequences: dict[str, list[int]] = defaultdict(list)
        for event in self.events:
            if event.sequence not in sequences[event.subject]:
                sequences[event.subject].append(event.sequence)
        return dict(sequences)


async def read_topic(bootstrap: str, topic: str, region: str) -> Told:
    """Everything of one region that lies in a topic now."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    events: list[Event] = []
    async with consumer:
        quiet = 0
        while quiet < QUIET_POLLS:
            batches = await consumer.getmany(timeout_ms=200)
            quiet = 0 if batches else quiet + 1
            for messages in batches.values():
                for message in messages:
                    headers = dict(message.headers)
                    if message.value is not None and headers.get("ce_region") == region.encode():
                        events.append(from_message(headers, message.value))
    return Told(events)


@asynccontextmanager
async def reader_of(bootstrap: str, topic: str) -> AsyncIterator["Reader"]:
    """Reads every partition of a topic from its start, outside any group."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    async with consumer:
        yield Reader(consumer, topic)


class Reader:
    """What lies in a topic, as far as it has been read."""

    def __init__(self, consumer: AIOKafkaConsumer, topic: str) -> None:
        self._consumer = consumer
        self._topic = topic
        self.records: list[Record] = []

    async def has(self, count: int, within_s: float = 15) -> list[Record]:
        """Waits until at least `count` records have been read; gives all that have."""
        await self.until(lambda: len(self.records) >= count, f"{count} messages", within_s)
        return self.records

    async def until(self, seen: Callable[[], T], what: str, within_s: float = 30) -> T:
        """Reads on until `seen` is truthy, and gives it."""

        async def now() -> T:
            for messages in (await self._consumer.getmany(timeout_ms=50)).values():
                self.records += [Record.of(message) for message in messages]
            return seen()

        return await eventually(now, within_s=within_s, what=f"{what} in {self._topic}")

    def keys(self) -> list[bytes | None]:
        """The keys in the order in which they were read."""
        return [record.key for record in self.records]


async def read_all(bootstrap: str, topic: str, count: int) -> list[Record]:
    """The first `count` or more records of a topic."""
    async with reader_of(bootstrap, topic) as reader:
        return await reader.has(count)


async def read_under_key(bootstrap: str, topic: str, key: bytes) -> Record:
    """The first record under a key, as of what was parked."""
    async with reader_of(bootstrap, topic) as reader:
        found = await reader.until(lambda: [one for one in reader.records if one.key == key], f"{key!r}")
        return found[0]


async def read_region(bootstrap: str, topic: str, region: str, count: int) -> list[tuple[int, Event]]:
    """Partition and event of a region's messages in their order; waits for `count`. Poison of others is passed over."""
    async with reader_of(bootstrap, topic) as reader:

        def found() -> list[Record]:
            return [one for one in reader.records if one.headers.get("ce_region") == region.encode() and one.value]

        await reader.until(lambda: len(found()) >= count, f"{count} events of {region}", 40)
        return [(one.partition.number, from_message(one.headers, one.value or b"")) for one in found()]
