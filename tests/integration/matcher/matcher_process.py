"""A matcher's stream as a process to kill, and the topics and records that it reads."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[3]
PARTITIONS = 4
Row = tuple[str, int, int]


class Matcher:
    """A worker process with its own ledger, started as often as it takes."""

    def __init__(self, bootstrap: str, is_apache: bool, unique: str, directory: Path) -> None:
        names = ("region.settings", "supervisor.availability", "student.registrations")
        self.topics = [f"{name}.{unique}" for name in names]
        self.ledger = directory / "ledger.db"
        self.output = directory / "output.log"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.options: dict[str, Any] = {
            "ledger": str(self.ledger),
            "poison": None,
            "pause_s": 0.002,
            "app_id": f"matcher-{unique}",
            "bootstrap": bootstrap,
            "instance_id": "matcher-0" if is_apache else None,
            "topics": ",".join(self.topics),
            "session_timeout_s": 30.0 if is_apache else 2.0,
            "fetch_wait_s": 0.5 if is_apache else 0.05,
            "stop_timeout_s": 10.0,
            "batch_size": 500,
        }

    def start(self, **changes: Any) -> subprocess.Popen[bytes]:
        options = json.dumps({**self.options, **changes})
        command = [sys.executable, "-m", "tests.integration.matcher.stream_worker", options]
        with self.output.open("ab") as output:
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def rows(self, query: str) -> list[Any]:
        if not self.ledger.exists():
            return []
        database = sqlite3.connect(self.ledger, timeout=10)
        try:
            return database.execute(query).fetchall()
        except sqlite3.OperationalError:  # the tables are not there yet
            return []
        finally:
            database.close()

    def handled(self) -> list[Row]:
        return self.rows("select topic, partition, offset from handled order by id")

    async def has_handled(self, count: int, within_s: float = 40.0) -> None:
        try:
            await eventually(lambda: len(self.handled()) >= count, within_s=within_s, what=f"{count} records handled")
        except AssertionError as late:
            raise AssertionError(f"{late}; handled {len(self.handled())}\n{self.output.read_text()[-3000:]}") from late

    def assert_handled_exactly(self, sent: Sequence[Row]) -> None:
        """No gap, no repeat, and within each partition in the order of the log."""
        handled = self.handled()
        assert sorted(handled) == sorted(sent)
        offsets = defaultdict(list)
        for topic, partition, offset in handled:
            offsets[topic, partition].append(offset)
        assert all(seen == sorted(seen) for seen in offsets.values())


async def create_topics(bootstrap: str, topics: Sequence[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        configs = {"cleanup.policy": "compact"}
        await admin.create_topics([NewTopic(topic, PARTITIONS, 1, topic_configs=configs) for topic in topics])
    finally:
        await admin.close()


@asynccontextmanager
async def producing(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=2)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def send(producer: AIOKafkaProducer, topics: Sequence[str], count: int) -> list[Row]:
    """Spread records over all partitions of all topics; the answer is where they came to lie."""
    places = [(topics[i % len(topics)], (i // len(topics)) % PARTITIONS) for i in range(count)]
    pending = [
        await producer.send(topic, b"value %d" % i, key=b"key %d" % i, partition=partition)
        for i, (topic, partition) in enumerate(places)
    ]
    return [(done.topic, done.partition, done.offset) for done in await asyncio.gather(*pending)]
