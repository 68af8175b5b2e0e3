"""Keeps webhooks and their messages on SQL, the secrets sealed."""

import base64
import json
import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import uuid_utils
from sqlalchemy import delete, exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.errors import NotFound
from shared.persistence.statements import insert_rows
from shared.security.sealing import Sealer, WrappedKey
from shared.webhooks.messages import (
    GONE,
    PING,
    Delivery,
    DeliveryStatus,
    Secrets,
    Try,
    Webhook,
    after,
    check_can_resend,
)
from shared.webhooks.tables import DeliveryRow, TryRow, WebhookRow
from shared.webhooks.turns import Receiver

SECRET_BYTES = 24
ACTIVE = "active webhooks"
CURRENT, PREVIOUS = "secret", "previous secret"
Taken = tuple[Delivery, Webhook, Secrets]
"""A message, where it goes, and what it is signed with."""


class SqlWebhooks:
    """Webhooks within one transaction, as one owner sees them (None: everybody's); raises NotFound for those of others."""

    def __init__(self, tx: AsyncSession, owner: str | None, sealer: Sealer) -> None:
        self._tx, self._owner, self._sealer = tx, owner, sealer

    async def add(self, webhook: Webhook) -> None:
        """A new one, with a secret of its own."""
        key = self._sealer.new_key(webhook.id)
        self._tx.add(
            WebhookRow(
                id=webhook.id,
                owner=webhook.owner,
                url=webhook.url,
                types=list(webhook.types),
                is_active=webhook.is_active,
                version=webhook.version,
                wrapped_key=key,
                secret=self._sealer.seal(key, webhook.id, CURRENT, _new_secret()),
                created_at=webhook.created_at,
            )
        )

    async def get(self, webhook: str) -> Webhook:
        """One of them."""
        return _webhook_of(await self._row(webhook))

    async def listed(self, after: str | None, limit: int) -> Sequence[Webhook]:
        """The first ones, by id, of those with an id beyond `after`."""
        found = select(WebhookRow).order_by(col(WebhookRow.id)).limit(limit)
        if self._owner is not None:
            found = found.where(col(WebhookRow.owner) == self._owner)
        if after is not None:
            found = found.where(col(WebhookRow.id) > after)
        return [_webhook_of(row) for row in await self._tx.exec(found)]

    async def save(self, webhook: Webhook) -> None:
        """Another address, other types, or off."""
        row = await self._row(webhook.id)
        row.url, row.types = webhook.url, list(webhook.types)
        row.is_active, row.version = webhook.is_active, webhook.version
        self._tx.add(row)

    async def delete(self, webhook: str) -> None:
        """It, its secrets and its messages."""
        row = await self._row(webhook)
        own = select(DeliveryRow.id).where(col(DeliveryRow.webhook) == webhook)
        await self._tx.exec(delete(TryRow).where(col(TryRow.delivery).in_(own)))
        await self._tx.exec(delete(DeliveryRow).where(col(DeliveryRow.webhook) == webhook))
        await self._tx.delete(row)

    async def secrets(self, webhook: str) -> Secrets:
        """What its messages are signed with."""
        return self._secrets_of(await self._row(webhook))

    def _secrets_of(self, row: WebhookRow) -> Secrets:
        key = WrappedKey(row.wrapped_key)
        previous = None if row.previous is None else self._sealer.unseal(key, row.id, PREVIOUS, row.previous)
        return Secrets(self._sealer.unseal(key, row.id, CURRENT, row.secret), previous, row.previous_until)

    async def rotate(self, webhook: str, until: datetime) -> None:
        """A new secret; the old one signs too, until then."""
        row = await self._row(webhook)
        key, held = WrappedKey(row.wrapped_key), self._secrets_of(row)
        row.previous = self._sealer.seal(key, row.id, PREVIOUS, held.current)
        row.secret, row.previous_until = self._sealer.seal(key, row.id, CURRENT, _new_secret()), until
        self._tx.add(row)

    async def that_want(self, owners: Collection[str], type_name: str) -> Sequence[str]:
        """Which webhooks of these owners, and of whoever runs Leerplek, want messages of this type."""
        concerned = [one for one in await self._active() if one.owner is None or one.owner in owners]
        return [one.id for one in concerned if one.wants(type_name)]

    async def tell(
        self, webhooks: Sequence[str], type_name: str, data: Mapping[str, Any], now: datetime
    ) -> Sequence[str]:
        """Puts a message for each of these webhooks in the queue, in this transaction; their ids."""
        body = _body(type_name, data, now)
        rows = [_new_delivery(one, type_name, body, now) for one in webhooks]
        await insert_rows(self._tx, DeliveryRow, rows)
        return [str(row["id"]) for row in rows]

    async def _active(self) -> Sequence[Webhook]:
        """All that are told of something; looked up once in a transaction, however much it tells."""
        info = self._tx.info
        if ACTIVE not in info:
            rows = await self._tx.exec(select(WebhookRow).where(col(WebhookRow.is_active)))
            info[ACTIVE] = [_webhook_of(row) for row in rows]
        known: Sequence[Webhook] = info[ACTIVE]
        return known

    async def ping(self, webhook: str, now: datetime) -> Delivery:
        """A message to try it out."""
        await self._row(webhook)
        row = DeliveryRow.model_validate(_new_delivery(webhook, PING, _body(PING, {"webhook": webhook}, now), now))
        self._tx.add(row)
        return _delivery_of(row)

    async def deliveries(
        self, webhook: str, status: DeliveryStatus | None, before: str | None, limit: int
    ) -> Sequence[Delivery]:
        """Its messages, newest first, of those with an id below `before`."""
        await self._row(webhook)
        found = select(DeliveryRow).where(col(DeliveryRow.webhook) == webhook)
        if status is not None:
            found = found.where(col(DeliveryRow.status) == status.value)
        if before is not None:
            found = found.where(col(DeliveryRow.id) < before)
        rows = await self._tx.exec(found.order_by(col(DeliveryRow.id).desc()).limit(limit))
        return [_delivery_of(row) for row in rows]

    async def delivery(self, webhook: str, delivery: str) -> tuple[Delivery, Sequence[Try]]:
        """One message and every try."""
        row = await self._delivery(webhook, delivery)
        tries = await self._tx.exec(select(TryRow).where(col(TryRow.delivery) == delivery).order_by(col(TryRow.number)))
        return _delivery_of(row), [_try_of(one) for one in tries]

    async def resend(self, webhook: str, delivery: str, now: datetime) -> Delivery:
        """Puts a message that was delivered or given up in the queue again; raises Conflict for another."""
        row = await self._delivery(webhook, delivery)
        check_can_resend(_delivery_of(row))
        row.status, row.next_at, row.ended_at = DeliveryStatus.WAITING.value, now, None
        self._tx.add(row)
        return _delivery_of(row)

    async def waiting(self, now: datetime) -> Sequence[Receiver]:
        """The webhooks for which the time of a message has come."""
        due = exists().where(col(DeliveryRow.webhook) == col(WebhookRow.id), col(DeliveryRow.next_at) <= now)
        found = await self._tx.exec(select(WebhookRow.id, WebhookRow.owner).where(due))
        return [Receiver(webhook, owner) for webhook, owner in found]

    async def take(self, webhook: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Taken]:
        """Messages to a webhook whose time has come, the longest waiting first; nobody else's for the time of the lease."""
        due = select(DeliveryRow).where(col(DeliveryRow.webhook) == webhook, col(DeliveryRow.next_at) <= now)
        oldest = due.order_by(col(DeliveryRow.next_at), col(DeliveryRow.id)).limit(limit)
        rows = (await self._tx.exec(oldest.with_for_update(skip_locked=True))).all()
        held = await self._tx.get(WebhookRow, webhook)
        if held is None:  # it was deleted meanwhile
            return []
        for row in rows:
            row.next_at = now + lease
            self._tx.add(row)
        return [(_delivery_of(row), _webhook_of(held), self._secrets_of(held)) for row in rows]

    async def record(self, delivery: str, tried: Try) -> None:
        """What came of a try: delivered, the next one, given up; an address that is gone is told nothing more."""
        row = await self._tx.get(DeliveryRow, delivery, with_for_update=True)
        if row is None:  # its webhook was deleted meanwhile
            return
        status, next_at = after(tried)
        row.tries, row.status, row.next_at = tried.number, status.value, next_at
        row.ended_at = None if next_at is not None else tried.at
        self._tx.add(row)
        made = TryRow(
            delivery=delivery, number=tried.number, at=tried.at, status=tried.status, error=tried.error, ms=tried.ms
        )
        await self._tx.merge(made)
        webhook = await self._tx.get(WebhookRow, row.webhook)
        if tried.status == GONE and webhook is not None:
            webhook.is_active = False
            webhook.version += 1
            self._tx.add(webhook)

    async def forget(self, before: datetime) -> None:
        """Deletes messages that ended before that."""
        old = select(DeliveryRow.id).where(col(DeliveryRow.ended_at) < before)
        await self._tx.exec(delete(TryRow).where(col(TryRow.delivery).in_(old)))
        await self._tx.exec(delete(DeliveryRow).where(col(DeliveryRow.ended_at) < before))

    async def _row(self, webhook: str) -> WebhookRow:
        row = await self._tx.get(WebhookRow, webhook)
        if row is None or self._owner not in (None, row.owner):
            raise NotFound("onbekende-webhook", "Deze webhook kennen we niet.")
        return row

    async def _delivery(self, webhook: str, delivery: str) -> DeliveryRow:
        await self._row(webhook)
        row = await self._tx.get(DeliveryRow, delivery)
        if row is None or row.webhook != webhook:
            raise NotFound("onbekend-bericht", "Dit bericht kennen we niet, of niet meer.")
        return row


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def _body(type_name: str, data: Mapping[str, Any], now: datetime) -> str:
    return json.dumps({"type": type_name, "timestamp": now.isoformat(), "data": data}, ensure_ascii=False)


def _new_delivery(webhook: str, type_name: str, body: str, now: datetime) -> dict[str, object]:
    made = {"id": f"msg_{uuid_utils.uuid7()}", "webhook": webhook, "type": type_name, "body": body}
    return {**made, "status": DeliveryStatus.WAITING.value, "tries": 0, "next_at": now, "created_at": now}


def _webhook_of(row: WebhookRow) -> Webhook:
    return Webhook(row.id, row.owner, row.url, tuple(row.types), row.is_active, row.version, row.created_at)


def _delivery_of(row: DeliveryRow) -> Delivery:
    status = DeliveryStatus(row.status)
    return Delivery(
        row.id, row.webhook, row.type, row.body, status, row.tries, row.next_at, row.created_at, row.ended_at
    )


def _try_of(row: TryRow) -> Try:
    return Try(row.number, row.at, row.status, row.error, row.ms)  # type: ignore[arg-type]
