"""Writes messages into the outbox and the audit, in the transaction of the change they tell about."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.catalogue import event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.vocabulary import Contract
from shared.persistence.tables import AuditRow, OutboxRow


class Outbox:
    """Turns the data of events into outbox rows; `source` is the CloudEvents source of this service."""

    def __init__(self, source: str) -> None:
        self._source = source

    def add(self, tx: AsyncSession, events: Iterable[Contract], now: datetime, actor: str) -> None:
        """Adds one outbox row and one audit row per event, in order; `actor` is a role or system, never a person's name."""
        for data in events:
            event = new_event(self._source, data, now)
            tx.add(
                OutboxRow(
                    topic=event_type_of(data).topic,
                    region=event.region,
                    key=event.subject.encode(),
                    value=data.model_dump_json().encode(),
                    headers=to_headers(event),
                    created_at=now,
                )
            )
            tx.add(AuditRow(at=now, actor=actor, action=event.type, aggregate=event.subject, sequence=event.sequence))
