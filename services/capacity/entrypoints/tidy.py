"""Deletes what has outlived its use: news nobody waits for, links and sessions that are over, names of who left, people nobody saw any more."""

import asyncio
from datetime import timedelta

import structlog

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from shared.hourly import Sleep, hourly

log = structlog.get_logger(__name__)

MOST = 200
"""So many names in one transaction."""


async def tidy(parts: Parts, sleep: Sleep = asyncio.sleep) -> None:
    """Tidies now and every hour, until cancelled."""

    async def work() -> None:
        async with parts.runtime.database.transaction() as tx:
            store = parts.store(tx, parts.runtime.name)
            await store.forget_old_news()
            await store.forget_old_names()
            now, lifetime = parts.clock(), parts.settings.lifetime
            people = parts.access.people(tx, parts.runtime.name)
            await people.forget_old(now, now - lifetime.idle, now - timedelta(days=parts.settings.keep_reads_days))
        while await erase_some(parts):
            pass
        await parts.runtime.database.leave_no_trace()

    await hourly(work, sleep)


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
