"""The supervisor: restarts what dies, gives up with a clear message, leaves nothing behind."""

import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from deploy.launcher import supervised
from deploy.launcher.supervised import Launch, LauncherError, Program, Supervised
from tests.support.eventually import PATIENCE, eventually


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervised, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(supervised, "LONGEST_PAUSE_S", 0.02)


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    def build(code: str, *, lost: str | None = None) -> Program:
        script = tmp_path / "a program.py"
        script.write_text(textwrap.dedent(code))
        alive = tmp_path / "alive"

        async def is_ready(_port: int) -> bool:
            return alive.exists()

        launch = Launch([sys.executable, "-S", str(script), str(alive)], dict(os.environ), 1)
        return Program("a program", lambda: launch, is_ready, lost=lost)

    return build


STAYS = """
    import pathlib, sys, time
    print("hello", flush=True)
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(60)
"""
FAILS = "import sys; print('cannot find my keys'); sys.exit(3)"
STUBBORN = """
    import pathlib, signal, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(60)
"""
WITH_CHILD = """
    import pathlib, subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    pathlib.Path(sys.argv[1] + ".child").write_text(str(child.pid))
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(60)
"""


@asynccontextmanager
async def running(
    program: Program, log: Path, say: Callable[[str], None] = print
) -> AsyncIterator[tuple[Supervised, asyncio.Task[None]]]:
    each = Supervised(program, log, say)
    task = asyncio.create_task(each.run())
    try:
        yield each, task
    finally:
        await each.stop()
        await asyncio.wait([task])


async def test_a_program_that_is_killed_is_started_again(program: Callable[..., Program], tmp_path: Path) -> None:
    async with running(program(STAYS), tmp_path / "log") as (each, _):
        await each.until_ready(10)
        first = each.pid
        (tmp_path / "alive").unlink()
        assert each.kill() == first
        assert not each.is_ready
        await each.until_ready(10)
        assert each.restarts == 1
        assert each.pid not in (None, first)
    assert (tmp_path / "log").read_text() == "hello\nhello\n"


async def test_a_program_that_cannot_start_is_given_up_with_the_end_of_its_log(
    program: Callable[..., Program], tmp_path: Path
) -> None:
    async with running(program(FAILS), tmp_path / "log") as (_, task):
        with pytest.raises(
            LauncherError, match=r"(?s)3 keer achter elkaar kort na de start gestopt.*code 3.*cannot find my keys"
        ):
            await asyncio.wait_for(task, 10 * PATIENCE)


def _is_ready_again(each: Supervised, restarts: int) -> bool:
    return each.restarts == restarts and each.is_ready


async def crash_when_ready(each: Supervised, times: int) -> None:
    """Ends the process from outside whenever a new one is ready."""
    for restarts in range(times):
        await eventually(partial(_is_ready_again, each, restarts), what="the next process")
        assert each.pid is not None
        os.kill(each.pid, signal.SIGKILL)


async def test_a_program_that_dies_again_and_again_is_given_up_and_each_restart_is_told(
    program: Callable[..., Program], tmp_path: Path
) -> None:
    said: list[str] = []
    async with running(program(STAYS), tmp_path / "log", said.append) as (each, task):
        await crash_when_ready(each, supervised.MOST_DEATHS)
        with pytest.raises(LauncherError, match="5 keer achter elkaar kort na de start gestopt"):
            await asyncio.wait_for(task, 10 * PATIENCE)
        assert each.restarts == 4
    assert said == [f"a program is gestopt (code -9) en start opnieuw; zie {tmp_path / 'log'}."] * 4


async def test_deaths_before_it_was_ready_for_a_while_no_longer_count(
    program: Callable[..., Program], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervised, "READY_SPELL_S", 0.0)
    async with running(program(STAYS), tmp_path / "log") as (each, task):
        await crash_when_ready(each, 2 * supervised.MOST_DEATHS)
        await each.until_ready(10)
        assert not task.done()


async def test_whoever_kills_on_purpose_may_do_so_as_often_as_they_like(
    program: Callable[..., Program], tmp_path: Path
) -> None:
    async with running(program(STAYS), tmp_path / "log") as (each, task):
        for _ in range(2 * supervised.MOST_DEATHS):
            await each.until_ready(10)
            each.kill()
        await each.until_ready(10)
        assert not task.done()


async def test_what_cannot_come_back_is_not_started_again(program: Callable[..., Program], tmp_path: Path) -> None:
    async with running(program(STAYS, lost="het geheugen is weg"), tmp_path / "log") as (each, task):
        await each.until_ready(10)
        each.kill()
        with pytest.raises(LauncherError, match="het geheugen is weg"):
            await asyncio.wait_for(task, 10 * PATIENCE)


async def test_a_program_that_does_not_answer_in_time_is_named_with_its_log(
    program: Callable[..., Program], tmp_path: Path
) -> None:
    async with running(program("import time; time.sleep(60)"), tmp_path / "log") as (each, _):
        with pytest.raises(LauncherError, match="a program is na 0 seconden nog niet klaar"):
            await each.until_ready(0.2)


async def test_a_program_that_will_not_stop_is_killed(program: Callable[..., Program], tmp_path: Path) -> None:
    async with running(program(STUBBORN), tmp_path / "log") as (each, task):
        await each.until_ready(10)
        pid = each.pid
        await each.stop(within_s=0.2)
        await asyncio.wait_for(task, 10 * PATIENCE)
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_children_of_a_killed_program_are_ended_too(program: Callable[..., Program], tmp_path: Path) -> None:
    async with running(program(WITH_CHILD), tmp_path / "log") as (each, _):
        await each.until_ready(10)
        child = int((tmp_path / "alive.child").read_text())
        each.kill()
        await eventually(lambda: _is_gone(child), what="the end of the child")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
async def test_a_program_dies_with_the_process_that_supervises_it(
    program: Callable[..., Program], tmp_path: Path
) -> None:
    program(STAYS)
    pid_file = tmp_path / "pid"
    code = f"""
        import asyncio, os, sys
        from pathlib import Path
        from deploy.launcher.supervised import Launch, Program, Supervised
        alive, log, pid_file = Path({str(tmp_path / "alive")!r}), Path({str(tmp_path / "log")!r}), Path({str(pid_file)!r})
        async def is_ready(port): return alive.exists()
        async def main():
            argv = [sys.executable, "-S", {str(tmp_path / "a program.py")!r}, str(alive)]
            each = Supervised(Program("x", lambda: Launch(argv, os.environ, 1), is_ready), log)
            task = asyncio.create_task(each.run())
            await each.until_ready(10)
            pid_file.with_suffix(".new").write_text(str(each.pid))
            pid_file.with_suffix(".new").replace(pid_file)
            await task
        asyncio.run(main())
    """
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", textwrap.dedent(code))
    await eventually(pid_file.exists, what="the start of the program")
    supervisor.send_signal(signal.SIGKILL)
    await supervisor.wait()
    await eventually(lambda: _is_gone(int(pid_file.read_text())), what="the end of the orphan")


def _is_gone(pid: int) -> bool:
    """A process that ended may wait for its new parent to notice: a zombie is gone too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
