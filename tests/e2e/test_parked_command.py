"""What was put aside can be looked at and offered again from the command line."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from typer.testing import CliRunner, Result

import shared
from deploy.cli import app
from shared.messaging.retry import until_possible
from shared.messaging.topics import PARKED_SUFFIX, TopicPlan, ensure_topics
from shared.testing.kafka import RunningBroker

PARTITION = 1


def run(broker: RunningBroker, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["parked", *arguments, "--kafka", broker.bootstrap])


async def park(broker: RunningBroker, topic: str, count: int) -> None:
    plan = TopicPlan(partitions=3, replication=1)
    await until_possible("topics", lambda: ensure_topics(broker.bootstrap, [topic], plan))
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
    assert f"2 berichten opnieuw aangeboden aan {topic}." in everything.output
    assert f"0 berichten opnieuw aangeboden aan {topic}." in run(any_kafka, "replay", topic, "--all").output
    assert run(any_kafka, "list", topic).output.count("opnieuw aangeboden op ") == 3
    assert asyncio.run(read(any_kafka, topic)) == [(value, {"ce_id": b"e1"}) for value in (b"1", b"0", b"2")]


def test_a_program_reads_the_same_as_json(embedded_kafka: RunningBroker, unique: str) -> None:
    topic = f"aside-{unique}"
    asyncio.run(park(embedded_kafka, topic, 2))

    replayed = json.loads(run(embedded_kafka, "replay", topic, "--position", "1/1", "--json").output)
    listed = json.loads(run(embedded_kafka, "list", topic, "--json").output)
    unknown = run(embedded_kafka, "list", f"typo-{unique}", "--json")

    assert replayed == {"topic": topic, "replayed": 1}
    assert listed["topic"] == topic
    assert [(one["position"], one["reason"], one["content_kept"]) for one in listed["parked"]] == [
        ("1/0", "onbekende-regio", True),
        ("1/1", "onbekende-regio", True),
    ]
    assert [one["replayed_at"] is None for one in listed["parked"]] == [True, False]
    assert (unknown.exit_code, [*json.loads(unknown.output)]) == (1, ["error"])


def test_the_commands_run_on_what_every_image_holds(embedded_kafka: RunningBroker, unique: str, tmp_path: Path) -> None:
    topic = f"aside-{unique}"
    asyncio.run(park(embedded_kafka, topic, 1))
    (tmp_path / "shared").symlink_to(Path(shared.__file__).parent)  # an image holds no deploy, and one service

    def in_an_image(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-W", "error", "-m", "shared.messaging.parked", *arguments]
        return subprocess.run(
            [*command, topic, "--kafka", embedded_kafka.bootstrap],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": "", "PYTHONSAFEPATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    listed, replayed = in_an_image("list"), in_an_image("replay", "--all")

    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.startswith("1/0 ")
    assert replayed.stdout == f"1 bericht opnieuw aangeboden aan {topic}.\n"


def test_a_topic_or_position_that_is_not_there_is_named(embedded_kafka: RunningBroker, unique: str) -> None:
    topic = f"aside-{unique}"
    asyncio.run(park(embedded_kafka, topic, 1))

    unknown = run(embedded_kafka, "list", f"typo-{unique}")
    nowhere = run(embedded_kafka, "replay", topic, "--position", "0/99")

    assert (unknown.exit_code, nowhere.exit_code) == (1, 1)
    assert f"typo-{unique}.parked bestaat niet" in unknown.output
    assert "ligt niets op 0/99" in nowhere.output
