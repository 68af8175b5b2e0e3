"""Sends what waits for webhooks: signed, many at a time, each tried for a day; receivers and their owners take turns."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from standardwebhooks.webhooks import Webhook as Signer

from shared.errors import TransientError
from shared.messaging.retry import Backoff
from shared.observability.metrics import WEBHOOKS
from shared.webhooks.hooks import Hooks
from shared.webhooks.messages import Delivery, Secrets, Webhook
from shared.webhooks.posting import AT_ONCE
from shared.webhooks.store import Taken
from shared.webhooks.turns import Known, Receiver, places

log = structlog.get_logger(__name__)

POLL_S = 2.0
LEASE = timedelta(minutes=1)
"""A process that dies while it sends holds a message up for so long; the receiver may then get it twice, with the same id."""
KEEP = timedelta(days=30)
TIDY_EVERY = timedelta(hours=1)


class WebhookSender:
    """Takes messages whose time has come; several processes can run one each."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks, self._woken = hooks, hooks.sending
        self._flying: dict[asyncio.Task[None], Receiver] = {}
        self._known = Known()
        self._tidied: datetime | None = None
        self._recording = asyncio.Lock()
        self._bug: BaseException | None = None

    async def run(self) -> None:
        """Sends until cancelled; waits while the database is away."""
        backoff = Backoff()
        try:
            while True:
                try:
                    await self.begin_due()
                    await self._tidy()
                    backoff.reset()
                    await self._woken.wait(POLL_S)
                except TransientError as away:
                    log.warning("webhooks wait", problem=str(away)[:300])
                    await backoff.pause()
        finally:
            await self._stop()

    async def send_due(self) -> int:
        """Tries all that is due now, and waits for what comes of it; how many."""
        tried = 0
        while begun := await self.begin_due():
            tried += begun
            await asyncio.wait(self._flying)
        return tried

    async def begin_due(self) -> int:
        """Begins to send what is due, as far as there are places; how many. Raises what went wrong in one begun before."""
        if self._bug is not None:
            raise self._bug
        free = AT_ONCE - len(self._flying)
        if not free:
            return 0
        hooks, now = self._hooks, self._hooks.clock()
        async with hooks.database.reading() as tx:
            waiting = await hooks.store(tx, None).waiting(now)
        given = places(waiting, self._flying.values(), self._known, free)
        if not given:
            return 0
        begun: list[tuple[Receiver, Taken]] = []
        async with hooks.database.transaction() as tx:
            webhooks = hooks.store(tx, None)
            for each in waiting:
                if given[each.webhook]:
                    taken = await webhooks.take(each.webhook, now, LEASE, given[each.webhook])
                    begun += [(each, one) for one in taken]
        for receiver, message in begun:
            self._known.take_turn(receiver.webhook)
            task = asyncio.create_task(self._send(*message, now))
            self._flying[task] = receiver
            task.add_done_callback(self._landed)
        return len(begun)

    async def _send(self, delivery: Delivery, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        headers = signed(delivery, secrets, now)
        tried = await self._hooks.post(webhook.url, headers, delivery.body.encode())
        tried = replace(tried, number=delivery.tries + 1, at=now)
        self._known.learn(webhook.id, is_silent=tried.status is None)
        async with self._recording, self._hooks.database.transaction() as tx:
            await self._hooks.store(tx, None).record(delivery.id, tried)
        WEBHOOKS.labels("taken" if tried.is_taken else tried.error or "refused").inc()
        log.info("webhook tried", delivery=delivery.id, number=tried.number, status=tried.status, error=tried.error)

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._flying[task]
        wrong = None if task.cancelled() else task.exception()
        if isinstance(wrong, TransientError):  # what came of it could not be noted: it is tried again after the lease
            log.warning("webhook not noted", problem=str(wrong)[:300])
        elif wrong is not None:
            self._bug = wrong
        self._woken.wake()

    async def _tidy(self) -> None:
        hooks, now = self._hooks, self._hooks.clock()
        if self._tidied is not None and now - self._tidied < TIDY_EVERY:
            return
        async with hooks.database.transaction() as tx:
            await hooks.store(tx, None).forget(now - KEEP)
        self._tidied = now

    async def _stop(self) -> None:
        flying = list(self._flying)
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)


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
