"""Sends the mails that wait; any number of processes may do so side by side."""

import asyncio

import structlog

from services.notifier.adapters.metrics import MAIL_DELAY_S, MAILS, MAILS_RESENT
from services.notifier.domain.delivery import Accepted, Later, MailState, Refused
from services.notifier.handlers.delivering import Attempt, Delivery, deliver_one
from shared.errors import TransientError
from shared.messaging.retry import Backoff, Wakeup

log = structlog.get_logger(__name__)

POLL_S = 1.0
LONGEST_PAUSE_S = 5.0
"""While the mail server is away, it is asked at least this often; so what is urgent goes soon after it is back."""


class Deliverer:
    """One worker."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._woken = Wakeup()

    def wake(self) -> None:
        """Says that there is something new to send."""
        self._woken.wake()

    async def run(self) -> None:
        """Sends until cancelled; a mail that is under way is finished first."""
        backoff = Backoff(cap_s=LONGEST_PAUSE_S)
        try:
            while True:
                try:
                    attempt = await self._finish(asyncio.ensure_future(deliver_one(self._delivery)))
                except (TransientError, OSError) as problem:
                    log.warning("delivery waits", problem=repr(problem)[:300])
                    await backoff.pause()
                    continue
                if attempt is None:
                    await self._delivery.sender.rest()
                    await self._woken.wait(POLL_S)
                    continue
                tell(attempt)
                if isinstance(attempt.outcome, Later) and attempt.outcome.is_server_away:
                    await backoff.pause()
                else:
                    backoff.reset()
        finally:
            await self._delivery.sender.rest()

    @staticmethod
    async def _finish(trying: asyncio.Future[Attempt | None]) -> Attempt | None:
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            await asyncio.wait([trying])
            raise


def tell(attempt: Attempt) -> None:
    """Counts and logs one try."""
    mail, outcome = attempt.claim.mail, attempt.outcome
    result = attempt.mail.state if attempt.mail is not None else "taken-over"
    MAILS.labels(mail.kind or "several", result).inc()
    is_uncertain = isinstance(outcome, Later) and outcome.is_uncertain and result == MailState.WAITING
    if attempt.claim.is_repeat or is_uncertain:
        MAILS_RESENT.inc()
    if isinstance(outcome, Accepted) and attempt.mail is not None and attempt.mail.sent_at is not None:
        MAIL_DELAY_S.observe(max(0.0, (attempt.mail.sent_at - mail.created_at).total_seconds()))
    reason = outcome.reason if isinstance(outcome, Later | Refused) else None
    level = log.info if isinstance(outcome, Accepted) else log.warning
    level("mail tried", mail=mail.id, kind=mail.kind, result=result, attempts=mail.attempts, reason=reason)
