"""Deletes what has outlived its use: news nobody waits for, links and sessions that are over, names of who left, who read what."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from shared.errors import TransientError

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
MOST = 200
"""So many names in one transaction."""
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
            while await erase_some(parts):
                pass
            await parts.runtime.database.leave_no_trace()
        except TransientError as problem:
            log.warning("not tidied", problem=str(problem)[:300])
        await sleep(EVERY_S)


async def erase_some(parts: Parts) -> int:
    """Erases at most so many names; how many there were."""
    today = parts.today()
    before = today - timedelta(days=parts.settings.keep_days)
    async with parts.runtime.database.transaction() as tx:
        erased = await handlers.erase_outlived(parts.store(tx, parts.runtime.name), before, today, MOST)
    if erased:
        log.info("names erased", number=erased)
        parts.runtime.relay.wake()
    return erased
