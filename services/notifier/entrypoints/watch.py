"""Watches Leerplek itself for the operator: what was put aside because it could not be applied, and regions that fell silent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date

import structlog

from services.notifier.adapters.metrics import HOLIDAYS_LEFT
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.entrypoints.dispatch import Exclusive
from services.notifier.handlers.delivering import Transaction
from services.notifier.handlers.watching import note_parked, note_silence
from shared.clock import Clock
from shared.dutch import dutch_day
from shared.errors import TransientError
from shared.messaging.retry import Backoff

log = structlog.get_logger(__name__)

EVERY_S = 300.0
"""A look at the parked topics takes a second each, and an operator need not hear sooner."""

KNOWN_AHEAD_DAYS = 60
"""So long before the school holidays run out it is told, every day."""

CountParked = Callable[[], Awaitable[Mapping[str, int]]]
"""By topic how many messages lie put aside that were not sent again."""


@dataclass(frozen=True, slots=True)
class Watching:
    """How is watched."""

    exclusive: Exclusive
    transaction: Transaction
    parked: CountParked
    calendar: SchoolCalendar
    clock: Clock


class Watcher:
    """Raises and clears alerts for the operator; `committed` says that there may be others."""

    def __init__(self, watching: Watching, committed: Callable[[], None]) -> None:
        self._watching = watching
        self._committed = committed
        self._holidays_told: date | None = None

    async def run(self) -> None:
        """Runs until cancelled, one process at a time; waits while Kafka or the database is away."""
        backoff = Backoff()
        while True:
            try:
                async with self._watching.exclusive("watcher"):
                    while True:
                        await self.look_once()
                        backoff.reset()
                        await asyncio.sleep(EVERY_S)
            except (TransientError, OSError) as problem:
                log.warning("watcher waits", problem=repr(problem)[:300])
                await backoff.pause()

    async def look_once(self) -> None:
        """One look."""
        how = self._watching
        self._look_at_holidays(dutch_day(how.clock()))
        counts = await how.parked()
        async with how.transaction() as store:
            await note_parked(store, counts, how.clock())
            await note_silence(store, how.clock())
        self._committed()

    def _look_at_holidays(self, today: date) -> None:
        """After the last holiday in the file every weekday would count as a school day: that is told, once a day, not guessed."""
        until = self._watching.calendar.known_until()
        left = (until - today).days if until is not None else 0
        HOLIDAYS_LEFT.set(left)
        if left < KNOWN_AHEAD_DAYS and self._holidays_told != today:
            self._holidays_told = today
            log.error(
                "the school holidays run out: name a newer SCHOOL_HOLIDAYS_FILE", until=str(until), days_left=left
            )
