"""The daily tick: when a day begins in the Netherlands, it begins in every region."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta

import structlog

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from shared.dutch import AMSTERDAM, dutch_day
from shared.errors import Conflict, TransientError
from shared.messaging.retry import Backoff

log = structlog.get_logger(__name__)

LOOK_AGAIN_S = 60.0
"""A region that was made today, or a clock that was set, is noticed within this time."""
CLOCK = "klok"

Sleep = Callable[[float], Awaitable[None]]


class DailyTick:
    """Starts each day once in every region; several processes may do so side by side."""

    def __init__(self, parts: Parts, sleep: Sleep = asyncio.sleep) -> None:
        self._parts = parts
        self._sleep = sleep

    async def run(self) -> None:
        """Ticks until cancelled; waits while the database is away."""
        backoff = Backoff()
        while True:
            try:
                await self.tick()
            except TransientError as problem:
                log.warning("tick waits", problem=str(problem)[:300])
                await backoff.pause()
            else:
                backoff.reset()
                await self._sleep(min(LOOK_AGAIN_S, seconds_to_midnight(self._parts.clock())))

    async def tick(self) -> None:
        """Starts today in every region that is not there yet; a region that was moved ahead is left alone."""
        today = self._parts.today()
        async with self._parts.reading() as store:
            waiting = [region.id for region in await store.regions() if region.day is None or region.day < today]
        for region in waiting:
            await self._start(region, today)
        if waiting:
            self._parts.runtime.relay.wake()

    async def _start(self, region: str, today: date) -> None:
        try:
            async with self._parts.runtime.database.transaction() as tx:
                await handlers.start_day(self._parts.store(tx, CLOCK), region, today)
        except Conflict:
            log.info("region is ahead", region=region, day=str(today))
        else:
            log.info("day started", region=region, day=str(today))


def seconds_to_midnight(now: datetime) -> float:
    """Real seconds until the next day begins in the Netherlands, also on days of 23 and 25 hours."""
    tomorrow = dutch_day(now) + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), AMSTERDAM)
    return max(0.0, midnight.timestamp() - now.timestamp())
