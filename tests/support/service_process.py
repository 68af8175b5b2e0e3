"""A service as a process of its own: started, asked, killed and started again on the same data."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from shared.child_process import free_port
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]


class ServiceProcess:
    """`python -m services.<service>` with its settings; what it writes goes to one log, however often it is started."""

    words: Sequence[str] = ()
    """What the command says after the name of the service."""

    def __init__(
        self, service: str, bootstrap: str, is_apache: bool, settings: Mapping[str, str], folder: Path
    ) -> None:
        self.service = service
        self.bootstrap = bootstrap
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / f"{service}.log"
        self.processes: list[subprocess.Popen[bytes]] = []
        own = {
            "KAFKA_BOOTSTRAP": bootstrap,
            "KAFKA_KIND": "apache" if is_apache else "embedded",
            "HTTP_PORT": str(self.port),
            **settings,
        }
        self.environment = {
            **os.environ,
            **{f"LEERPLEK_{service.upper()}_{name}": value for name, value in own.items()},
        }

    def start(self) -> subprocess.Popen[bytes]:
        """Starts it, and does not wait."""
        command = [sys.executable, "-m", f"services.{self.service}", *self.words]
        with self.output.open("ab") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    async def start_ready(self, within_s: float = 40) -> None:
        """Starts it, and waits until it takes part."""
        self.start()
        await self.until(self.is_ready, f"a ready {self.service}", within_s)

    def kill(self) -> int:
        """Ends it as a crash would."""
        return self.end(signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGTERM, within_s: float = 30) -> int:
        """Ends the process that was started last and gives its exit status."""
        self.processes[-1].send_signal(number)
        return self.processes[-1].wait(timeout=within_s)

    def stop(self) -> None:
        """Whatever happened, nothing is left running."""
        for process in self.processes:
            process.kill()
            process.wait()

    @property
    def is_running(self) -> bool:
        """The process that was started last has not ended."""
        return bool(self.processes) and self.processes[-1].poll() is None

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response | None:
        """The answer, or None while nobody listens."""
        async with httpx.AsyncClient(base_url=self.url, timeout=10) as client:
            try:
                return await client.get(path, headers=headers)
            except httpx.TransportError:
                return None

    async def is_up(self) -> bool:
        """It answers, so its tables are there."""
        answer = await self.get("/livez")
        return answer is not None and answer.status_code == httpx.codes.OK

    async def is_ready(self) -> bool:
        """It takes requests and reads its topics: there is nothing amiss."""
        answer = await self.get("/readyz")
        return answer is not None and answer.status_code == httpx.codes.OK and not answer.json().get("notices")

    async def until(self, condition: Callable[[], Any], what: str, within_s: float = 30) -> Any:
        """Waits for an effect; what the process wrote explains why it does not come."""
        try:
            return await eventually(condition, within_s=within_s, every_s=0.05, what=what)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.written()[-4000:]}") from late

    def written(self) -> str:
        """All that it has written so far."""
        return self.output.read_text() if self.output.exists() else ""


async def ended(process: subprocess.Popen[bytes], within_s: float = 30) -> int:
    """The exit status of a process that must end by itself."""
    await eventually(lambda: process.poll() is not None, within_s=within_s, what="the end of the process")
    assert process.returncode is not None
    return process.returncode
