"""The way in: every event is applied once and in order, whatever crashes, rebalances or is delivered again."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

import shared
from shared.contracts.envelope import Event
from shared.errors import Conflict
from shared.messaging.inbox import Inbox, Tombstone
from shared.messaging.record import LogReplaced, Partition
from shared.persistence.database import Database
from shared.persistence.tables import ConsumerOffset
from shared.testing.kafka import RunningBroker
from tests.support.consuming import build, leave_effect, settings
from tests.support.databases import EFFECTS, effects, has_effects, open_database
from tests.support.eventually import PATIENCE, eventually
from tests.support.streams import Raw, raw, running, send, workplace

ROOT = Path(shared.__path__[0]).parent


async def offsets_total(database: Database) -> int:
    async with database.reading() as tx:
        return (await tx.exec(select(func.coalesce(func.sum(col(ConsumerOffset.next_offset)), 0)))).one()


async def test_each_event_of_a_partition_is_applied_once_and_in_order(
    any_kafka: RunningBroker, database: Database, topic: str
) -> None:
    await send(any_kafka.bootstrap, topic, [raw(workplace(1, sequence)) for sequence in range(1, 301)])
    async with running(build(settings(any_kafka.bootstrap, topic, topic), database, leave_effect()).run()):
        await eventually(has_effects(database, 300))
    assert await effects(database) == [("workplace/w1", sequence) for sequence in range(1, 301)]
    assert await offsets_total(database) == 300


async def test_a_consumer_killed_in_mid_flow_goes_on_without_gap_or_double(
    any_kafka: RunningBroker, database_url: str, database: Database, topic: str
) -> None:
    regions = ("NL-R01", "NL-R02")
    await send(any_kafka.bootstrap, topic, [raw(workplace(1, n, region)) for n in range(1, 401) for region in regions])
    command = [sys.executable, "-m", "tests.support.consuming", database_url, any_kafka.bootstrap, topic, topic]
    for at_least in (1, 250):
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            await eventually(has_effects(database, at_least), within_s=20)
        finally:
            process.kill()
            await process.wait()
    assert len(await effects(database)) < 800, "the kill came too late to say anything"
    async with running(build(settings(any_kafka.bootstrap, topic, topic), database, leave_effect()).run()):
        await eventually(has_effects(database, 800), within_s=20)

    applied = await effects(database)
    assert len(applied) == 800
    assert sorted(applied) == sorted(("workplace/w1", n) for n in range(1, 401) for _ in regions)
    assert await offsets_total(database) == 800


async def test_what_the_broker_delivers_again_changes_nothing(
    any_kafka: RunningBroker, database: Database, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(any_kafka.bootstrap, topic, [raw(workplace(n)) for n in range(30)])
    read = settings(any_kafka.bootstrap, topic, topic)
    async with running(build(read, database, leave_effect()).run()):
        await eventually(has_effects(database, 30))
    monkeypatch.setattr(AIOKafkaConsumer, "seek", lambda *_: None)  # so that it reads from the start again
    await send(any_kafka.bootstrap, topic, [raw(workplace(30))])
    async with running(build(read, database, leave_effect()).run()):
        await eventually(has_effects(database, 31))
    assert [subject for subject, _ in await effects(database)] == [f"workplace/w{n}" for n in range(31)]


async def test_a_bug_in_the_handler_ends_the_consumer_without_moving_on(
    any_kafka: RunningBroker, database: Database, topic: str
) -> None:
    await send(any_kafka.bootstrap, topic, [raw(workplace(n)) for n in range(20)])

    async def stumble(event: Event | Tombstone) -> None:
        if event.subject == "workplace/w13":
            raise ZeroDivisionError("a bug")

    read = settings(any_kafka.bootstrap, topic, topic)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(build(read, database, leave_effect(before=stumble)).run(), 20 * PATIENCE)
    before = await effects(database)
    assert "workplace/w13" not in {subject for subject, _ in before}
    assert await offsets_total(database) == len(before)

    async with running(build(read, database, leave_effect()).run()):
        await eventually(has_effects(database, 20))
    assert [subject for subject, _ in await effects(database)] == [f"workplace/w{n}" for n in range(20)]


async def test_two_members_of_a_group_share_the_partitions_and_apply_each_event_once(
    any_kafka: RunningBroker, database_url: str, database: Database, topic: str
) -> None:
    async with open_database(database_url) as other:
        members = [
            build(settings(any_kafka.bootstrap, topic, topic), each, leave_effect(name))
            for name, each in (("one", database), ("two", other))
        ]
        async with running(*(member.run() for member in members)):
            sequence = 0

            async def both_work() -> bool:
                nonlocal sequence
                sequence += 1
                await send(any_kafka.bootstrap, topic, [raw(workplace(1, sequence, r)) for r in ("NL-R01", "NL-R02")])
                return len(await _workers(database)) == 2

            await eventually(both_work, within_s=20, every_s=0.1)
            await eventually(has_effects(database, 2 * sequence))
    assert sorted(await effects(database)) == sorted(("workplace/w1", n) for n in range(1, sequence + 1) for _ in "12")


async def _workers(database: Database) -> set[str]:
    async with database.reading() as tx:
        rows = await (await tx.connection()).execute(EFFECTS.select())
        return {row.applied_by for row in rows}


async def test_when_another_process_has_moved_the_offset_nothing_is_applied_twice(
    any_kafka: RunningBroker, database: Database, topic: str
) -> None:
    """The other process is played within the transaction, so that it works on SQLite, with its one writer, too."""
    await send(any_kafka.bootstrap, topic, [raw(workplace(n)) for n in range(10)])
    tries = 0
    leave = leave_effect()

    async def apply(tx: AsyncSession, events: Sequence[Event | Tombstone]) -> None:
        nonlocal tries
        await leave(tx, events)
        if any(event.subject == "workplace/w5" for event in events):
            tries += 1
            if tries == 1:
                raced = ConsumerOffset(
                    consumer=topic, topic=topic, partition=raw(workplace(5)).partition, next_offset=9
                )
                await tx.merge(raced)
                await tx.flush()

    async with running(build(settings(any_kafka.bootstrap, topic, topic), database, apply).run()):
        await eventually(has_effects(database, 10), within_s=15)
    assert tries == 2
    assert [subject for subject, _ in await effects(database)] == [f"workplace/w{n}" for n in range(10)]


async def test_a_log_that_was_replaced_by_a_shorter_one_is_not_passed_over_in_silence(
    any_kafka: RunningBroker, database: Database, topic: str
) -> None:
    await send(any_kafka.bootstrap, topic, [raw(workplace(n)) for n in range(5)])
    async with database.transaction() as tx:
        await Inbox(topic).advance(tx, {}, {Partition(topic, raw(workplace(0)).partition): 100})
    with pytest.raises(LogReplaced, match="ends at 5 and was read up to 100"):
        await asyncio.wait_for(
            build(settings(any_kafka.bootstrap, topic, topic), database, leave_effect()).run(), 20 * PATIENCE
        )
    assert await effects(database) == []


async def test_an_offset_moves_only_from_where_it_was(database: Database) -> None:
    inbox, partition = Inbox("test"), Partition("t", 0)
    async with database.transaction() as tx:
        await inbox.advance(tx, {}, {partition: 10})
    for stale in ({partition: 9}, {}):
        with pytest.raises(Conflict):
            async with database.transaction() as tx:
                await inbox.advance(tx, stale, {partition: 11})
    async with database.transaction() as tx:
        assert await inbox.next_offsets(tx, [partition, Partition("t", 1)]) == {partition: 10}
        await inbox.advance(tx, {partition: 10}, {partition: 11})
    async with database.reading() as tx:
        assert await inbox.next_offsets(tx, [partition]) == {partition: 11}
        assert await Inbox("other").next_offsets(tx, [partition]) == {}


async def test_a_tombstone_reaches_the_handler(any_kafka: RunningBroker, database: Database, topic: str) -> None:
    await send(
        any_kafka.bootstrap, topic, [raw(workplace(1)), Raw(b"workplace/w1", None, {}, raw(workplace(1)).partition)]
    )
    seen: list[type] = []

    async def note(event: Event | Tombstone) -> None:
        seen.append(type(event))

    async with running(build(settings(any_kafka.bootstrap, topic, topic), database, leave_effect(before=note)).run()):
        await eventually(has_effects(database, 2))
    assert seen == [Event, Tombstone]
    assert await effects(database) == [("workplace/w1", 1), ("workplace/w1", 0)]
