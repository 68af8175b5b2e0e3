"""Deletes what has outlived its use: news of the plan that nobody waits for any more."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from services.capacity.bootstrap import Parts
from shared.errors import TransientError

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
Sleep = Callable[[float], Awaitable[None]]


async def tidy(parts: Parts, sleep: Sleep = asyncio.sleep) -> None:
    """Tidies now and every hour, until cancelled; where the database is away it waits for the next time."""
    while True:
        try:
            async with parts.runtime.database.transaction() as tx:
                await parts.store(tx, parts.runtime.name).forget_old_news()
        except TransientError as problem:
            log.warning("not tidied", problem=str(problem)[:300])
        await sleep(EVERY_S)
