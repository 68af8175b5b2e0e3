"""Writes messages into the outbox and the audit, in the transaction of the change they tell about."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import Event, new_event, to_headers
from shared.contracts.vocabulary import Contract
from shared.persistence.statements import insert_rows
from shared.persistence.tables import AuditRow, OutboxRow


class Outbox:
    """Turns the data of events into outbox rows; `source` is the CloudEvents source of this service."""

    def __init__(self, source: str) -> None:
        self._source = source

    async def add(self, tx: AsyncSession, events: Iterable[Contract], now: datetime, actor: str) -> None:
        """Adds one outbox row and one audit row per event, in order; `actor` is a role or system, never a person's name."""
        made = [new_event(self._source, data, now) for data in events]
        await insert_rows(tx, OutboxRow, [_outbox_row(event, now) for event in made])
        await insert_rows(tx, AuditRow, [_audit_row(event, now, actor) for event in made])


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
