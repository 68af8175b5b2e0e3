"""One process that plans, and what is done in it."""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog

from services.matcher.adapters.metrics import REPLACED
from services.matcher.domain.changes import Suggestion
from services.matcher.domain.ids import RegionId
from services.matcher.ports import Held, Planned, Step
from shared.process import end_with_parent

if TYPE_CHECKING:
    from services.matcher.adapters.planning import Desk

T = TypeVar("T")
Reply = tuple[bool, T | None]
"""Whether the process knew the state that it was asked about, and its answer."""

log = structlog.get_logger(__name__)


class Room:
    """One process, and what to do there."""

    def __init__(self, work: str, niceness: int) -> None:
        self._work, self._niceness, self.is_closed = work, niceness, False
        self._since: list[tuple[float, float]] = []
        """Of each thing that was asked: when, and how long the process had been kept waiting for a processor by then."""
        self.open()

    def busy_for_s(self) -> float:
        """How long the oldest thing that was asked has been waiting for its answer."""
        return time.monotonic() - self._since[0][0] if self._since else 0.0

    def works_for_s(self) -> float:
        """The same, but for the time in which it was ready to work and others had the processor."""
        if not self._since:
            return 0.0
        asked_at, kept_waiting_s = self._since[0]
        return time.monotonic() - asked_at - max(0.0, self._kept_waiting_s() - kept_waiting_s)

    def _kept_waiting_s(self) -> float:
        """How long the process has been ready to work without a processor, as Linux counts it; 0 where nobody does."""
        waited_s = 0.0
        for pid in [*(self.pool._processes or {})]:
            with suppress(OSError, ValueError, IndexError):
                waited_s += int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
        return waited_s

    def end(self) -> None:
        """Ends the process, whatever it does; whoever waits for it is told that it died."""
        for process in [*(self.pool._processes or {}).values()]:
            process.kill()

    def open(self) -> None:
        """A new process, which knows nothing yet."""
        spawn = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=_begin, initargs=(self._niceness,))

    def replace(self, pool: ProcessPoolExecutor) -> None:
        """Another process for one that died, unless somebody else has seen to it; raises BrokenProcessPool at the end of all work."""
        if self.is_closed:
            raise BrokenProcessPool("no planning any more")
        if pool is not self.pool:
            return
        log.error("a planning process died and is replaced", work=self._work)
        REPLACED.labels(self._work).inc()
        self.end()
        self.open()

    async def warm_up(self) -> None:
        """Have it load the solver."""
        await self.try_to(ready)

    async def try_to(self, what: Callable[..., None], *about: object) -> None:
        """Have something done there that a new process can do without."""
        pool = self.pool
        try:
            await self.ask(what, *about)
        except BrokenProcessPool:
            self.replace(pool)

    def ask(self, what: Callable[..., T], *about: object) -> "asyncio.Future[T]":
        """Have something done there."""
        since = time.monotonic(), self._kept_waiting_s()
        asked = asyncio.get_running_loop().run_in_executor(self.pool, what, *about)
        self._since.append(since)
        asked.add_done_callback(lambda _done: self._since.remove(since))
        return asked

    def close(self) -> None:
        """No more, and nothing of what waits."""
        self.is_closed = True
        self.pool.shutdown(wait=False, cancel_futures=True)


def _desk() -> "Desk":
    """The desk of this process."""
    from services.matcher.adapters.planning import Desk  # the solver is loaded where it works, and nowhere else

    if not _DESKS:
        _DESKS.append(Desk())
    return _DESKS[0]


_DESKS: "list[Desk]" = []


def take(step: Step, held: tuple[Held | None] | None) -> Reply[Planned]:
    """The plan after a step."""
    desk = _desk()
    if held is not None:
        desk.begin(step.region, step.after, held[0])
    elif not desk.can_take(step):
        return False, None
    return True, desk.take(step)


def suggest(
    asked: tuple[RegionId, int, int],
    steps: Sequence[Step],
    held: tuple[Held | None] | None,
    left: Collection[RegionId] | None,
) -> Reply[Suggestion | None]:
    """What one turn of improving finds, after these steps; `left` are the regions that are left."""
    desk, (region, stamp, turn) = _desk(), asked
    if left is not None:
        desk.only(left)
    if held is not None:
        desk.begin(region, stamp, held[0])
    for step in steps if held is None else ():
        if not desk.can_take(step):
            return False, None
        desk.take(step)
    return (True, desk.suggest(region, turn)) if desk.knows(region, stamp) else (False, None)


def try_out(region: RegionId, stamp: int, held: Held | None) -> None:
    """Plans for a state with nothing changed."""
    _desk().try_out(region, stamp, held)


def ready_for(region: RegionId, stamp: int, held: Held | None) -> None:
    """Builds a state, unless a later one is known."""
    if _desk().newest(region) < stamp:
        _desk().begin(region, stamp, held)


def only(regions: frozenset[RegionId]) -> None:
    """Forgets every other region."""
    _desk().only(regions)


def ready() -> None:
    """Loads the solver."""
    _desk()


def _begin(niceness: int) -> None:
    """Sets the priority, and ends with the parent: a pool's process would wait for ever on one that was killed."""
    os.nice(niceness)
    if niceness and hasattr(os, "SCHED_IDLE"):  # a nice process still keeps others waiting until its turn is over
        with suppress(OSError):  # where that is not allowed it is nice
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    end_with_parent()
