"""Reads a whole topic, for tests that count what lies in it."""

from collections import defaultdict
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer

from shared.contracts.envelope import Event, from_message

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
