"""Plans in processes of their own, so that solving never holds up the event loop."""

import asyncio
import multiprocessing
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import structlog

from services.matcher.adapters.metrics import REPLACED
from services.matcher.domain.changes import Suggestion
from services.matcher.domain.ids import RegionId
from services.matcher.ports import Base, Held, NoAllowedPlan, Planned, Step
from shared.process import end_with_parent

if TYPE_CHECKING:
    from services.matcher.adapters.planning import Desk

GIVES_WAY = 15
"""Niceness of the process that looks for something better: whoever has just sent something waits for the other one. Where the machine
knows it (Linux), it works only while nobody else wants to."""
LONGEST_LOOK = 30
"""Who looks gives way to everybody and may seek a whole plan anew, so it may take so much longer."""
LONGEST_LOADING = 10
"""The first start after an installation may have to compile the search, and whatever comes meanwhile waits for it."""
MOST_BEHIND = 50
"""Steps that the process that looks is told of one by one; when it is further behind it is told the state anew."""
T = TypeVar("T")
Reply = tuple[bool, T | None]
"""Whether the process knew the state that it was asked about, and its answer."""

log = structlog.get_logger(__name__)


class PoolPlanner:
    """Two processes: one answers what just happened, the other follows it and looks for something better."""

    def __init__(self, hangs_after_s: float = 60.0) -> None:
        self._answering, self._looking = _Room("answering", 0), _Room("looking", GIVES_WAY)
        self._hangs_after_s = hangs_after_s
        self._loading_since: float | None = None
        self._unheard: dict[RegionId, deque[Step]] = defaultdict(lambda: deque(maxlen=MOST_BEHIND + 1))
        self._left: frozenset[RegionId] | None = None
        """The regions that are left, which who looks hears before the next turn: a turn under way may last minutes."""
        self._looks_at: RegionId | None = None

    async def plan(self, step: Step, base: Base) -> Planned:
        """The plan after the step. Raises NoAllowedPlan, also when two processes die of it; BrokenProcessPool once this is closed."""

        def ask(room: _Room, held: tuple[Held | None] | None) -> "asyncio.Future[Reply[Planned]]":
            return room.ask(_take, step, held)

        try:
            planned = await self._asked(self._answering, ask, base)
        except BrokenProcessPool as died:
            self._answering.replace(self._answering.pool)
            raise NoAllowedPlan(f"two processes that plan for {step.region} died of it") from died
        outcome = planned.outcome
        told = None if isinstance(step.work, Suggestion) else {**dict.fromkeys(outcome.unplaced), **outcome.placed}
        self._unheard[step.region].append(replace(step, wanted=(), told=told))
        return planned

    async def begin(self, region: RegionId, stamp: int, base: Base) -> None:
        """Has the state built by who answers, unless that knows a later one."""
        await self._answering.try_to(_ready_for, region, stamp, base())

    async def only(self, regions: Collection[RegionId]) -> None:
        """Forgets every other region, and ends a turn of looking at one."""
        for region in self._unheard.keys() - set(regions):
            del self._unheard[region]
        self._left = frozenset(regions)
        if self._looks_at is not None and self._looks_at not in regions:
            self._looking.end()
            self._looking.open()
        await self._answering.try_to(_only, self._left)

    async def suggest(self, region: RegionId, stamp: int, turn: int, base: Base) -> Suggestion | None:
        """What one turn of looking finds; nothing where the region is left meanwhile, or two processes died of it: what happens
        must be answered all the same."""
        unheard = self._unheard.pop(region, ())
        steps = [*unheard] if len(unheard) <= MOST_BEHIND else []
        left, self._left = self._left, None

        def ask(room: _Room, held: tuple[Held | None] | None) -> "asyncio.Future[Reply[Suggestion | None]]":
            return room.ask(_suggest, (region, stamp, turn), steps, held, left)

        def has_left() -> bool:
            return self._left is not None and region not in self._left

        def base_if_ours() -> Held | None:
            if has_left():
                raise BrokenProcessPool("ended, since its region has left")
            return base()

        self._looks_at = region
        try:
            return await self._asked(self._looking, ask, base_if_ours)
        except BrokenProcessPool:
            if not has_left():
                self._looking.replace(self._looking.pool)
                log.error("looking was given up: the process died twice of it", region=region)
            return None
        finally:
            self._looks_at = None

    async def _asked(
        self,
        room: "_Room",
        ask: "Callable[[_Room, tuple[Held | None] | None], asyncio.Future[Reply[T]]]",
        base: Base,
    ) -> T:
        """The answer of a process that knows the state, or is told it; one that died is replaced once, one that failed told it anew."""
        pool = room.pool
        try:
            is_known, found = await ask(room, None)
        except BrokenProcessPool:
            room.replace(pool)
            is_known = False
        except NoAllowedPlan:
            is_known = False
        if not is_known:
            _, found = await ask(room, (base(),))
        return found  # type: ignore[return-value]  # an answer of a state that is known

    def busy_for_s(self) -> float:
        """How long the oldest question to who answers has been waiting."""
        return self._answering.busy_for_s()

    def end_hanging(self) -> None:
        """Ends who has been looking for too long: another looks at the same from the start. Who answers is left to the watchdog."""
        if self._looking.busy_for_s() > LONGEST_LOOK * self._hangs_after_s:
            log.error("a planning process hangs", work="looking", seconds=round(self._looking.busy_for_s()))
            self._looking.end()

    async def warm_up(self) -> None:
        """Starts both processes and loads the solver in them, so that the first event does not wait for it."""
        self._loading_since = time.monotonic()
        try:
            await self._answering.warm_up()
        finally:
            self._loading_since = None
        await self._looking.warm_up()

    @property
    def is_loading(self) -> bool:
        """Whether who answers is still loading the solver: what waits for that does not hang, unless it lasts too long."""
        since = self._loading_since
        return since is not None and time.monotonic() - since < LONGEST_LOADING * self._hangs_after_s

    def close(self) -> None:
        """Ends the processes without waiting for what they are doing."""
        for room in (self._answering, self._looking):
            room.close()
        for child in multiprocessing.active_children():  # else the end of this process waits for a solve
            child.kill()


