"""What was put aside can be looked at and offered again from the command line."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from typer.testing import CliRunner, Result

from deploy.cli import app
from shared.messaging.topics import PARKED_SUFFIX, TopicPlan, ensure_topics
from shared.testing.kafka import RunningBroker

PARTITION = 1


def run(broker: RunningBroker, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["parked", *arguments, "--kafka", broker.bootstrap])


async def park(broker: RunningBroker, topic: str, count: int) -> None:
    await ensure_topics(broker.bootstrap, [topic], TopicPlan(partitions=3, replication=1))
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        for number in range(count):
            headers = [
                ("ce_id", b"e1"),
                ("leerplek_reason", b"onbekende-regio"),
                ("leerplek_parked_by", b"leerplek-intake"),
                ("leerplek_origin", f"{topic}/{PARTITION}/{number}".encode()),
            ]
            await producer.send_and_wait(
                topic + PARKED_SUFFIX, key=b"student/s1", value=b"%d" % number, partition=PARTITION, headers=headers
            )


async def read(broker: RunningBroker, topic: str) -> list[tuple[bytes, dict[str, bytes]]]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    async with consumer:
        found = []
        while batches := await consumer.getmany(timeout_ms=1000):
            found += [(message.value, dict(message.headers)) for each in batches.values() for message in each]
    return found


def test_parked_messages_are_listed_with_their_reason_and_replayed_by_position_or_all(
    any_kafka: RunningBroker, unique: str
) -> None:
    topic = f"aside-{unique}"
    asyncio.run(park(any_kafka, topic, 3))

    listed = run(any_kafka, "list", topic)
    one = run(any_kafka, "replay", topic, "--position", "1/1")
    everything = run(any_kafka, "replay", topic, "--all")

    assert listed.exit_code == 0, listed.output
    assert [line.split()[0] for line in listed.output.splitlines()] == ["1/0", "1/1", "1/2"]
    assert "onbekende-regio" in listed.output
    assert f"1 bericht opnieuw aangeboden aan {topic}." in one.output
    assert f"3 berichten opnieuw aangeboden aan {topic}." in everything.output
    assert asyncio.run(read(any_kafka, topic)) == [(value, {"ce_id": b"e1"}) for value in (b"1", b"0", b"1", b"2")]


def test_a_topic_or_position_that_is_not_there_is_named(embedded_kafka: RunningBroker, unique: str) -> None:
    topic = f"aside-{unique}"
    asyncio.run(park(embedded_kafka, topic, 1))

    unknown = run(embedded_kafka, "list", f"typo-{unique}")
    nowhere = run(embedded_kafka, "replay", topic, "--position", "0/99")

    assert (unknown.exit_code, nowhere.exit_code) == (1, 1)
    assert f"typo-{unique}.parked bestaat niet" in unknown.output
    assert "ligt niets op 0/99" in nowhere.output
