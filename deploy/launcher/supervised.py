"""One program under supervision: started, watched, started again when it dies, and stopped for good."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.child_process import on_leash

MOST_DEATHS = 5
MOST_TRIES_TO_START = 3
READY_SPELL_S = 30.0
"""A program that was ready for so long runs: what it did before no longer counts."""
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
POLL_S = 0.05
STOP_WITHIN_S = 12.0


class LauncherError(Exception):
    """Leerplek cannot go on; the text is Dutch and for whoever started it."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a program is started: command line, environment, and the port on which it answers."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    port: int


@dataclass(frozen=True, slots=True)
class Program:
    """A program to supervise; `build` chooses ports anew, and is asked again only while the program never was ready."""

    name: str
    build: Callable[[], Launch]
    is_ready: Callable[[int], Awaitable[bool]]
    lost: str | None = None
    """What to say when it ends, where starting it again would not bring back what it held."""


class Supervised:
    """A program that is kept running until `stop`; its process dies with this one and ignores the terminal's Ctrl-C.

    `say` is told of every restart, in one Dutch line.
    """

    def __init__(self, program: Program, log_path: Path, say: Callable[[str], None] = lambda _line: None) -> None:
        self.program = program
        self.log_path = log_path
        self._say = say
        self.restarts = 0
        self._launch: Launch | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._was_ready = False
        self._ready_since: float | None = None
        self._stopping = asyncio.Event()
        self._deaths = 0
        self._was_killed = False

    @property
    def port(self) -> int:
        """The port on which it answers."""
        assert self._launch is not None, f"{self.program.name} was never started"
        return self._launch.port

    @property
    def pid(self) -> int | None:
        """The process that runs now, if one does."""
        return self._process.pid if self._process is not None else None

    @property
    def is_ready(self) -> bool:
        """True when the process that runs now has answered that it is ready."""
        return self._ready.is_set()

    async def run(self) -> None:
        """Keeps it running until `stop`; raises LauncherError when that does not succeed."""
        while not self._stopping.is_set():
            if self._launch is None or not self._was_ready:
                self._launch = self.program.build()
            self._ready_since, self._was_killed = None, False
            code = await self._run_once(self._launch)
            if self._stopping.is_set():
                return
            self._judge(code)
            self.restarts += 1
            self._say(f"{self.program.name} is gestopt (code {code}) en start opnieuw; zie {self.log_path}.")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _pause(self._deaths))

    async def until_ready(self, within_s: float) -> None:
        """Returns when it answers; raises LauncherError with the end of its log otherwise."""
        try:
            await asyncio.wait_for(self._ready.wait(), within_s)
        except TimeoutError as late:
            text = f"{self.program.name} is na {within_s:.0f} seconden nog niet klaar.{self._log_tail()}"
            raise LauncherError(text) from late

    def kill(self) -> int:
        """Ends the process at once, as a crash would, and gives its number; it does not count as a crash."""
        process = self._process
        assert process is not None, f"{self.program.name} does not run"
        self._was_killed = True
        self._ready.clear()
        process.send_signal(signal.SIGKILL)
        return process.pid

    async def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Asks the process to end, kills it after `within_s`, and does not start it again."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), within_s)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _run_once(self, launch: Launch) -> int:
        with self.log_path.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *on_leash(launch.argv),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(launch.environment),
                start_new_session=True,
            )
        self._process = process
        if self._stopping.is_set():
            process.terminate()
        polling = asyncio.ensure_future(self._note_when_ready(launch.port))
        try:
            return await process.wait()
        finally:
            self._ready.clear()
            polling.cancel()
            self._process = None
            _kill_group(process.pid)

    async def _note_when_ready(self, port: int) -> None:
        while not await self.program.is_ready(port):  # noqa: ASYNC110 - another process has no Event
            await asyncio.sleep(POLL_S)
        self._was_ready = True
        self._ready_since = time.monotonic()
        self._ready.set()

    def _judge(self, code: int) -> None:
        if self._ready_since is not None and time.monotonic() - self._ready_since >= READY_SPELL_S:
            self._deaths = 0
        self._deaths += 0 if self._was_killed else 1
        if self.program.lost is not None and self._was_ready:
            raise LauncherError(f"{self.program.lost}{self._log_tail()}")
        if self._deaths >= (MOST_DEATHS if self._was_ready else MOST_TRIES_TO_START):
            times = f"{self._deaths} keer achter elkaar kort na de start gestopt (laatste keer met code {code})"
            raise LauncherError(f"{self.program.name} is {times}.{self._log_tail()}")

    def _log_tail(self, lines: int = 12) -> str:
        if not self.log_path.exists():
            return ""
        tail = self.log_path.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join([f" Het einde van {self.log_path}:", *(line[:400] for line in tail)])


def _pause(deaths: int) -> float:
    """Longer with every death in a row."""
    return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** max(0, deaths - 1)))


def _kill_group(leader: int) -> None:
    """Ends what a process that is gone may have left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