class _Room:
    """One process, and what to do there."""

    def __init__(self, work: str, niceness: int) -> None:
        self._work, self._niceness, self.is_closed = work, niceness, False
        self._since: list[float] = []
        self.open()

    def busy_for_s(self) -> float:
        """How long the oldest thing that was asked has been waiting for its answer."""
        return time.monotonic() - self._since[0] if self._since else 0.0

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
        self.open()

    async def warm_up(self) -> None:
        """Have it load the solver."""
        await self.try_to(_ready)

    async def try_to(self, what: Callable[..., None], *about: object) -> None:
        """Have something done there that a new process can do without."""
        pool = self.pool
        try:
            await self.ask(what, *about)
        except BrokenProcessPool:
            self.replace(pool)

    def ask(self, what: Callable[..., T], *about: object) -> "asyncio.Future[T]":
        """Have something done there."""
        asked, since = asyncio.get_running_loop().run_in_executor(self.pool, what, *about), time.monotonic()
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


def _take(step: Step, held: tuple[Held | None] | None) -> Reply[Planned]:
    desk = _desk()
    if held is not None:
        desk.begin(step.region, step.after, held[0])
    elif not desk.can_take(step):
        return False, None
    return True, desk.take(step)


def _suggest(
    asked: tuple[RegionId, int, int],
    steps: Sequence[Step],
    held: tuple[Held | None] | None,
    left: Collection[RegionId] | None,
) -> Reply[Suggestion | None]:
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


def _ready_for(region: RegionId, stamp: int, held: Held | None) -> None:
    if _desk().newest(region) < stamp:
        _desk().begin(region, stamp, held)


def _only(regions: frozenset[RegionId]) -> None:
    _desk().only(regions)


def _ready() -> None:
    """Loads the solver."""
    _desk()


def _begin(niceness: int) -> None:
    """Sets the priority, and ends with the parent: a pool's process would wait for ever on one that was killed."""
    os.nice(niceness)
    if niceness and hasattr(os, "SCHED_IDLE"):  # a nice process still keeps others waiting until its turn is over
        with suppress(OSError):  # where that is not allowed it is nice
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    end_with_parent()
