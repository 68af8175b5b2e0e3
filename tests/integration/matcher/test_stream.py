"""The stream against real brokers: exactly our own offsets, whatever dies."""

import asyncio
import json
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from shared.testing.kafka import RunningBroker
from tests.integration.matcher.matcher_process import PARTITIONS, Matcher, create_topics, producing, send
from tests.support.eventually import PATIENCE, eventually
from tests.support.service_process import ended

EXIT_BUG = 70


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
            await ended(process)
        died_at = time.monotonic()
        before = len(matcher.handled())
        matcher.start()
        sent += await send(producer, matcher.topics, 500)
        await matcher.has_handled(min(before + 1, len(sent)))
        assert time.monotonic() - died_at < 10 * PATIENCE
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
    assert max(records for _, records in widths) <= matcher.options["batch_size"]


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
        assert await ended(matcher.start(poison="poison")) == EXIT_BUG
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
        assert await ended(process, within_s=15) == 0
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
        matcher.start(instance_id=None, session_timeout_s=4.0)
        await matcher.has_handled(100)
        second = matcher.start(instance_id=None, session_timeout_s=4.0)
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
        return len(at) == 3 * PARTITIONS and all(place == [10, 10] for place in at) and latest["stalled_s"] < 1.0

    await eventually(is_idle_without_lag, within_s=10, what="no lag")


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
            assert time.monotonic() - back_at < 30 * PATIENCE, matcher.output.read_text()[-3000:]
            await asyncio.sleep(0.1)
    matcher.assert_handled_exactly(sent)


async def test_a_log_that_was_replaced_by_a_shorter_one_ends_the_process_and_is_not_passed_over_in_silence(
    matcher: Matcher,
) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)
    async with producing(bootstrap) as producer:
        sent = await send(producer, matcher.topics, 120)
    replaced = (matcher.topics[0], 2)
    with sqlite3.connect(matcher.ledger) as database:
        database.execute(
            "create table offsets (topic text, partition integer, next integer, primary key (topic, partition))"
        )
        database.execute("insert into offsets values (?, ?, 1000)", replaced)
    assert await ended(matcher.start()) == EXIT_BUG
    assert f"LogReplaced: {matcher.topics[0]}/2" in matcher.output.read_text()
    assert set(matcher.handled()) <= {row for row in sent if row[:2] != replaced}


async def test_offsets_without_a_record_are_no_gap_and_no_lag(kafka: RunningBroker, matcher: Matcher) -> None:
    if not kafka.is_apache or matcher.options["bootstrap"] != kafka.bootstrap:
        pytest.skip("only Apache Kafka writes transaction markers, which take an offset as a compacted record does")
    await create_topics(kafka.bootstrap, matcher.topics)
    matcher.start()
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=matcher.options["app_id"])
    await producer.start()
    try:
        for number in range(5):
            async with producer.transaction():
                await producer.send_and_wait(matcher.topics[0], b"v", key=b"k%d" % number, partition=0)
    finally:
        await producer.stop()
    await matcher.has_handled(5)
    assert [offset for _, _, offset in matcher.handled()] == [0, 2, 4, 6, 8]

    def latest() -> object:
        rows = matcher.rows("select detail from happened where what = 'lag'")
        return json.loads(rows[0][0])["lag"].get(f"{matcher.topics[0]}/0") if rows else None

    await eventually(lambda: latest() == [10, 10], within_s=10, what="no lag")


async def test_a_handler_that_never_returns_cannot_hold_up_the_end(matcher: Matcher) -> None:
    bootstrap = matcher.options["bootstrap"]
    await create_topics(bootstrap, matcher.topics)
    async with producing(bootstrap) as producer:
        await send(producer, matcher.topics, 10)
    process = matcher.start(pause_s=10_000, stop_timeout_s=1.0)
    await eventually(lambda: matcher.rows("select 1 from happened where what = 'begun'"), within_s=30, what="a batch")
    process.send_signal(signal.SIGTERM)
    assert await ended(process, within_s=10) == EXIT_BUG
    assert matcher.handled() == []
