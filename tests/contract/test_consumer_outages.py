"""A consumer waits for a database that is locked and for a broker that restarts."""

import asyncio

import pytest

from shared.persistence.database import Database
from shared.testing.kafka import RunningBroker
from tests.support.consuming import build, leave_effect, settings
from tests.support.databases import effects, has_effects, locked_by_somebody_else, open_database
from tests.support.eventually import eventually
from tests.support.streams import make_topic, raw, running, send, workplace


async def test_a_database_that_is_locked_for_a_while_is_waited_for(
    any_kafka: RunningBroker, sqlite_url: str, topic: str
) -> None:
    async with open_database(sqlite_url, busy_timeout_s=0.1) as database:
        await send(any_kafka.bootstrap, topic, [raw(workplace(n)) for n in range(10)])
        consumer = build(settings(any_kafka.bootstrap, topic, topic), database, leave_effect())
        async with running(consumer.run()) as (task,):
            with locked_by_somebody_else(sqlite_url):
                done, _ = await asyncio.wait([task], timeout=2)
                assert not done
                assert await effects(database) == []
            await eventually(has_effects(database, 10), within_s=15)
        assert [subject for subject, _ in await effects(database)] == [f"workplace/w{n}" for n in range(10)]


async def test_a_broker_that_restarts_in_mid_flow_is_waited_for(
    kafka: RunningBroker, database: Database, unique: str
) -> None:
    if not (kafka.is_apache and kafka.is_ours):
        pytest.skip(f"{kafka.description} either keeps nothing or is not ours to kill")
    topic = await make_topic(kafka.bootstrap, f"restart-{unique}")
    await send(kafka.bootstrap, topic, [raw(workplace(1, n)) for n in range(1, 51)])
    async with running(build(settings(kafka.bootstrap, topic, topic), database, leave_effect()).run()):
        await eventually(has_effects(database, 1))
        kafka.kill()
        kafka.restart()
        await send(kafka.bootstrap, topic, [raw(workplace(1, n)) for n in range(51, 101)])
        await eventually(has_effects(database, 100), within_s=30)
    assert await effects(database) == [("workplace/w1", n) for n in range(1, 101)]
