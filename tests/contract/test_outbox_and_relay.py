"""The way out: what is in the outbox reaches Kafka in order, at least once, whatever happens meanwhile."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from prometheus_client import REGISTRY
from sqlmodel import col, select

from shared.child_process import free_port
from shared.contracts.envelope import from_message
from shared.messaging import relay as relay_module
from shared.messaging.relay import Relay
from shared.messaging.topics import partition_of
from shared.persistence.database import Database
from shared.persistence.tables import AuditRow, OutboxRow
from shared.testing.kafka import RunningBroker
from tests.support.databases import locked_by_somebody_else, open_database
from tests.support.eventually import eventually
from tests.support.streams import (
    PARTITIONS,
    REGIONS,
    add_to_outbox,
    make_topic,
    running,
    workplace,
)
from tests.support.topics import read_all, reader_of


def relay_to(broker: RunningBroker, database: Database) -> Relay:
    return Relay(database, broker.bootstrap, idempotence=broker.is_apache)


async def publish(database: Database, topic: str, numbers: range, region: str = "NL-R01") -> None:
    async with database.transaction() as tx:
        await add_to_outbox(tx, topic, [workplace(number, region=region) for number in numbers])


async def waiting(database: Database) -> int:
    async with database.reading() as tx:
        return len((await tx.exec(select(OutboxRow.id).where(col(OutboxRow.published_at).is_(None)))).all())


async def nothing_waits(database: Database) -> bool:
    return await waiting(database) == 0


def utc_now() -> datetime:
    return datetime.now(UTC)


def gauge(name: str) -> float:
    value = REGISTRY.get_sample_value(name)
    assert value is not None
    return value


async def test_events_arrive_in_order_in_the_partition_of_their_region(
    any_kafka: RunningBroker, database: Database, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"order-{unique}")
    for sequence in range(1, 151):
        async with database.transaction() as tx:
            await add_to_outbox(tx, topic, [workplace(1, sequence, region) for region in REGIONS])
    async with running(relay_to(any_kafka, database).run()):
        records = await read_all(any_kafka.bootstrap, topic, 600)
        await eventually(lambda: nothing_waits(database), what="every row marked")

    sequences: dict[str, list[int]] = defaultdict(list)
    for record in records:
        event = from_message(record.headers, record.value or b"")
        assert record.partition.number == partition_of(event.region, PARTITIONS)
        sequences[event.region].append(event.sequence)
    assert sequences == {region: list(range(1, 151)) for region in REGIONS}


async def test_what_was_acknowledged_is_marked_when_the_relay_is_told_to_stop(
    any_kafka: RunningBroker, database: Database, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "MARK_WITHIN_S", 3600.0)
    topic = await make_topic(any_kafka.bootstrap, f"marked-{unique}")
    await publish(database, topic, range(1, 4))
    relay = relay_to(any_kafka, database)
    async with running(relay.run()):
        await eventually(lambda: relay._acknowledged, what="an acknowledgement")
        assert await waiting(database) == 3, "they are marked with the next look"
    assert await nothing_waits(database)


async def test_a_message_is_a_cloudevent_in_binary_mode_and_its_change_is_audited(
    any_kafka: RunningBroker, database: Database, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"binary-{unique}")
    await publish(database, topic, range(1, 2))
    async with running(relay_to(any_kafka, database).run()):
        (record,) = await read_all(any_kafka.bootstrap, topic, 1)

    headers = {name: value.decode() for name, value in record.headers.items()}
    assert headers.pop("ce_id").split("-")[2].startswith("7"), "an id is a UUIDv7"
    assert headers.pop("ce_time").endswith("Z")
    assert headers == {
        "ce_specversion": "1.0",
        "ce_source": "urn:nld:leerplek:test",
        "ce_type": "nl.leerplek.workplace.changed.v1",
        "ce_subject": "workplace/w1",
        "ce_sequence": "000000000001",
        "ce_region": "NL-R01",
        "content-type": "application/json",
    }
    assert record.key == b"workplace/w1"
    assert json.loads(record.value or b"")["workplace"]["id"] == "w1"
    async with database.reading() as tx:
        (audit,) = (await tx.exec(select(AuditRow))).all()
    assert (audit.actor, audit.action, audit.aggregate) == ("test", headers["ce_type"], "workplace/w1")


async def test_a_change_that_is_rolled_back_publishes_nothing(
    any_kafka: RunningBroker, database: Database, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"rolled-back-{unique}")
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with database.transaction() as tx:
            await add_to_outbox(tx, topic, [workplace(1)])
            raise RuntimeError("the change fails")
    await publish(database, topic, range(2, 3))
    async with running(relay_to(any_kafka, database).run()):
        records = await read_all(any_kafka.bootstrap, topic, 1)
    assert [record.key for record in records] == [b"workplace/w2"]


async def test_what_is_written_while_the_broker_is_away_waits_and_then_arrives(
    any_kafka: RunningBroker, database: Database, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"away-{unique}")
    nobody = Relay(database, f"127.0.0.1:{free_port()}", idempotence=any_kafka.is_apache)
    async with running(nobody.run(), nobody.measure()) as (task, _):
        await publish(database, topic, range(20))
        await eventually(lambda: gauge("leerplek_outbox_waiting") == 20, what="the number that waits")
        seen = gauge("leerplek_outbox_oldest_seconds")
        await eventually(lambda: gauge("leerplek_outbox_oldest_seconds") > seen, what="a growing age")
        assert not task.done()
        assert await waiting(database) == 20
    async with running(relay_to(any_kafka, database).run()):
        records = await read_all(any_kafka.bootstrap, topic, 20)
    assert [record.key for record in records] == [b"workplace/w%d" % number for number in range(20)]


class LosesOne(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka has no types
    """A real producer whose broker never answers for w5, once."""

    has_lost = False

    async def send(self, topic: str, *, key: bytes, **message: Any) -> "asyncio.Future[Any]":
        """Sends, but for the message that gets lost."""
        acknowledged: asyncio.Future[Any]
        if key == b"workplace/w5" and not self.has_lost:
            LosesOne.has_lost = True
            acknowledged = asyncio.get_running_loop().create_future()
            acknowledged.set_exception(KafkaTimeoutError())
        else:
            acknowledged = await super().send(topic, key=key, **message)
        return acknowledged


async def test_what_follows_a_failure_in_its_partition_is_sent_again_after_it_and_nothing_else_is(
    any_kafka: RunningBroker, database: Database, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LosesOne, "has_lost", False)
    monkeypatch.setattr(relay_module, "AIOKafkaProducer", LosesOne)
    topic = await make_topic(any_kafka.bootstrap, f"mid-batch-{unique}")
    other = next(each for each in REGIONS if partition_of(each, PARTITIONS) != partition_of("NL-R01", PARTITIONS))
    async with database.transaction() as tx:
        await add_to_outbox(tx, topic, [workplace(n, region=other if n % 10 == 9 else "NL-R01") for n in range(20)])
    async with running(relay_to(any_kafka, database).run()):
        await eventually(lambda: nothing_waits(database), what="every row marked")
        records = await read_all(any_kafka.bootstrap, topic, 19 + 13)

    numbers: dict[int, list[int]] = defaultdict(list)
    for record in records:
        numbers[record.partition.number].append(int((record.key or b"").rpartition(b"w")[2]))
    first, again = [n for n in range(19) if n not in (5, 9)], [n for n in range(5, 19) if n != 9]
    assert numbers == {
        partition_of("NL-R01", PARTITIONS): first + again,
        partition_of(other, PARTITIONS): [9, 19],
    }


async def test_a_broker_that_is_killed_in_mid_flow_leaves_no_gap(
    kafka: RunningBroker, database: Database, unique: str
) -> None:
    if not (kafka.is_apache and kafka.is_ours):
        pytest.skip(f"{kafka.description} either keeps nothing or is not ours to kill")
    topic = await make_topic(kafka.bootstrap, f"killed-{unique}")
    async with running(relay_to(kafka, database).run()):
        await publish(database, topic, range(100))
        await read_all(kafka.bootstrap, topic, 1)
        kafka.kill()
        try:
            await publish(database, topic, range(100, 200))
        finally:
            kafka.restart()  # from the main thread: a broker dies with the thread that started it
        async with reader_of(kafka.bootstrap, topic) as reader:
            await reader.has(200, within_s=40)
            await eventually(lambda: nothing_waits(database), within_s=20, what="every row marked")

    firsts = list(dict.fromkeys(reader.keys()))
    assert firsts == [b"workplace/w%d" % number for number in range(200)]


async def test_a_crash_between_sending_and_marking_repeats_messages_and_loses_none(
    any_kafka: RunningBroker, database_url: str, unique: str
) -> None:
    """The crash is a cancellation while another program holds the row, or the file, that is to be marked."""
    topic = await make_topic(any_kafka.bootstrap, f"crash-{unique}")
    async with open_database(database_url, busy_timeout_s=1.5) as database:
        await publish(database, topic, range(50))
        async with (
            held_for_marking(database_url, database),
            reader_of(any_kafka.bootstrap, topic) as reader,
            running(relay_to(any_kafka, database).run()),
        ):
            await reader.has(50)
        assert await waiting(database) == 50
        await publish(database, topic, range(50, 60))
        async with running(relay_to(any_kafka, database).run()):
            records = await read_all(any_kafka.bootstrap, topic, 110)

    keys = [record.key for record in records]
    assert list(dict.fromkeys(keys)) == [b"workplace/w%d" % number for number in range(60)]
    assert Counter(keys) == Counter({b"workplace/w%d" % number: 2 if number < 50 else 1 for number in range(60)})
    twice = [record.headers["ce_id"] for record in records if record.key == b"workplace/w0"]
    assert len(set(twice)) == 1, "the same event keeps its id"


@asynccontextmanager
async def held_for_marking(url: str, database: Database) -> AsyncIterator[None]:
    """Keeps the relay from marking: the file of SQLite is locked, or the rows of PostgreSQL are."""
    if database.is_sqlite:
        with locked_by_somebody_else(url):
            yield
        return
    async with database.transaction() as tx:
        await tx.exec(select(OutboxRow).with_for_update())
        yield


async def test_of_two_relays_on_one_database_one_waits_until_the_other_is_gone(
    any_kafka: RunningBroker, database_url: str, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"two-relays-{unique}")
    async with (
        open_database(database_url) as first,
        open_database(database_url) as second,
        running(relay_to(any_kafka, first).run()) as (relay,),
    ):
        await publish(first, topic, range(1))
        await read_all(any_kafka.bootstrap, topic, 1)
        async with running(relay_to(any_kafka, second).run()):
            for number in range(1, 30):
                await publish(second, topic, range(number, number + 1))
            await read_all(any_kafka.bootstrap, topic, 30)
            await eventually(lambda: nothing_waits(first), what="every row marked")
            relay.cancel()
            await publish(second, topic, range(30, 31))
            records = await read_all(any_kafka.bootstrap, topic, 31)
            await eventually(lambda: nothing_waits(second), what="every row marked")
    assert [record.key for record in records] == [b"workplace/w%d" % number for number in range(31)]


async def test_a_message_as_large_as_the_largest_body_gets_through(
    any_kafka: RunningBroker, database: Database, unique: str
) -> None:
    topic = await make_topic(any_kafka.bootstrap, f"large-{unique}")
    async with database.transaction() as tx:
        row = OutboxRow(
            topic=topic, region="NL-R01", key=b"k", value=b"x" * 1_300_000, headers={}, created_at=utc_now()
        )
        tx.add(row)
    async with running(relay_to(any_kafka, database).run()):
        (record,) = await read_all(any_kafka.bootstrap, topic, 1)
    assert len(record.value or b"") == 1_300_000
