"""What Leerplek counts on from a broker: the same promises from Apache Kafka and from the embedded one."""

import asyncio
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from shared.child_process import free_port
from shared.messaging.raw_requests import is_kafka_ready
from shared.testing.kafka import NoBrokerError, RunningBroker, gives_producer_ids, start_embedded, start_kafka
from shared.testing.postgres import PostgresServer
from tests.support.eventually import PATIENCE, eventually

PARTITIONS = 4
SESSION_MS = 2_000
START_AND_HANG = """
import pathlib, signal, sys
from shared.messaging.embedded_broker import EmbeddedBroker
with EmbeddedBroker(pathlib.Path(sys.argv[1])) as broker:
    print(broker.bootstrap, flush=True)
    signal.pause()
"""


async def create_topic(broker: RunningBroker, name: str, **settings: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1, topic_configs=settings)])
    finally:
        await admin.close()


async def topics_of(broker: RunningBroker) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        return list(await admin.list_topics())
    finally:
        await admin.close()


async def send(broker: RunningBroker, topic: str, count: int, *, idempotent: bool = False) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=idempotent)
    try:  # not `async with`: a start that fails leaves its connection to be closed
        await producer.start()
        acknowledged = [
            await producer.send(
                topic,
                key=b"key-%d" % number,
                value=b"value-%d" % number,
                partition=number % PARTITIONS,
                headers=[("ce_id", b"%d" % number), ("content-type", b"application/json")],
            )
            for number in range(count)
        ]
        await asyncio.gather(*acknowledged)
    finally:
        await producer.stop()


async def read_from_the_start(broker: RunningBroker, topic: str, count: int) -> list[ConsumerRecord]:
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, enable_auto_commit=False)
    async with consumer:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, 0)
        records: list[ConsumerRecord] = []

        async def has_all() -> bool:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records.extend(batch)
            return len(records) >= count

        await eventually(has_all, within_s=20, what=f"{count} messages of {topic}")
        return records


async def test_a_reader_that_seeks_to_the_start_gets_every_message_in_order_with_its_headers(
    any_kafka: RunningBroker, unique: str
) -> None:
    topic = f"registrations-{unique}"
    await create_topic(any_kafka, topic, **{"cleanup.policy": "compact"})
    await send(any_kafka, topic, 100)

    records = await read_from_the_start(any_kafka, topic, 100)

    for number in range(PARTITIONS):
        of_partition = [record for record in records if record.partition == number]
        assert [record.offset for record in of_partition] == list(range(25))
        assert [record.value for record in of_partition] == [b"value-%d" % (number + 4 * n) for n in range(25)]
    assert all(dict(record.headers)["ce_id"] == record.key.removeprefix(b"key-") for record in records)


async def test_the_broker_serves_an_idempotent_producer_exactly_where_it_says_so(
    any_kafka: RunningBroker, unique: str
) -> None:
    assert gives_producer_ids(any_kafka.bootstrap) is any_kafka.is_apache
    topic = f"idempotent-{unique}"
    await create_topic(any_kafka, topic)

    if any_kafka.is_apache:
        await send(any_kafka, topic, 100, idempotent=True)
        assert len(await read_from_the_start(any_kafka, topic, 100)) == 100
    else:
        with pytest.raises(KafkaError):
            await send(any_kafka, topic, 1, idempotent=True)


async def test_apache_kafka_refuses_a_topic_that_nobody_created(kafka: RunningBroker, unique: str) -> None:
    skip_unless_our_own_apache(kafka)
    topic = f"typing-error-{unique}"
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, request_timeout_ms=1_000)
    async with producer:
        with pytest.raises(KafkaError):
            await producer.send(topic, b"", partition=0)
    assert topic not in await topics_of(kafka)


def member(broker: RunningBroker, topic: str, name: str | None = None) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        group_id=f"readers-of-{topic}",
        group_instance_id=name,
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=500,
        enable_auto_commit=False,
    )


async def seconds_to_join(consumer: AIOKafkaConsumer) -> float:
    began = time.monotonic()
    await consumer.start()
    await eventually(lambda: len(consumer.assignment()) == PARTITIONS, within_s=20, what="every partition")
    return time.monotonic() - began


async def test_a_group_of_one_has_every_partition_within_its_session_timeout(
    any_kafka: RunningBroker, unique: str
) -> None:
    await create_topic(any_kafka, topic := f"group-{unique}")
    consumer = member(any_kafka, topic)
    try:
        assert await seconds_to_join(consumer) < SESSION_MS / 1_000
    finally:
        await consumer.stop()


