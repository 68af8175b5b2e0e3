"""Notices a consumer that has work and does not move, fails readiness and ends the process so that it starts afresh."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger(__name__)

EXIT_STALLED = 75
CHECK_EVERY_S = 1.0


class Progress:
    """What one consumer last did, and what it has still to do."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.assigned = False
        self.is_spare = False
        """Others read everything: there is nothing for it to do until one of them leaves."""
        self._clock = clock
        self._moved_at = clock()
        self._lag = 0

    @property
    def lag(self) -> int:
        """Messages known of and not applied."""
        return self._lag

    @lag.setter
    def lag(self, messages: int) -> None:
        if not self._lag:
            self._moved_at = self._clock()
        self._lag = messages

    def moved(self) -> None:
        """Something was applied."""
        self._moved_at = self._clock()

    def stalled_for_s(self) -> float:
        """Seconds with lag and no progress; 0 when there is nothing to do."""
        return self._clock() - self._moved_at if self.lag else 0.0


class Watchdog:
    """Ends the process when one of the consumers stalls longer than `limit_s`.

    Time in which `is_excused` does not count: nobody can move then, and a fresh start would not help.
    """

    def __init__(
        self,
        consumers: Sequence[Progress],
        limit_s: float,
        end: Callable[[int], object] = os._exit,
        is_excused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._consumers = consumers
        self._limit_s = limit_s
        self._end = end
        self._is_excused = is_excused

    def waiting(self) -> list[str]:
        """The consumers that have nothing to read from; empty when each has."""
        return [f"{each.name} has no partitions yet" for each in self._consumers if not each.assigned]

    def spare(self) -> list[str]:
        """The consumers for which nothing is left to read; empty when each has."""
        return [f"{each.name} is spare: others read all partitions" for each in self._consumers if each.is_spare]

    def stalled(self) -> list[str]:
        """The consumers that have work and have not moved for half the limit; empty when none has."""
        return [f"{each.name} stalls" for each in self._consumers if each.stalled_for_s() > self._limit_s / 2]

    async def run(self) -> None:
        """Checks every second until cancelled."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            for consumer in self._consumers:
                if self._is_excused():
                    consumer.moved()
                if consumer.stalled_for_s() > self._limit_s:
                    log.error("consumer stalls", consumer=consumer.name, lag=consumer.lag, limit_s=self._limit_s)
                    self._end(EXIT_STALLED)
