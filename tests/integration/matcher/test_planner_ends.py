"""Processes that plan do not outlive the one that began them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.eventually import PATIENCE

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


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