async def test_apache_kafka_gives_a_static_member_that_vanished_its_partitions_back_at_once(
    kafka: RunningBroker, unique: str
) -> None:
    if not kafka.is_apache:
        pytest.skip(f"{kafka.description} lets it wait until the old session is over")
    await create_topic(kafka, topic := f"static-{unique}")
    first, second = member(kafka, topic, "matcher-0"), member(kafka, topic, "matcher-0")
    try:
        await seconds_to_join(first)
        await first.stop()  # a static member says no goodbye: for the broker this is a crash
        assert await seconds_to_join(second) < SESSION_MS / 2_000
    finally:
        await first.stop()
        await second.stop()


def skip_unless_our_own_apache(broker: RunningBroker) -> None:
    if not (broker.is_apache and broker.is_ours):
        pytest.skip(f"{broker.description} is not an Apache Kafka of our own")


async def test_what_was_acknowledged_survives_a_broker_that_is_killed(kafka: RunningBroker, unique: str) -> None:
    skip_unless_our_own_apache(kafka)
    topic = f"survives-{unique}"
    await create_topic(kafka, topic)
    await send(kafka, topic, 100, idempotent=True)

    kafka.kill()
    kafka.restart()

    records = await read_from_the_start(kafka, topic, 100)
    assert Counter(record.key for record in records) == {b"key-%d" % number: 1 for number in range(100)}


async def test_a_producer_that_meets_a_killed_broker_goes_on_when_it_is_back(kafka: RunningBroker, unique: str) -> None:
    skip_unless_our_own_apache(kafka)
    topic = f"goes-on-{unique}"
    await create_topic(kafka, topic)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, key=b"before", value=b"", partition=0)
        kafka.kill()
        waiting = await producer.send(topic, key=b"during", value=b"", partition=0)
        kafka.restart()  # in this thread: the broker dies with the thread that started it
        await asyncio.wait_for(waiting, timeout=30 * PATIENCE)

    records = await read_from_the_start(kafka, topic, 2)
    assert [record.key for record in records] == [b"before", b"during"]


async def test_the_embedded_broker_comes_back_empty_on_the_same_address(tmp_path: Path, unique: str) -> None:
    broker = start_embedded(tmp_path)
    try:
        address = broker.bootstrap
        await create_topic(broker, f"forgotten-{unique}")
        broker.kill()
        broker.restart()
        assert broker.bootstrap == address
        assert f"forgotten-{unique}" not in await topics_of(broker)
    finally:
        broker.stop()


async def test_a_fresh_database_is_empty_and_its_user_is_no_superuser(postgres_server: PostgresServer) -> None:
    async with postgres_server.fresh_database() as url:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
            if postgres_server.process is not None:
                assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        finally:
            await connection.close()


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without Docker, Java, Maven or a cache."""
    for name in ("LEERPLEK_KAFKA", "CI", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def found(bare_machine: None, tmp_path: Path) -> Iterator[RunningBroker]:
    broker = start_kafka(tmp_path)
    yield broker
    broker.stop()


def test_a_bare_machine_gets_the_embedded_broker_and_the_reason_for_each_rung(found: RunningBroker) -> None:
    assert found.kind == "embedded"
    assert not found.is_apache
    container, apache = found.skipped
    assert container.startswith("container: no Docker engine")
    assert apache == "Apache Kafka from Maven Central: no java found"


def test_ci_fails_rather_than_settle_for_the_embedded_broker(
    bare_machine: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(
        NoBrokerError, match="CI=true asks for Apache Kafka, and it cannot be had: container: no Docker"
    ):
        start_kafka(tmp_path)


def test_a_configured_broker_is_used_and_neither_killed_nor_stopped(
    embedded_kafka: RunningBroker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEERPLEK_KAFKA", embedded_kafka.bootstrap)
    broker = start_kafka(tmp_path)
    assert (broker.kind, broker.bootstrap, broker.is_apache) == ("configured", embedded_kafka.bootstrap, False)
    with pytest.raises(RuntimeError, match="not ours to kill"):
        broker.kill()
    broker.stop()
    assert is_kafka_ready(embedded_kafka.bootstrap)


def test_a_configured_broker_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEERPLEK_KAFKA", address := f"127.0.0.1:{free_port()}")
    with pytest.raises(NoBrokerError, match=f"LEERPLEK_KAFKA names {address}, where no Kafka answers"):
        start_kafka(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child when its parent is killed")
async def test_a_broker_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START_AND_HANG, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:  # noqa: ASYNC220 - a moment
        assert starter.stdout is not None
        address = starter.stdout.readline().strip()
        assert is_kafka_ready(address)
        starter.send_signal(signal.SIGKILL)
    await eventually(lambda: not is_kafka_ready(address), what="the end of the broker")
