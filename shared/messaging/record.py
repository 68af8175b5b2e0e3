"""One message as it lies in a Kafka partition, before anybody has tried to read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of one topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """The raw bytes of one message and where they lie; `value` is None for a tombstone."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]

    @classmethod
    def of(cls, message: Any) -> Self:
        """The record in a message as aiokafka or faust reads it; a header without a value counts as empty."""
        partition = Partition(message.topic, message.partition)
        headers = {name: value or b"" for name, value in message.headers or ()}
        return cls(partition, message.offset, message.key, message.value, headers)


class LogReplaced(Exception):
    """A topic was deleted and made again, or a broker lost what it had acknowledged: a bug for a person to look at."""
