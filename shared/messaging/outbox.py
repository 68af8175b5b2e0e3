"""Writes messages into the outbox and the audit, in the transaction of the change they tell about."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import Event, new_event, to_headers
from shared.contracts.vocabulary import Contract
from shared.persistence.statements import insert_rows
from shared.persistence.tables import AuditRow, OutboxRow

ERASED = "nl.leerplek.erased"
"""What the audit calls it; the aggregate has no sequence after it."""


class Outbox:
    """Turns the data of events into outbox rows; `source` is the CloudEvents source of this service."""

    def __init__(self, source: str) -> None:
        self._source = source

    async def add(self, tx: AsyncSession, events: Iterable[Contract], now: datetime, actor: str) -> None:
        """Adds one outbox row and one audit row per event, in order; `actor` is a role or system, never a person's name."""
        made = [new_event(self._source, data, now) for data in events]
        await insert_rows(tx, OutboxRow, [_outbox_row(event, now) for event in made])
        await insert_rows(tx, AuditRow, [_audit_row(event, now, actor) for event in made])

    async def take_back(
        self, tx: AsyncSession, region: str, aggregates: Sequence[tuple[str, str]], now: datetime, actor: str
    ) -> None:
        """Adds a tombstone for each aggregate, given with its topic: whoever reads the topic forgets it, and Kafka does too."""
        await insert_rows(tx, OutboxRow, [_tombstone_row(topic, region, one, now) for topic, one in aggregates])
        noted = [
            {"at": now, "actor": actor, "action": ERASED, "aggregate": one, "sequence": 0} for _, one in aggregates
        ]
        await insert_rows(tx, AuditRow, noted)


def _tombstone_row(topic: str, region: str, aggregate: str, now: datetime) -> dict[str, object]:
    """It names its region, so that a reader of one region knows it for its own."""
    return {
        "topic": topic,
        "region": region,
        "key": aggregate.encode(),
        "value": None,
        "headers": {"ce_region": region},
        "created_at": now,
    }


def _outbox_row(event: Event, now: datetime) -> dict[str, object]:
    return {
        "topic": event_type_of(event.data).topic,
        "region": event.region,
        "key": event.subject.encode(),
        "value": event.data.model_dump_json().encode(),
        "headers": to_headers(event),
        "created_at": now,
    }


def _audit_row(event: Event, now: datetime, actor: str) -> dict[str, object]:
    return {"at": now, "actor": actor, "action": event.type, "aggregate": event.subject, "sequence": event.sequence}
