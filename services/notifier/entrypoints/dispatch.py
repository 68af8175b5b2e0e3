"""Looks again and again whether mails are due, one process at a time."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from services.notifier.adapters.metrics import (
    DECISIONS,
    MAILS_WRITTEN,
    OPEN_ALERTS_PASS_S,
    ROUND_S,
    UNWRITTEN,
    WITHOUT_RECIPIENT,
    WRITING_BUGS,
)
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.decisions import Decision
from services.notifier.domain.delivery import Mail
from services.notifier.domain.rules import Rules
from services.notifier.entrypoints.unreached import Unreached
from services.notifier.handlers.delivering import Transaction
from services.notifier.handlers.digesting import make_round
from services.notifier.handlers.dispatching import Dispatched, dispatch
from services.notifier.handlers.handing import fall_back
from services.notifier.handlers.rounds import Rounds
from services.notifier.ports.posting import Composer
from shared.clock import Clock
from shared.dutch import dutch_day
from shared.errors import TransientError
from shared.messaging.retry import Backoff, Wakeup

log = structlog.get_logger(__name__)

URGENT_EVERY = timedelta(seconds=2)
"""So often while the digests of a morning are written is looked whether something cannot wait for them."""
SYSTEMS_EVERY = timedelta(seconds=5)
"""So often is looked what became of what systems were given: while one of them is away, all that waits for it is counted each time,
40 ms for 10,000 messages to two addresses, and what is told at once waits ten minutes for it anyhow."""

Exclusive = Callable[[str], AbstractAsyncContextManager[None]]
"""Held by one process at a time, by name."""

SHORTEST_POLL_S = 0.5
"""However much comes, what is due is looked through only so often: at fifty events a second looking ten times took half of all that the
notifier did."""
LONGEST_POLL_S = 1.0
"""What another process changed, or the clock, is noticed within this time."""


@dataclass(frozen=True, slots=True)
class Dispatching:
    """How mails are written."""

    exclusive: Exclusive
    transaction: Transaction
    composer: Composer
    rules: Rules
    clock: Clock


class Dispatcher:
    """Writes mails for the alerts that are open; `alerts_changed` says that there may be others, `after_write` wakes the delivery."""

    def __init__(self, dispatching: Dispatching, alerts_changed: Wakeup) -> None:
        self._dispatching = dispatching
        self._alerts_changed = alerts_changed
        self._seen: frozenset[Decision] = frozenset()
        self._round_done: date | None = None
        self._systems_at: datetime | None = None
        self._unreached = Unreached()
        self.after_write: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Runs until cancelled; waits while the database is away or another process does this."""
        backoff = Backoff()
        while True:
            try:
                async with self._dispatching.exclusive("dispatcher"):
                    while True:
                        now = self._dispatching.clock()  # one for both: what is due at eight is so for the digests
                        done = await self.pass_once(now)
                        await self.round_once(now)
                        backoff.reset()
                        await asyncio.sleep(SHORTEST_POLL_S)
                        await self._alerts_changed.wait(self._until_due(done))
            except (TransientError, OSError) as problem:
                log.warning("dispatcher waits", problem=repr(problem)[:300])
                await backoff.pause()

    def _until_due(self, done: Dispatched) -> float:
        """Seconds until something that was looked at is due: a group is written when it has waited, not at the next poll."""
        if done.look_again_at is None:
            return LONGEST_POLL_S
        left = (done.look_again_at - self._dispatching.clock()).total_seconds()
        return min(LONGEST_POLL_S, max(0.0, left))

    async def pass_once(self, now: datetime) -> Dispatched:
        """One look at the open alerts."""
        how = self._dispatching
        with OPEN_ALERTS_PASS_S.time():
            async with how.transaction() as store:
                done = await dispatch(store, how.composer, now, how.rules)
                await self._unreached.leave_out_settled(store, now)
                fell_back = await fall_back(store, now) if self._are_systems_due(now) else 0
        if fell_back:
            self.after_write()
        self._unreached.saw(done)
        self._tell(done)
        UNWRITTEN.set(len(done.unwritten))
        WITHOUT_RECIPIENT.set(len(self._unreached))
        return done

    def _are_systems_due(self, now: datetime) -> bool:
        if self._systems_at is not None and now < self._systems_at + SYSTEMS_EVERY:
            return False
        self._systems_at = now
        return True

    async def round_once(self, now: datetime) -> list[Mail]:
        """The digests of this morning, when they are due and not written yet; what cannot wait is written between them."""
        how = self._dispatching
        mails: list[Mail] = []
        if self._round_done == dutch_day(now) or now < digest_time(dutch_day(now)):
            return mails
        looked_at = now
        with ROUND_S.time():
            async for done in make_round(Rounds(how.transaction, how.composer, how.rules), now):
                self._unreached.saw(done)
                self._tell(done)
                mails += done.mails
                if how.clock() - looked_at >= URGENT_EVERY:
                    looked_at = how.clock()
                    await self.pass_once(looked_at)
        self._round_done = dutch_day(now)
        return mails

    def _tell(self, done: Dispatched) -> None:
        if done.mails:
            self.after_write()
        self._tell_bugs(done)
        now_decided = frozenset(done.plan.decisions)
        for each in done.plan.decisions:
            if each in self._seen:
                continue
            DECISIONS.labels(each.stage, each.verdict, each.reason).inc()
            level = log.warning if each.verdict == "unreachable" else log.info
            level(
                "alert decision",
                stage=each.stage,
                verdict=each.verdict,
                reason=each.reason,
                alert=each.alert,
                role=each.role,
            )
        self._seen = now_decided
        for mail in done.mails:
            MAILS_WRITTEN.labels(mail.kind or "several", mail.channel).inc()
            log.info(
                "mail written",
                mail=mail.id,
                kind=mail.kind,
                channel=mail.channel,
                role=mail.role,
                organisation=mail.organisation,
                students=mail.students,
            )

    def _tell_bugs(self, done: Dispatched) -> None:
        for failure in done.failures:
            held = failure.unwritten
            WRITING_BUGS.labels(held.kind or "several").inc()
            log.error(
                "mail cannot be written",
                kind=held.kind,
                role=held.role,
                contact=held.contact,
                alerts=list(held.alerts),
                attempts=held.attempts,
                next_try_at=held.next_try_at.isoformat(),
                bug=failure.bug,
            )
