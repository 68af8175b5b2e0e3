"""What Leerplek counts on from a broker: the same promises from Apache Kafka and from the embedded one."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import aiosqlite
import asyncpg  # type: ignore[import-untyped]
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from shared.testing.kafka import RunningBroker, gives_producer_ids, start_embedded
from shared.testing.postgres import PostgresServer
from tests.support.eventually import eventually

PARTITIONS = 4
SESSION_MS = 6_000


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
    assert gives_producer_ids(any_kafka.bootstrap) is any_kafka.has_idempotent_producer
    topic = f"idempotent-{unique}"
    await create_topic(any_kafka, topic)

    if any_kafka.has_idempotent_producer:
        await send(any_kafka, topic, 100, idempotent=True)
        assert len(await read_from_the_start(any_kafka, topic, 100)) == 100
    else:
        with pytest.raises(KafkaError):
            await send(any_kafka, topic, 1, idempotent=True)


async def test_apache_kafka_refuses_a_topic_that_nobody_created(kafka: RunningBroker, unique: str) -> None:
    if not (kafka.is_apache and kafka.is_ours):
        pytest.skip(f"{kafka.description} may create topics by itself")
    topic = f"typing-error-{unique}"
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, request_timeout_ms=1_000)
    async with producer:
        with pytest.raises(KafkaError):
            await producer.send(topic, b"", partition=0)
    assert topic not in await topics_of(kafka)


async def test_a_static_member_that_vanished_gets_every_partition_back(any_kafka: RunningBroker, unique: str) -> None:
    topic = f"static-{unique}"
    await create_topic(any_kafka, topic)

    def member() -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            topic,
            bootstrap_servers=any_kafka.bootstrap,
            group_id=f"matcher-{unique}",
            group_instance_id="matcher-0",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=1_000,
            enable_auto_commit=False,
        )

    async def join(consumer: AIOKafkaConsumer) -> float:
        began = time.monotonic()
        await consumer.start()
        await eventually(lambda: len(consumer.assignment()) == PARTITIONS, within_s=20, what="every partition")
        return time.monotonic() - began

    first, second = member(), member()
    try:
        joined_s = await join(first)
        await first.stop()  # a static member says no goodbye: for the broker this is a crash
        rejoined_s = await join(second)
    finally:
        await first.stop()
        await second.stop()
    print(f"{any_kafka.kind}: joined in {joined_s:.2f} s, joined again in {rejoined_s:.2f} s")
    # Apache Kafka knows the member by its name; the embedded broker waits until the old session is over
    assert rejoined_s < (SESSION_MS / 2_000 if any_kafka.is_apache else 1.5 * SESSION_MS / 1_000)


async def test_what_was_acknowledged_survives_a_broker_that_is_killed(kafka: RunningBroker, unique: str) -> None:
    if not (kafka.is_apache and kafka.is_ours):
        pytest.skip(f"{kafka.description} either keeps nothing or is not ours to kill")
    topic = f"survives-{unique}"
    await create_topic(kafka, topic)
    await send(kafka, topic, 100, idempotent=True)

    kafka.kill()
    kafka.restart()

    records = await read_from_the_start(kafka, topic, 100)
    assert Counter(record.key for record in records) == {b"key-%d" % number: 1 for number in range(100)}


async def test_a_producer_that_meets_a_killed_broker_goes_on_when_it_is_back(kafka: RunningBroker, unique: str) -> None:
    if not (kafka.is_apache and kafka.is_ours):
        pytest.skip(f"{kafka.description} either keeps nothing or is not ours to kill")
    topic = f"goes-on-{unique}"
    await create_topic(kafka, topic)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, key=b"before", value=b"", partition=0)
        kafka.kill()
        waiting = await producer.send(topic, key=b"during", value=b"", partition=0)
        await asyncio.to_thread(kafka.restart)
        await asyncio.wait_for(waiting, timeout=30)

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


async def test_each_kind_of_database_answers_on_its_url(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        async with aiosqlite.connect(database_url.removeprefix("sqlite+aiosqlite:///")) as file:
            rows = await file.execute_fetchall("SELECT 1")
    else:
        connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
        rows = await connection.fetch("SELECT 1")
        await connection.close()
    assert [tuple(row) for row in rows] == [(1,)]
