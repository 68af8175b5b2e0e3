"""Intake in a process of its own that knows one region: on the embedded broker with SQLite, and on Apache Kafka with PostgreSQL."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench.stack import Broker, brokers
from services.intake.adapters.store import SqlStore
from services.intake.bootstrap import MIGRATIONS
from services.intake.domain.access import Who
from services.intake.domain.registrations import KnownRegion
from shared.child_process import HOST, free_port
from shared.messaging.outbox import Outbox
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.testing.kafka import start_embedded
from shared.testing.postgres import start_postgres

REGION, PERIOD, INSTITUTE = "NL-BENCH", "2026-S1", "01VU"
READY_WITHIN_S = 60.0


@dataclass
class Intake:
    """The process; started again on the same data as often as wanted."""

    name: str
    database: str
    environment: dict[str, str]
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    async def start(self) -> None:
        """Starts it, and waits until it takes requests."""
        with (self.folder / "intake.log").open("ab") as log:
            command = [sys.executable, "-m", "services.intake"]
            environment = {**os.environ, **self.environment, "LEERPLEK_INTAKE_HTTP_PORT": str(self.port)}
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)  # noqa: ASYNC220 - takes no time
        until = time.monotonic() + READY_WITHIN_S
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            while time.monotonic() < until:
                try:
                    if (await http.get("/readyz")).is_success:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        raise SystemExit((self.folder / "intake.log").read_text()[-3000:])

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Ends it, as a crash would."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)

    def peak_mb(self) -> float:
        """The most memory that it had so far, in MB."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def stages() -> Iterator[list[tuple[str, Broker, str]]]:
    """The name of each pair, its broker, and where the database may write its log; the second where Apache Kafka can be had."""
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as logs, brokers() as found:
        yield [(f"{one.name}, {'SQLite' if one.bootstrap is None else 'PostgreSQL'}", one, logs) for one in found]


@asynccontextmanager
async def intake_on(name: str, broker: Broker, logs: str) -> AsyncIterator[Intake]:
    """Intake on a fresh database, running."""
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as directory:
        folder = Path(directory)
        if broker.bootstrap is None:
            embedded = start_embedded(folder)
            try:
                async with _running(
                    name, f"sqlite+aiosqlite:///{folder / 'intake.db'}", embedded.bootstrap, folder
                ) as made:
                    yield made
            finally:
                embedded.stop()
        else:
            with start_postgres(Path(logs)) as server:
                async with server.fresh_database() as url, _running(name, url, broker.bootstrap, folder) as made:
                    yield made


@asynccontextmanager
async def _running(name: str, url: str, bootstrap: str, folder: Path) -> AsyncIterator[Intake]:
    database = Database(url)
    await upgrade(database, MIGRATIONS)
    async with database.transaction() as tx:
        store = SqlStore(tx, Outbox("urn:bench"), datetime.now(UTC), Who("bench"))
        await store.save_region(KnownRegion(REGION, (PERIOD,), ()), 1)
    await database.close()
    settings = {
        "DATABASE_URL": url,
        "KAFKA_BOOTSTRAP": bootstrap,
        "KAFKA_KIND": "embedded" if url.startswith("sqlite") else "apache",
        "REQUESTS_PER_MINUTE": "1000000",
        "MASTER_KEY_FILE": str(folder / "master-key"),
    }
    intake = Intake(name, url, {f"LEERPLEK_INTAKE_{key}": value for key, value in settings.items()}, folder)
    await intake.start()
    try:
        yield intake
    finally:
        intake.kill(signal.SIGTERM)
