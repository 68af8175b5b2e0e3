"""Looks again and again whether mails are due, one process at a time."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.notifier.adapters.metrics import (
    DECISIONS,
    MAILS_WRITTEN,
    OPEN_ALERTS_PASS_S,
    UNWRITTEN,
    WITHOUT_RECIPIENT,
    WRITING_BUGS,
)
from services.notifier.domain.stages import Decision
from services.notifier.handlers.delivering import Transaction
from services.notifier.handlers.dispatching import Dispatched, dispatch
from services.notifier.ports import Composer
from shared.clock import Clock
from shared.errors import TransientError
from shared.messaging.retry import Backoff, Wakeup

log = structlog.get_logger(__name__)

Exclusive = Callable[[str], AbstractAsyncContextManager[None]]
"""Held by one process at a time, by name."""

SHORTEST_POLL_S = 0.25
"""However much comes, all open alerts are looked through only so often."""
LONGEST_POLL_S = 1.0
"""A group is written at most this long after its wait."""


@dataclass(frozen=True, slots=True)
class Dispatching:
    """How mails are written."""

    exclusive: Exclusive
    transaction: Transaction
    composer: Composer
    group_wait: timedelta
    clock: Clock


class Dispatcher:
    """Writes mails for the alerts that are open; `alerts_changed` says that there may be others, `after_write` wakes the delivery."""

    def __init__(self, dispatching: Dispatching, alerts_changed: Wakeup) -> None:
        self._dispatching = dispatching
        self._alerts_changed = alerts_changed
        self._longest_s = min(LONGEST_POLL_S, max(0.05, dispatching.group_wait.total_seconds() / 4))
        self._shortest_s = min(SHORTEST_POLL_S, self._longest_s / 4)
        self._seen: frozenset[Decision] = frozenset()
        self.after_write: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Runs until cancelled; waits while the database is away or another process does this."""
        backoff = Backoff()
        while True:
            try:
                async with self._dispatching.exclusive("dispatcher"):
                    while True:
                        await self.pass_once()
                        backoff.reset()
                        await asyncio.sleep(self._shortest_s)
                        await self._alerts_changed.wait(self._longest_s)
            except (TransientError, OSError) as problem:
                log.warning("dispatcher waits", problem=repr(problem)[:300])
                await backoff.pause()

    async def pass_once(self) -> Dispatched:
        """One look at the open alerts."""
        how = self._dispatching
        with OPEN_ALERTS_PASS_S.time():
            async with how.transaction() as store:
                done = await dispatch(store, how.composer, how.clock(), how.group_wait)
        self._tell(done)
        if done.mails:
            self.after_write()
        return done

    def _tell(self, done: Dispatched) -> None:
        WITHOUT_RECIPIENT.set(len({alert.id for alert, _ in done.plan.unreachable}))
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
            MAILS_WRITTEN.labels(mail.kind).inc()
            log.info(
                "mail written",
                mail=mail.id,
                kind=mail.kind,
                role=mail.role,
                organisation=mail.organisation,
                students=mail.students,
            )

    def _tell_bugs(self, done: Dispatched) -> None:
        UNWRITTEN.set(len(done.unwritten))
        for failure in done.failures:
            held = failure.unwritten
            WRITING_BUGS.labels(held.kind).inc()
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
