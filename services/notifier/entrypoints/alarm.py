"""Looks again and again whether the operator must hear of mails that were given up, one process at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from services.notifier.adapters.metrics import ALARMS_WAITING
from services.notifier.entrypoints.dispatch import Exclusive
from services.notifier.handlers.alarming import sound_alarm
from services.notifier.handlers.delivering import Transaction
from services.notifier.ports.alarming import Road
from shared.errors import TransientError
from shared.messaging.retry import Backoff

log = structlog.get_logger(__name__)

EVERY_S = 5.0
AFTER_TELLING_S = 60.0
"""What is given up within a minute shares the next telling."""
CLOSED_CAP_S = 300.0
"""A road that is closed is tried at least this often."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Tells the operator by these roads."""

    exclusive: Exclusive
    transaction: Transaction
    roads: Sequence[Road]

    async def run(self) -> None:
        """Runs until cancelled; waits while the database is away or another process does this."""
        backoff = Backoff(first_s=EVERY_S, cap_s=CLOSED_CAP_S)
        while True:
            try:
                async with self.exclusive("alarm"):
                    while True:
                        done = await sound_alarm(self.transaction, self.roads)
                        ALARMS_WAITING.set(done.waiting)
                        if done.waiting:
                            await backoff.pause()
                            continue
                        backoff.reset()
                        await asyncio.sleep(AFTER_TELLING_S if done.told else EVERY_S)
            except (TransientError, OSError) as problem:
                log.warning("alarm waits", problem=repr(problem)[:300])
                await backoff.pause()
