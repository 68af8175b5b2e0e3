"""Plans in processes of their own, so that solving never holds up the event loop."""

import asyncio
import multiprocessing
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor

from services.matcher.ports import Effort, Planned, Task

PARENT_CHECK_S = 1.0
NICENESS = {Effort.REPAIR: 0, Effort.IMPROVE: 15}
"""Improving gives way: whoever has just sent something waits for a repair."""


class PoolPlanner:
    """Two processes: one for what just happened, one for improving while nothing happens."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pools = {
            effort: ProcessPoolExecutor(
                1, mp_context=spawn, initializer=_begin, initargs=(os.getpid(), NICENESS[effort])
            )
            for effort in Effort
        }

    async def plan(self, task: Task) -> Planned:
        """The best plan found within the effort's limits; raises NoAllowedPlan when the checker refuses every one."""
        return await asyncio.get_running_loop().run_in_executor(self._pools[task.effort], _plan, task)

    async def warm_up(self) -> None:
        """Starts both processes and loads the solver in them, so that the first event does not wait for it."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(pool, _ready) for pool in self._pools.values()))

    def close(self) -> None:
        """Ends the processes without waiting for what they are doing."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():  # else the end of this process waits for a solve
            child.kill()


def _plan(task: Task) -> Planned:
    from services.matcher.adapters.planning import plan_region  # the solver is loaded where it works, and nowhere else

    return plan_region(task)


def _ready() -> None:
    """Loads the solver."""
    from services.matcher.adapters import planning  # noqa: F401


def _begin(parent: int, niceness: int) -> None:
    """Sets the priority, and ends with the parent: a pool's process would wait for ever on one that was killed."""
    os.nice(niceness)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_S)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
