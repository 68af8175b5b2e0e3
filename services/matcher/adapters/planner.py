"""Plans in processes of their own, so that solving never holds up the event loop."""

import asyncio
import multiprocessing
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import TypeVar

import structlog

from services.matcher.adapters.planning_room import Reply, Room, only, ready_for, suggest, take, try_out
from services.matcher.domain.changes import Suggestion
from services.matcher.domain.ids import RegionId
from services.matcher.ports import Base, CannotPlanNow, Held, NoAllowedPlan, Planned, Step

GIVES_WAY = 15
"""Niceness of the process that improves plans: whoever has just sent something waits for the other one. Where the machine
knows it (Linux), it works only while nobody else wants to."""
LONGEST_TURN = 30
"""Who improves may seek a whole plan anew, so it may work so much longer; what others keep it waiting does not count."""
LONGEST_LOADING = 10
"""The first start after an installation may have to compile the search, and whatever comes meanwhile waits for it."""
MOST_BEHIND = 50
"""Steps that the process that improves is told of one by one; when it is further behind it is told the state anew."""
T = TypeVar("T")

log = structlog.get_logger(__name__)


class PoolPlanner:
    """Two processes: one answers what just happened, the other follows it and improves what there is."""

    def __init__(self, hangs_after_s: float = 60.0) -> None:
        self._answering, self._improving = Room("answering", 0), Room("improving", GIVES_WAY)
        self._hangs_after_s = hangs_after_s
        self._loading_since: float | None = None
        self._unheard: dict[RegionId, deque[Step]] = defaultdict(lambda: deque(maxlen=MOST_BEHIND + 1))
        self._left: frozenset[RegionId] | None = None
        """The regions that are left, which who improves hears before the next turn: a turn under way may last minutes."""
        self._improves: RegionId | None = None

    async def plan(self, step: Step, base: Base) -> Planned:
        """The plan after the step. Raises NoAllowedPlan, CannotPlanNow when two processes die or have no memory, BrokenProcessPool
        once this is closed."""

        def ask(room: Room, held: tuple[Held | None] | None) -> "asyncio.Future[Reply[Planned]]":
            return room.ask(take, step, held)

        try:
            planned = await self._asked(self._answering, ask, base)
        except (BrokenProcessPool, OSError) as died:
            self._answering.replace(self._answering.pool)
            raise CannotPlanNow(f"two processes that plan for {step.region} died") from died
        outcome = planned.outcome
        told = None if isinstance(step.work, Suggestion) else {**dict.fromkeys(outcome.unplaced), **outcome.placed}
        self._unheard[step.region].append(replace(step, wanted=(), told=told))
        return planned

    async def try_out(self, region: RegionId, stamp: int, base: Base) -> None:
        """Has who answers plan for the state with nothing changed. Raises NoAllowedPlan, CannotPlanNow, BrokenProcessPool."""
        pool = self._answering.pool
        try:
            await self._answering.ask(try_out, region, stamp, base())
        except (BrokenProcessPool, OSError) as died:
            self._answering.replace(pool)
            raise CannotPlanNow(f"a process died that tried out {region}") from died

    async def begin(self, region: RegionId, stamp: int, base: Base) -> None:
        """Has the state built by who answers, unless that knows a later one."""
        await self._answering.try_to(ready_for, region, stamp, base())

    async def only(self, regions: Collection[RegionId]) -> None:
        """Forgets every other region, and ends a turn of improving one."""
        for region in self._unheard.keys() - set(regions):
            del self._unheard[region]
        self._left = frozenset(regions)
        if self._improves is not None and self._improves not in regions:
            self._improving.end()
            self._improving.open()
        await self._answering.try_to(only, self._left)

    async def suggest(self, region: RegionId, stamp: int, turn: int, base: Base) -> Suggestion | None:
        """What one turn of improving finds; nothing where the region is left meanwhile, or two processes died of it: what happens
        must be answered all the same."""
        unheard = self._unheard.pop(region, ())
        steps = [*unheard] if len(unheard) <= MOST_BEHIND else []
        left, self._left = self._left, None

        def ask(room: Room, held: tuple[Held | None] | None) -> "asyncio.Future[Reply[Suggestion | None]]":
            return room.ask(suggest, (region, stamp, turn), steps, held, left)

        def has_left() -> bool:
            return self._left is not None and region not in self._left

        def base_if_ours() -> Held | None:
            if has_left():
                raise BrokenProcessPool("ended, since its region has left")
            return base()

        self._improves = region
        try:
            return await self._asked(self._improving, ask, base_if_ours)
        except (BrokenProcessPool, OSError, CannotPlanNow):
            if not has_left():
                self._improving.replace(self._improving.pool)
                log.error("improving was given up: the process died twice of it", region=region)
            return None
        finally:
            self._improves = None

    async def _asked(
        self,
        room: Room,
        ask: Callable[[Room, tuple[Held | None] | None], "asyncio.Future[Reply[T]]"],
        base: Base,
    ) -> T:
        """The answer of a process that knows the state, or is told it; one that died or has no memory is replaced once, one that
        failed told it anew."""
        pool = room.pool
        try:
            is_known, found = await ask(room, None)
        except (BrokenProcessPool, OSError, CannotPlanNow):
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
        """Ends who has been improving for too long: another begins the same from the start. Who answers is left to the watchdog."""
        if self._improving.works_for_s() > LONGEST_TURN * self._hangs_after_s:
            log.error("a planning process hangs", work="improving", seconds=round(self._improving.works_for_s()))
            self._improving.end()

    async def warm_up(self) -> None:
        """Starts both processes and loads the solver in them, so that the first event does not wait for it."""
        self._loading_since = time.monotonic()
        try:
            await self._answering.warm_up()
        finally:
            self._loading_since = None
        await self._improving.warm_up()

    @property
    def is_loading(self) -> bool:
        """Whether who answers is still loading the solver: what waits for that does not hang, unless it lasts too long."""
        since = self._loading_since
        return since is not None and time.monotonic() - since < LONGEST_LOADING * self._hangs_after_s

    def close(self) -> None:
        """Ends the processes without waiting for what they are doing."""
        for room in (self._answering, self._improving):
            room.close()
        for child in multiprocessing.active_children():  # else the end of this process waits for a solve
            child.kill()
