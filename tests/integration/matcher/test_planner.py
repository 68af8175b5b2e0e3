"""Planning in processes: the same plan, no pause for the event loop, and no process that outlives its parent."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import pytest

from services.matcher.adapters.planner import PoolPlanner
from services.matcher.adapters.planning import plan_region
from services.matcher.domain.facts import Touched
from services.matcher.ports import Effort, Task
from tests.support.eventually import eventually
from tests.support.regions import invented_region

ROOT = Path(__file__).resolve().parents[3]
PARENT = """
import asyncio, multiprocessing
from services.matcher.adapters.planner import PoolPlanner

async def main():
    planner = PoolPlanner()
    await planner.warm_up()
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.fixture
async def planner() -> AsyncIterator[PoolPlanner]:
    made = PoolPlanner()
    await made.warm_up()
    yield made
    made.close()
    await eventually(lambda: not multiprocessing.active_children(), what="the end of its processes")


async def test_both_processes_make_the_plan_that_is_made_here(planner: PoolPlanner) -> None:
    of = invented_region(7, 60, 6, scarcity=1.3)
    task = Task(of, Touched(everything=True), Effort.REPAIR)
    here = plan_region(task)
    for _ in range(2):
        assert replace(await planner.plan(task), seconds=0) == replace(here, seconds=0)


async def test_the_event_loop_never_waits_while_300_students_are_planned(planner: PoolPlanner) -> None:
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            longest, last = max(longest, now - last), now

    ticking = asyncio.ensure_future(tick())
    await planner.plan(Task(invented_region(1, 300, 30), Touched(everything=True), Effort.REPAIR))
    ticking.cancel()
    assert longest < 0.1


async def test_a_process_that_is_killed_is_an_error_and_not_a_plan(planner: PoolPlanner) -> None:
    solving = asyncio.ensure_future(
        planner.plan(Task(invented_region(1, 150, 15), Touched(everything=True), Effort.IMPROVE))
    )
    await asyncio.sleep(0)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(BrokenProcessPool):
        await solving


async def test_closing_does_not_wait_for_a_solve() -> None:
    planner = PoolPlanner()
    await planner.warm_up()
    solving = asyncio.ensure_future(
        planner.plan(Task(invented_region(1, 300, 30), Touched(everything=True), Effort.IMPROVE))
    )
    await asyncio.sleep(0)
    began = time.monotonic()
    planner.close()
    with pytest.raises(BrokenProcessPool):
        await solving
    await eventually(lambda: not multiprocessing.active_children(), what="the end of its processes")
    assert time.monotonic() - began < 3


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells of processes that are not ours")
def test_its_processes_end_within_three_seconds_of_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert len(children) == 2
    deadline = time.monotonic() + 3
    while left := [pid for pid in children if _is_running(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
