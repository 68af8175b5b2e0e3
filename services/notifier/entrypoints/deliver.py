"""Sends the mails that wait, over several connections at once; any number of processes may do so side by side."""

import asyncio
from collections.abc import Sequence

import structlog

from services.notifier.adapters.metrics import MAIL_DELAY_S, MAILS, MAILS_RESENT
from services.notifier.domain.delivery import Accepted, Later, MailState, Refused
from services.notifier.handlers.delivering import Attempt, Delivery, Tried, take_turn, try_one
from services.notifier.ports.posting import Sender
from shared.errors import TransientError
from shared.messaging.retry import Backoff, Wakeup

log = structlog.get_logger(__name__)

POLL_S = 1.0
GATHER_S = 0.05
"""So long what was sent waits for what is nearly sent, to be written down in one transaction."""
LONGEST_PAUSE_S = 5.0
"""While the mail server is away, it is asked at least this often; so what is urgent goes soon after it is back."""


class Deliverer:
    """One process's way to the mail server: a connection for each of its `senders`."""

    def __init__(self, delivery: Delivery, senders: Sequence[Sender]) -> None:
        self._delivery = delivery
        self._senders = senders
        self._free = list(senders)
        self._under_way: dict[asyncio.Task[Tried], Sender] = {}
        self._woken = Wakeup()

    def wake(self) -> None:
        """Says that there is something new to send."""
        self._woken.wake()

    async def run(self) -> None:
        """Sends until cancelled; what is under way is finished and written down first."""
        backoff = Backoff(cap_s=LONGEST_PAUSE_S)
        try:
            while True:
                try:
                    attempts = await self._finish(asyncio.ensure_future(self._turn(self._done(), len(self._free))))
                except (TransientError, OSError) as problem:
                    log.warning("delivery waits", problem=repr(problem)[:300])
                    await backoff.pause()
                    continue
                if any(isinstance(each.outcome, Later) and each.outcome.is_server_away for each in attempts):
                    await backoff.pause()
                elif attempts:
                    backoff.reset()
                await self._wait()
        finally:
            await self._end()

    async def _turn(self, tried: Sequence[Tried], room: int) -> Sequence[Attempt]:
        turn = await take_turn(self._delivery, tried, room)
        for claim in turn.claims:
            sender = self._free.pop()
            self._under_way[asyncio.ensure_future(try_one(sender, claim))] = sender
        for attempt in turn.attempts:
            tell(attempt)
        return turn.attempts

    def _done(self) -> list[Tried]:
        """What has been tried since the last turn; its connections are free again."""
        done = [each for each in self._under_way if each.done()]
        self._free += [self._under_way.pop(each) for each in done]
        return [each.result() for each in done]

    async def _wait(self) -> None:
        """Until there is something to write down or to send; with nothing under way the server is left alone."""
        if not self._under_way:
            for sender in self._senders:
                await sender.rest()
            await self._woken.wait(POLL_S)
            return
        if self._free:
            await self._wait_for_either()
        else:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(self._under_way, timeout=GATHER_S)

    async def _wait_for_either(self) -> None:
        """Until something was sent, or there is something new for the connections that are free."""
        woken = asyncio.ensure_future(self._woken.wait(POLL_S))
        try:
            await asyncio.wait({woken, *self._under_way}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            await asyncio.wait({woken})

    async def _end(self) -> None:
        """What the server has is written down; nothing more is taken."""
        if self._under_way:
            await self._finish(asyncio.ensure_future(self._end_of_all()))
        for sender in self._senders:
            await sender.rest()

    async def _end_of_all(self) -> Sequence[Attempt]:
        await asyncio.wait(self._under_way)
        return await self._turn(self._done(), 0)

    @staticmethod
    async def _finish(turn: asyncio.Future[Sequence[Attempt]]) -> Sequence[Attempt]:
        try:
            return await asyncio.shield(turn)
        except asyncio.CancelledError:
            await asyncio.wait([turn])
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
