"""Whether Kafka answers is asked of each of its addresses, and what only listens does not count."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.child_process import free_port
from shared.messaging.reachable import KafkaWatch
from shared.observability.metrics import KAFKA_REACHABLE
from shared.testing.kafka import RunningBroker
from tests.support.eventually import eventually


@asynccontextmanager
async def watching(bootstrap: str) -> AsyncIterator[KafkaWatch]:
    watch = KafkaWatch(bootstrap)
    assert watch.is_away, "until somebody answered"
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()


def told() -> float | None:
    """What the metric says."""
    return next(iter(KAFKA_REACHABLE.collect())).samples[0].value


async def test_kafka_answers_when_one_of_its_addresses_does(any_kafka: RunningBroker) -> None:
    async with watching(f"127.0.0.1:{free_port()}, {any_kafka.bootstrap}") as watch:
        await eventually(lambda: not watch.is_away, what="an answer")
        assert told() == 1


async def test_what_listens_and_never_answers_is_away(embedded_kafka: RunningBroker) -> None:
    async with watching(embedded_kafka.bootstrap):
        await eventually(lambda: told() == 1, what="a metric that is to fall")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        async with watching(f"127.0.0.1:{deaf.getsockname()[1]}") as watch:
            await eventually(lambda: told() == 0, what="a metric that fell")
            assert watch.is_away
