"""Creates the topics with their partitions, and chooses the partition of a region."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.partitioner import murmur2

from shared.errors import TransientError

log = structlog.get_logger(__name__)

PARKED_SUFFIX = ".parked"
LARGEST_EVENT = 2 * 1_048_576
"""Twice the largest body over HTTP: an event is never larger, so none can get stuck in the outbox."""
LARGEST_PARKED = 2 * LARGEST_EVENT
"""A parked message is the original with the reason in its headers."""
COMPACTED = {"cleanup.policy": "compact", "max.message.bytes": str(LARGEST_EVENT)}
KEPT_FOR_EVER = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "max.message.bytes": str(LARGEST_PARKED),
}
"""Parked messages wait for a person, however long that takes."""


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """How many partitions and copies each topic has; equal for all, since a region has one partition number everywhere."""

    partitions: int
    replication: int


def partition_of(region: str, partitions: int) -> int:
    """The partition of a region: the same number in every topic, so that one matcher sees all of it, in order."""
    return int((murmur2(region.encode()) & 0x7FFFFFFF) % partitions)


async def ensure_topics(bootstrap: str, topics: Collection[str], plan: TopicPlan) -> None:
    """Creates each topic and its parked twin where missing; refuses a topic that has another number of partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        await _create(admin, [_topic(name, plan) for topic in topics for name in (topic, topic + PARKED_SUFFIX)])
        await _verify(admin, topics, plan)
    except (KafkaError, OSError, TimeoutError, asyncio.IncompleteReadError) as problem:
        raise TransientError(f"kafka: {problem!r}") from problem
    finally:
        await admin.close()


def _topic(name: str, plan: TopicPlan) -> NewTopic:
    settings = KEPT_FOR_EVER if name.endswith(PARKED_SUFFIX) else COMPACTED
    return NewTopic(name, plan.partitions, plan.replication, topic_configs=settings)


async def _create(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> None:
    existing = set(await admin.list_topics())
    missing = [topic for topic in topics if topic.name not in existing]
    if not missing:
        return
    response = await admin.create_topics(missing)
    for name, code, *_ in response.topic_errors:
        problem = for_code(code)
        if code and problem is not TopicAlreadyExistsError:
            raise problem(f"topic {name} was not created")
        log.info("topic created", topic=name)


async def _verify(admin: AIOKafkaAdminClient, topics: Collection[str], plan: TopicPlan) -> None:
    for described in await admin.describe_topics(list(topics)):
        found = len(described["partitions"])
        if described["error_code"]:
            raise KafkaConnectionError(f"topic {described['topic']} is not there yet")
        if found != plan.partitions:
            raise ValueError(
                f"topic {described['topic']} has {found} partitions and PARTITIONS says {plan.partitions}: "
                "regions would change partition and lose their order"
            )
