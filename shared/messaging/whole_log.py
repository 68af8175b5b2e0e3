"""Reads partitions from their beginning to their end, for whoever wants to know what was ever told."""

from collections.abc import Callable, Collection

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.errors import TransientError
from shared.messaging.record import Partition, Record

QUIET_MS = 1000
"""A reader is at the end when nothing comes for so long: the embedded broker does not say where a partition ends."""


class WholeLog:
    """What lies in some partitions; of each also how many records there are and where it ends, whatever is kept of them."""

    def __init__(self, keep: Callable[[Record], bool] = lambda _record: True) -> None:
        """Nothing was read yet; only what is to be kept stays in memory."""
        self._keep = keep
        self.records: dict[Partition, list[Record]] = {}
        self.offsets: dict[Partition, list[int]] = {}

    async def read(self, bootstrap: str, partitions: Collection[Partition]) -> None:
        """Reads all of it; raises TransientError when Kafka is away."""
        self.records = {one: [] for one in partitions}
        self.offsets = {one: [] for one in partitions}
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
        try:
            await consumer.start()
            consumer.assign([TopicPartition(one.topic, one.number) for one in partitions])
            await consumer.seek_to_beginning()
            while await self._read_more(consumer) or await _is_behind(consumer):
                pass
        except (KafkaError, OSError) as problem:
            raise TransientError(f"kafka: {problem!r}") from problem
        finally:
            await consumer.stop()

    def end(self, partition: Partition) -> int:
        """The offset behind the last record."""
        return self.offsets[partition][-1] + 1 if self.offsets[partition] else 0

    def missing(self, partition: Partition, before: int) -> int:
        """How many offsets below this one hold nothing any more: what was there has been compacted away."""
        return before - sum(offset < before for offset in self.offsets.get(partition, ()))

    async def _read_more(self, consumer: AIOKafkaConsumer) -> bool:
        batches = await consumer.getmany(timeout_ms=QUIET_MS)
        for messages in batches.values():
            for record in map(Record.of, messages):
                self.offsets[record.partition].append(record.offset)
                if self._keep(record):
                    self.records[record.partition].append(record)
        return bool(batches)


async def _is_behind(consumer: AIOKafkaConsumer) -> bool:
    """The broker is slow, and more lies there."""
    ends = {one: consumer.highwater(one) for one in consumer.assignment()}
    return any([end is not None and await consumer.position(one) < end for one, end in ends.items()])
