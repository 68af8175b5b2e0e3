"""Sends what waits for webhooks: signed, several at a time, each tried for a day."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from standardwebhooks.webhooks import Webhook as Signer

from services.intake.bootstrap import Parts
from services.intake.domain.access import Who
from services.intake.domain.webhooks import Delivery, Secrets, Webhook
from shared.errors import TransientError
from shared.messaging.retry import Backoff
from shared.observability.metrics import WEBHOOKS

log = structlog.get_logger(__name__)

POLL_S = 2.0
AT_ONCE = 16
LEASE = timedelta(minutes=1)
"""A process that dies while it sends holds a message up for so long; the receiver may then get it twice, with the same id."""
KEEP = timedelta(days=30)


class WebhookSender:
    """Takes messages whose time has come; several processes can run one each."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._woken = parts, parts.sending
        self._who = Who(parts.runtime.name)

    async def run(self) -> None:
        """Sends until cancelled; waits while the database is away."""
        backoff = Backoff()
        while True:
            try:
                while await self.send_due():
                    backoff.reset()
                await self._woken.wait(POLL_S)
            except TransientError as away:
                log.warning("webhooks wait", problem=str(away)[:300])
                await backoff.pause()

    async def send_due(self) -> int:
        """Tries what is due, at most so many at once; how many."""
        parts, now = self._parts, self._parts.clock()
        async with parts.runtime.database.transaction() as tx:
            webhooks = parts.webhooks(tx, self._who)
            taken = await webhooks.take(now, LEASE, AT_ONCE)
            if not taken:
                await webhooks.forget(now - KEEP)
        await asyncio.gather(*(self._send(*one, now) for one in taken))
        return len(taken)

    async def _send(self, delivery: Delivery, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        headers = signed(delivery, secrets, now)
        tried = await self._parts.post(webhook.url, headers, delivery.body.encode())
        tried = replace(tried, number=delivery.tries + 1, at=now)
        async with self._parts.runtime.database.transaction() as tx:
            await self._parts.webhooks(tx, self._who).record(delivery.id, tried)
        WEBHOOKS.labels("taken" if tried.is_taken else tried.error or "refused").inc()
        log.info("webhook tried", delivery=delivery.id, number=tried.number, status=tried.status, error=tried.error)


def signed(delivery: Delivery, secrets: Secrets, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks: after a rotation signed with both secrets."""
    moment = now.astimezone(UTC)
    signatures = [Signer(secret).sign(delivery.id, moment, delivery.body) for secret in secrets.valid(now)]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Leerplek",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
