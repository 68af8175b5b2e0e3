"""Waiting until the broker answers and has the topics that a stream reads."""

import asyncio
import random
from collections.abc import Sequence

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 2.0

log = structlog.get_logger()


async def wait_for_topics(bootstrap: str, topics: Sequence[str]) -> None:
    """Return once every topic exists; until then ask again with growing, jittered pauses, and say what is amiss."""
    pause_s = FIRST_PAUSE_S
    told: str | None = None
    while (problem := await _what_is_missing(bootstrap, topics)) is not None:
        if problem != told:
            log.warning("broker_not_ready", bootstrap=bootstrap, problem=problem)
            told = problem
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


async def _what_is_missing(bootstrap: str, topics: Sequence[str]) -> str | None:
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await client.bootstrap()
        cluster = await client.fetch_all_metadata()
    except (KafkaError, OSError, TimeoutError) as problem:
        return f"no answer: {problem!r}"
    finally:
        await client.close()
    missing = sorted(set(topics) - set(cluster.topics()))
    return f"topics missing: {', '.join(missing)}" if missing else None
