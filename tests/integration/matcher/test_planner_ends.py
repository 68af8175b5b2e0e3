"""Processes that plan do not outlive the one that began them, their ends wait for nobody, and loading may take long."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from services.matcher.adapters.planner import PoolPlanner
from services.matcher.domain.changes import Change
from services.matcher.ports import Held, Step
from tests.support.eventually import PATIENCE, eventually
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


def test_its_processes_end_within_three_seconds_of_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert len(children) == 2
    deadline = time.monotonic() + 3 * PATIENCE
    while left := [pid for pid in children if _is_running(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


async def test_what_is_under_way_at_the_end_of_all_work_is_not_taken_for_what_has_no_plan() -> None:
    planner = PoolPlanner()
    await planner.warm_up()
    of = invented_region(1, 150, 15)
    planning = asyncio.ensure_future(planner.plan(Step(of.id, 0, 1, Change(whole=of)), lambda: None))
    await asyncio.sleep(0)
    planner.close()
    with pytest.raises((BrokenProcessPool, RuntimeError, asyncio.CancelledError)):
        await planning


async def test_closing_does_not_wait_for_a_solve() -> None:
    planner = PoolPlanner()
    await planner.warm_up()
    of = invented_region(1, 300, 30)
    solving = asyncio.ensure_future(planner.suggest(of.id, 1, 0, lambda: Held(of)))
    await asyncio.sleep(0)
    began = time.monotonic()
    planner.close()
    with pytest.raises((BrokenProcessPool, RuntimeError, asyncio.CancelledError)):
        await solving
    await eventually(lambda: not multiprocessing.active_children(), what="the end of its processes")
    assert time.monotonic() - began < 3 * PATIENCE


async def test_what_waits_for_the_solver_to_load_does_not_hang_but_not_for_ever() -> None:
    planner = PoolPlanner()
    try:
        assert not planner.is_loading
        loading = asyncio.ensure_future(planner.warm_up())
        await eventually(lambda: planner.is_loading, every_s=0.001, what="loading")
        planner._hangs_after_s = 0.0
        assert not planner.is_loading
        planner._hangs_after_s = 60.0
        await loading
        assert not planner.is_loading
    finally:
        planner.close()


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
