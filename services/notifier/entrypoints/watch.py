"""Watches Leerplek itself for the operator: what was put aside because it could not be applied, and regions that fell silent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from services.notifier.entrypoints.dispatch import Exclusive
from services.notifier.handlers.delivering import Transaction
from services.notifier.handlers.watching import note_parked, note_silence
from shared.clock import Clock
from shared.errors import TransientError
from shared.messaging.retry import Backoff

log = structlog.get_logger(__name__)

EVERY_S = 300.0
"""A look at the parked topics takes a second each, and an operator need not hear sooner."""

CountParked = Callable[[], Awaitable[Mapping[str, int]]]
"""By topic how many messages lie put aside that were not sent again."""


@dataclass(frozen=True, slots=True)
class Watching:
    """How is watched."""

    exclusive: Exclusive
    transaction: Transaction
    parked: CountParked
    clock: Clock


class Watcher:
    """Raises and clears alerts for the operator; `committed` says that there may be others."""

    def __init__(self, watching: Watching, committed: Callable[[], None]) -> None:
        self._watching = watching
        self._committed = committed

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
        counts = await how.parked()
        async with how.transaction() as store:
            await note_parked(store, counts, how.clock())
            await note_silence(store, how.clock())
        self._committed()
