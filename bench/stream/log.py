"""What was published about a region, read from Kafka's log from its beginning."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from shared.contracts.envelope import Event, UnreadableEvent, from_message

READ_MS = 1_500


async def records(bootstrap: str, region: str, topic: str) -> AsyncIterator[tuple[Event, ConsumerRecord]]:
    """Everything that was published about a region on a topic, in the order of each partition."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        while batches := await consumer.getmany(timeout_ms=READ_MS):
            for record in (one for messages in batches.values() for one in messages):
                try:
                    event = from_message(dict(record.headers), record.value)
                except UnreadableEvent:
                    continue
                if event.region == region:
                    yield event, record
    finally:
        await consumer.stop()
