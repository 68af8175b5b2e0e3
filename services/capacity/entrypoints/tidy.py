"""Deletes what has outlived its use: news of the plan that nobody waits for, links and sessions that are over, old lines of who read what."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from services.capacity.bootstrap import Parts
from shared.errors import TransientError

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
KEEP_READS = timedelta(days=400)
"""So long it can be told who read what: a school year and some weeks."""
Sleep = Callable[[float], Awaitable[None]]


async def tidy(parts: Parts, sleep: Sleep = asyncio.sleep) -> None:
    """Tidies now and every hour, until cancelled; where the database is away it waits for the next time."""
    while True:
        try:
            async with parts.runtime.database.transaction() as tx:
                await parts.store(tx, parts.runtime.name).forget_old_news()
                now, lifetime = parts.clock(), parts.settings.lifetime
                people = parts.access.people(tx, parts.runtime.name)
                await people.forget_old(now, now - lifetime.idle, now - KEEP_READS)
        except TransientError as problem:
            log.warning("not tidied", problem=str(problem)[:300])
        await sleep(EVERY_S)
