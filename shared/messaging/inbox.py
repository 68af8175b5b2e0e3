"""The receiving side of a service: reads records, keeps offsets in its own database, parks what cannot be applied."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import structlog
from sqlalchemy import BigInteger, Update, and_, bindparam, case, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Event, UnreadableEvent, from_message
from shared.errors import Conflict
from shared.messaging.record import Partition, Record
from shared.messaging.topics import PARKED_SUFFIX, partition_of
from shared.observability.metrics import EVENT_AGE_S, EVENTS_APPLIED, EVENTS_PARKED
from shared.persistence.statements import changed_rows, table_of
from shared.persistence.tables import ConsumerOffset, OutboxRow
from shared.security.refused import BSN_REFUSED, forbidden_content, holds_bsn

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An aggregate that was erased; `subject` is its key, kind/id."""

    subject: str

    @property
    def kind(self) -> str:
        """What it was, such as `student`."""
        return self.subject.partition("/")[0]

    @property
    def id(self) -> str:
        """Which one it was."""
        return self.subject.partition("/")[2]


class Inbox:
    """The records of one consumer; `consumer` names it in the offsets table and in parked messages, topics have so many partitions."""

    def __init__(self, consumer: str, partitions: int | None = None) -> None:
        self.consumer, self._partitions = consumer, partitions

    def read(self, record: Record) -> Event | Tombstone:
        """The event in a record; raises UnreadableEvent."""
        if record.key is None:
            raise UnreadableEvent("a message without a key belongs to no aggregate")
        if record.value is None:
            return Tombstone(_aggregate(record.key))
        event = from_message(record.headers, record.value)
        if event.subject.encode() != record.key:
            raise UnreadableEvent(f"the key is not the event's aggregate {event.subject}")
        return event

    def must_lie_here(self, record: Record, region: str) -> None:
        """Raises UnreadableEvent for a record in a partition where nobody keeps its region, as another program may have sent it."""
        if self._partitions is None:
            return
        number = partition_of(region, self._partitions)
        if record.partition.number != number:
            raise UnreadableEvent(f"the region {region} lies in partition {number}, not {record.partition.number}")

    async def next_offsets(self, tx: AsyncSession, partitions: Collection[Partition]) -> dict[Partition, int]:
        """Where to go on, for the partitions that were read before."""
        rows = await tx.exec(select(ConsumerOffset).where(col(ConsumerOffset.consumer) == self.consumer))
        known = {Partition(row.topic, row.partition): row.next_offset for row in rows}
        return {partition: known[partition] for partition in partitions if partition in known}

    async def advance(self, tx: AsyncSession, before: Mapping[Partition, int], after: Mapping[Partition, int]) -> None:
        """Moves offsets from `before` (absent: never read) to `after`; raises Conflict when another process has moved them."""
        moved = sorted(after.keys() & before.keys(), key=lambda one: (one.topic, one.number))
        if moved:
            values: dict[str, object] = {"reader": self.consumer}
            for number, one in enumerate(moved):
                named = {"topic": one.topic, "partition": one.number, "before": before[one], "after": after[one]}
                values |= {f"{name}_{number}": value for name, value in named.items()}
            if await changed_rows(tx, _moves(len(moved)), values) != len(moved):
                wanted = ", ".join(f"{one.topic}/{one.number} at {before[one]}" for one in moved)
                raise Conflict("offset-moved", f"no longer {wanted}")
        for partition in after.keys() - set(moved):
            tx.add(
                ConsumerOffset(
                    consumer=self.consumer,
                    topic=partition.topic,
                    partition=partition.number,
                    next_offset=after[partition],
                )
            )
        try:
            await tx.flush()
        except IntegrityError as problem:
            raise Conflict("offset-moved", "another process reads these partitions") from problem

    def park(self, tx: AsyncSession, record: Record, reason: str, now: datetime) -> None:
        """Puts a record aside with its reason; what holds forbidden personal data is kept as a fingerprint only."""
        forbidden = forbidden_content(record.value or b"") or _forbidden_around(record)
        fingerprint = hashlib.sha256(record.value or b"").hexdigest()
        kept = record.headers.items() if not forbidden else ((name, record.headers[name]) for name in _known(record))
        headers = {name: value.decode("utf-8", "surrogateescape") for name, value in kept}
        headers |= {
            "leerplek_reason": f"{reason.partition(':')[0]}; {forbidden}" if forbidden else reason,
            "leerplek_parked_by": self.consumer,
            "leerplek_origin": f"{record.partition.topic}/{record.partition.number}/{record.offset}",
            "leerplek_sha256": fingerprint,
        }
        tx.add(
            OutboxRow(
                topic=record.partition.topic + PARKED_SUFFIX,
                partition=record.partition.number,
                key=record.key if not forbidden and _has_content(record) else f"parked/{fingerprint}".encode(),
                value=None if forbidden else record.value,
                headers=headers,
                created_at=now,
            )
        )
        EVENTS_PARKED.labels(self.consumer, record.partition.topic).inc()
        log.warning(
            "event parked", consumer=self.consumer, origin=headers["leerplek_origin"], reason=headers["leerplek_reason"]
        )

    def count_applied(self, events: Sequence[Event | Tombstone]) -> None:
        """Counts events, and how old each was, after their transaction has committed."""
        now = datetime.now(UTC)
        for event in events:
            kind = event.type if isinstance(event, Event) else "tombstone"
            EVENTS_APPLIED.labels(self.consumer, kind).inc()
            if isinstance(event, Event):
                EVENT_AGE_S.labels(self.consumer).observe(max(0.0, (now - event.time).total_seconds()))


@cache
def _moves(partitions: int) -> Update:
    """So many offsets from where they are to be to where they go on, in one statement, which is made once."""
    table = table_of(ConsumerOffset)
    at = [
        and_(
            table.c.topic == bindparam(f"topic_{number}"),
            table.c.partition == bindparam(f"partition_{number}"),
            table.c.next_offset == bindparam(f"before_{number}"),
        )
        for number in range(partitions)
    ]
    reached = case(*((one, bindparam(f"after_{number}", type_=BigInteger)) for number, one in enumerate(at)))
    return update(table).where(table.c.consumer == bindparam("reader"), or_(*at)).values(next_offset=reached)


def _has_content(record: Record) -> bool:
    """Kafka's client refuses to send a message with neither key nor value."""
    return record.key is not None or record.value is not None


def _aggregate(key: bytes) -> str:
    """The aggregate in a key; raises UnreadableEvent for what no database could look up."""
    subject = key.decode(errors="replace")
    if not subject.isprintable():
        raise UnreadableEvent("the key is no aggregate")
    return subject


def _forbidden_around(record: Record) -> str | None:
    """Key and headers travel with the parked copy, so they may hold no citizen service number either."""
    texts = [record.key or b"", *(value or b"" for value in record.headers.values())]
    found = any(holds_bsn(text.decode("utf-8", "replace")) for text in texts)
    return f"holds {BSN_REFUSED}" if found else None


def _known(record: Record) -> list[str]:
    """The attributes of CloudEvents that cannot tell about a person."""
    return [
        name
        for name in ("ce_specversion", "ce_id", "ce_type", "ce_time", "content-type")
        if name in record.headers and not holds_bsn(record.headers[name].decode("utf-8", "replace"))
    ]
