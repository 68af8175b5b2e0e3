"""Servers as child processes on the loopback address: on free ports, and never left behind."""

import asyncio
import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
POLL_S: Final = 0.02

# Runs between fork and exec in its own interpreter: preexec_fn is not safe in a process with threads.
# The user is changed first, because changing it clears the parent-death signal (prctl 1).
_LEASH: Final = """
import ctypes, os, signal, sys
parent, death_signal, user = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if user:
    import pwd
    entry = pwd.getpwnam(user)
    os.setgroups([]); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, death_signal, 0, 0, 0)
    if os.getppid() != parent: sys.exit("the parent is gone already")
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execvp(sys.argv[4], sys.argv[4:])
"""


class ServerDidNotStartError(RuntimeError):
    """A child process ended, or did not answer in time; the message holds the end of its log."""


def free_port() -> int:
    """A TCP port on the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_port_free(port: int) -> bool:
    """True when a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that are closing do not matter
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def on_leash(
    argv: Sequence[str], *, death_signal: int = signal.SIGKILL, user: str = "", parent: int | None = None
) -> list[str]:
    """The command line that runs `argv` so that Linux sends it `death_signal` when the starting thread dies.

    With `user` it runs as that user (the caller must be root). `argv` replaces the launcher: same process id.
    """
    owner = os.getpid() if parent is None else parent
    return [sys.executable, "-I", "-S", "-c", _LEASH, str(owner), str(int(death_signal)), user, *argv]


@dataclass(slots=True, kw_only=True)
class ServerProcess:
    """A server as a child process in its own session: Ctrl-C does not reach it, and it dies with its parent.

    Start it from the main thread, or one that lives as long: Linux counts the death of the thread that started it.
    """

    name: str
    argv: Sequence[str]
    port: int
    log_path: Path
    is_ready: Callable[[], bool]
    death_signal: int = signal.SIGKILL
    stop_signal: int = signal.SIGTERM
    user: str = ""
    cwd: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """True while the process lives."""
        return self.process is not None and self.process.poll() is None

    def launch(self) -> None:
        """Start the process without waiting for its answer; its output is appended to the log file."""
        if self.is_running:
            raise RuntimeError(f"{self.name} runs already")
        if not is_port_free(self.port):
            raise ServerDidNotStartError(f"{self.name} cannot listen on port {self.port}: another process does")
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                on_leash(self.argv, death_signal=self.death_signal, user=self.user),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        atexit.register(self.kill)

    def start(self, within_s: float = 30.0) -> None:
        """Start the process and return when it answers; raise `ServerDidNotStartError` otherwise."""
        self.launch()
        deadline = time.monotonic() + within_s
        while not self._has_come_up(deadline):
            time.sleep(POLL_S)

    async def start_async(self, within_s: float = 30.0) -> None:
        """As `start`, without blocking the event loop."""
        self.launch()
        deadline = time.monotonic() + within_s
        while not await asyncio.to_thread(self._has_come_up, deadline):  # noqa: ASYNC110 - another process has no Event
            await asyncio.sleep(POLL_S)

    def _has_come_up(self, deadline: float) -> bool:
        try:
            ready = self.is_ready()
        except BaseException:
            self.kill()
            raise
        if ready and self.is_running:
            return True
        if not self.is_running or time.monotonic() > deadline:
            code = self.process.poll() if self.process else None
            self.kill()
            ending = "did not answer in time" if code is None else f"ended with code {code}"
            raise ServerDidNotStartError(f"{self.name} {ending}. The end of {self.log_path}:\n{self.log_tail()}")
        return False

    def kill(self) -> None:
        """End the process at once (SIGKILL), as a crash would; harmless when it is gone."""
        self._end(signal.SIGKILL, within_s=10.0)

    def stop(self, within_s: float = 10.0) -> None:
        """Ask the process to end, kill it after `within_s`; harmless when it is gone."""
        self._end(self.stop_signal, within_s)

    def _end(self, how: int, within_s: float) -> None:
        atexit.unregister(self.kill)
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log_tail(self, lines: int = 15) -> str:
        """The last lines that the process wrote."""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
