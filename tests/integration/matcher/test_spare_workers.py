"""A worker for which no partition is left is ready to take over, and one that loses its last keeps nothing of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.testing.kafka import RunningBroker
from tests.integration.matcher.matcher_process import Matcher, producing
from tests.support.eventually import eventually
from tests.support.service_process import ended


@pytest.fixture
async def workers(any_kafka: RunningBroker, unique: str, tmp_path: Path) -> AsyncIterator[Matcher]:
    """Of topics with one partition."""
    made = Matcher(any_kafka.bootstrap, any_kafka.is_apache, unique, tmp_path)
    admin = AIOKafkaAdminClient(bootstrap_servers=any_kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1) for topic in made.topics])
    await admin.close()
    yield made
    made.stop()


def ready(workers: Matcher) -> dict[int, bool]:
    """Of each process that is ready, whether nothing is left for it."""
    found: dict[int, bool] = {}
    for what, detail in workers.rows("select what, detail from happened where what like '%ready' order by id"):
        told = json.loads(detail)
        found.pop(told["pid"], None)
        if what == "ready":
            found[told["pid"]] = told["spare"]
    return found


async def test_of_two_workers_for_one_partition_both_are_ready_and_the_spare_one_takes_over(workers: Matcher) -> None:
    started = [workers.start(instance_id=None, session_timeout_s=6.0) for _ in range(2)]
    await eventually(lambda: sorted(ready(workers).values()) == [False, True], within_s=40, what="two that are ready")
    (busy,) = [one for one in started if not ready(workers)[one.pid]]
    async with producing(workers.options["bootstrap"]) as producer:
        sent = [await producer.send_and_wait(workers.topics[0], b"1", key=b"k")]
        await workers.has_handled(1)
        busy.terminate()
        assert await ended(busy, within_s=15) == 0
        sent += [await producer.send_and_wait(workers.topics[0], b"2", key=b"k")]
        await workers.has_handled(2)
    workers.assert_handled_exactly([(one.topic, one.partition, one.offset) for one in sent])
