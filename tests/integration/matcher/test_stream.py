"""The stream against real brokers: exactly our own offsets, whatever dies."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.messaging.embedded_broker import EmbeddedBroker, free_port
from shared.testing.kafka import RunningBroker
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[3]
PARTITIONS = 4
EXIT_BUG = 70
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
            "data_dir": str(directory / "faust"),
            "session_timeout_s": 30.0 if is_apache else 3.0,
            "fetch_wait_s": 0.5 if is_apache else 0.05,
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


@pytest.fixture
def matcher(any_kafka: RunningBroker, unique: str, tmp_path: Path) -> Iterator[Matcher]:
    made = Matcher(any_kafka.bootstrap, any_kafka.is_apache, unique, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def matcher_on_best(kafka: RunningBroker, unique: str, tmp_path: Path) -> Iterator[Matcher]:
    if not (kafka.is_ours and kafka.is_apache):
        pytest.skip("the Apache Kafka used here is not ours to kill")
    made = Matcher(kafka.bootstrap, True, unique, tmp_path)
    yield made
    made.stop()


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


async def has_ended(process: subprocess.Popen[bytes], within_s: float = 30.0) -> int:
    await eventually(lambda: process.poll() is not None, within_s=within_s, what="the end of the process")
    assert process.returncode is not None
    return process.returncode


async def test_a_worker_killed_in_mid_flow_goes_on_exactly_where_its_database_says(matcher: Matcher) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)
    async with producing(bootstrap) as producer:
        sent = await send(producer, matcher.topics, 3000)
        for _ in range(3):
            before = len(matcher.handled())
            process = matcher.start()
            await matcher.has_handled(before + 300)
            process.kill()
            await has_ended(process)
        died_at = time.monotonic()
        before = len(matcher.handled())
        matcher.start()
        sent += await send(producer, matcher.topics, 500)
        await matcher.has_handled(min(before + 1, len(sent)))
        assert time.monotonic() - died_at < 10
        await matcher.has_handled(len(sent))
    matcher.assert_handled_exactly(sent)


async def test_batches_span_topics(matcher: Matcher) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)
    async with producing(bootstrap) as producer:
        sent = await send(producer, matcher.topics, 600)
    matcher.start()
    await matcher.has_handled(len(sent))
    widths = matcher.rows("select count(distinct topic), count(*) from handled group by batch")
    assert max(topics for topics, _ in widths) > 1
    assert max(records for _, records in widths) <= 500


async def test_a_handler_that_raises_ends_the_process_and_its_record_is_handled_after_a_restart(
    matcher: Matcher,
) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)
    async with producing(bootstrap) as producer:
        sent = await send(producer, matcher.topics, 900)
        last = await producer.send_and_wait(matcher.topics[1], b"poison", key=b"k", partition=2)
        place = (last.topic, last.partition, last.offset)
        sent = [*sent, place, *await send(producer, matcher.topics, 300)]
    for _ in range(2):
        assert await has_ended(matcher.start(poison="poison")) == EXIT_BUG
        assert all(row[2] < last.offset for row in matcher.handled() if row[:2] == place[:2])
    output = matcher.output.read_text()
    assert "stream_bug" in output
    assert f"{last.topic}" in output
    assert "the handler does not understand this record" in output
    matcher.start()
    await matcher.has_handled(len(sent))
    matcher.assert_handled_exactly(sent)


async def test_unreadable_bytes_and_tombstones_reach_the_handler_as_they_are(matcher: Matcher) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)
    matcher.start()
    messages = [
        (b"\xff\x00\xfe", b"\x80\x81{not json", [("ce_id", b"\x00\xff")]),
        (b"k", None, [("ce_id", b"1"), ("content-type", b"application/json")]),
        (b"k", b"", []),
    ]
    async with producing(bootstrap) as producer:
        for key, value, headers in messages:
            await producer.send_and_wait(matcher.topics[0], value, key=key, partition=0, headers=headers)
    await matcher.has_handled(len(messages))
    rows = matcher.rows("select key, value, headers from handled order by id")
    seen = [
        (key, value, [(name, bytes.fromhex(text)) for name, text in json.loads(headers).items()])
        for key, value, headers in rows
    ]
    assert seen == messages


async def test_sigterm_stops_cleanly_and_soon_and_loses_nothing(matcher: Matcher) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)
    async with producing(bootstrap) as producer:
        sent = await send(producer, matcher.topics, 2000)
        process = matcher.start()
        await matcher.has_handled(200)
        process.send_signal(signal.SIGTERM)
        assert await has_ended(process, within_s=15) == 0
        matcher.start()
        await matcher.has_handled(len(sent))
    matcher.assert_handled_exactly(sent)


async def test_a_second_worker_takes_whole_partitions_of_all_topics_and_nothing_is_lost_or_repeated(
    matcher: Matcher,
) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)

    def shares() -> list[set[tuple[str, int]]]:
        rows = matcher.rows("select detail from happened where what = 'assigned' order by id desc limit 2")
        return [{(topic, number) for topic, number in json.loads(detail)} for (detail,) in rows]

    def is_split() -> bool:
        seen = shares()
        return len(seen) == 2 and all(seen) and not seen[0] & seen[1]

    async with producing(bootstrap) as producer:
        sent = await send(producer, matcher.topics, 1500)
        matcher.start(instance_id=None, session_timeout_s=6.0)
        await matcher.has_handled(100)
        second = matcher.start(instance_id=None, session_timeout_s=6.0)
        while not is_split():
            sent += await send(producer, matcher.topics, 60)
            await asyncio.sleep(0.1)
            assert len(sent) < 30_000, matcher.output.read_text()[-3000:]
        for share in shares():
            numbers = {number for _, number in share}
            assert share == {(topic, number) for topic in matcher.topics for number in numbers}
        sent += await send(producer, matcher.topics, 600)
        await matcher.has_handled(len(sent))
        second.kill()
        sent += await send(producer, matcher.topics, 600)
        await matcher.has_handled(len(sent))
    matcher.assert_handled_exactly(sent)


async def test_lag_is_zero_and_idle_counts_as_progress_once_all_is_handled(matcher: Matcher) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)
    matcher.start()
    async with producing(bootstrap) as producer:
        sent = await send(producer, matcher.topics, 120)
    await matcher.has_handled(len(sent))

    def is_idle_without_lag() -> bool:
        rows = matcher.rows("select detail from happened where what = 'lag'")
        latest = json.loads(rows[0][0]) if rows else {"lag": {}}
        at = list(latest["lag"].values())
        return len(at) == 3 * PARTITIONS and all(place == [10, 10] for place in at) and latest["idle_s"] < 1.0

    await eventually(is_idle_without_lag, within_s=10, what="no lag")


async def test_a_broker_that_is_away_at_the_start_is_waited_for_and_so_are_its_topics(
    unique: str, tmp_path: Path
) -> None:
    port = free_port()
    matcher = Matcher(f"127.0.0.1:{port}", False, unique, tmp_path)
    process = matcher.start()
    try:
        await eventually(lambda: "no answer" in matcher.output.read_text(), within_s=20, what="a clear message")
        broker = EmbeddedBroker(tmp_path, port=port)
        broker.start()
        try:
            missing = f"topics missing: {', '.join(sorted(matcher.topics))}"
            await eventually(lambda: missing in matcher.output.read_text(), within_s=20, what="a clear message")
            await create_topics(broker.bootstrap, matcher.topics)
            async with producing(broker.bootstrap) as producer:
                sent = await send(producer, matcher.topics, 30)
            await matcher.has_handled(len(sent))
            assert process.poll() is None
        finally:
            broker.stop()
    finally:
        matcher.stop()


async def test_a_broker_killed_in_mid_flow_is_read_again_within_half_a_minute_and_nothing_is_lost(
    kafka: RunningBroker, matcher_on_best: Matcher
) -> None:
    matcher = matcher_on_best
    await create_topics(kafka.bootstrap, matcher.topics)
    process = matcher.start()
    async with producing(kafka.bootstrap) as producer:
        sent = await send(producer, matcher.topics, 600)
        await matcher.has_handled(len(sent))
        sent += await send(producer, matcher.topics, 600)
        kafka.kill()
        kafka.restart()
        back_at = time.monotonic()
        sent += await send(producer, matcher.topics, 600)
        while len(matcher.handled()) < len(sent):
            if process.poll() is not None:  # a supervisor starts it again
                assert process.returncode != 0
                process = matcher.start()
            assert time.monotonic() - back_at < 30, matcher.output.read_text()[-3000:]
            await asyncio.sleep(0.1)
    matcher.assert_handled_exactly(sent)
