"""Topics: made once, by whoever comes first, and never with a number of partitions that would move a region."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.child_process import free_port
from shared.errors import TransientError
from shared.messaging.topics import LARGEST_EVENT, LARGEST_PARKED, TopicPlan, ensure_topics
from shared.testing.kafka import RunningBroker
from tests.support.eventually import eventually

PLAN = TopicPlan(3, 1)


async def ensured(broker: RunningBroker, names: list[str]) -> None:
    """As a service does it: tries again while Kafka is not ready."""

    async def done() -> bool:
        try:
            await ensure_topics(broker.bootstrap, names, PLAN)
        except TransientError:
            return False
        return True

    await eventually(done, within_s=20)


async def partitions(broker: RunningBroker, names: list[str]) -> list[int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        return [len(each["partitions"]) for each in await admin.describe_topics(names)]
    finally:
        await admin.close()


async def test_each_topic_has_a_parked_twin_with_as_many_partitions(any_kafka: RunningBroker, unique: str) -> None:
    names = [f"a-{unique}", f"b-{unique}"]
    await ensured(any_kafka, names)
    assert await partitions(any_kafka, [*names, *(f"{name}.parked" for name in names)]) == [3, 3, 3, 3]


async def test_four_services_that_start_at_once_make_the_topics_once(any_kafka: RunningBroker, unique: str) -> None:
    names = [f"a-{unique}", f"b-{unique}"]
    await asyncio.gather(*(ensured(any_kafka, names) for _ in range(4)))
    assert await partitions(any_kafka, names) == [3, 3]


async def test_another_number_of_partitions_is_refused_and_says_why(any_kafka: RunningBroker, unique: str) -> None:
    await ensured(any_kafka, [f"a-{unique}"])
    with pytest.raises(ValueError, match=f"topic a-{unique} has 3 partitions and PARTITIONS says 4: regions would"):
        await ensure_topics(any_kafka.bootstrap, [f"a-{unique}"], TopicPlan(4, 1))
    assert await partitions(any_kafka, [f"a-{unique}"]) == [3]


async def test_a_broker_that_is_away_is_transient() -> None:
    with pytest.raises(TransientError, match="kafka"):
        await ensure_topics(f"127.0.0.1:{free_port()}", ["a"], PLAN)


async def test_apache_kafka_compacts_the_topic_and_keeps_what_is_parked_for_ever(
    kafka: RunningBroker, unique: str
) -> None:
    if not kafka.is_apache:
        pytest.skip(f"{kafka.description} keeps no settings of topics")
    await ensured(kafka, [f"a-{unique}"])

    topic, parked = await settings_of(kafka, f"a-{unique}"), await settings_of(kafka, f"a-{unique}.parked")

    assert (topic["cleanup.policy"], topic["max.message.bytes"]) == ("compact", str(LARGEST_EVENT))
    assert (parked["cleanup.policy"], parked["max.message.bytes"]) == ("delete", str(LARGEST_PARKED))
    assert (parked["retention.ms"], parked["retention.bytes"]) == ("-1", "-1")


async def settings_of(broker: RunningBroker, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    return {entry[0]: entry[1] for entry in answer.resources[0][4]}
