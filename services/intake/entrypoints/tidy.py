"""Erases students who have asked for nothing any more for as long as the settings say, and mends what older versions left: ties that they should
not have taken, regions without a name."""

import asyncio
from datetime import timedelta

import structlog

from services.intake import handlers
from services.intake.bootstrap import Parts
from services.intake.domain.access import Who
from shared.hourly import Sleep, hourly

log = structlog.get_logger(__name__)

MOST = 200
"""So many in one transaction."""


async def tidy(parts: Parts, sleep: Sleep = asyncio.sleep) -> None:
    """Tidies now and every hour, until cancelled."""

    async def work() -> None:
        await read_regions_anew(parts)
        while await drop_some(parts):
            pass
        while await erase_some(parts):
            pass
        await parts.runtime.database.leave_no_trace()

    await hourly(work, sleep)


async def read_regions_anew(parts: Parts) -> None:
    """Where a process of the version before, still running beside this one, kept regions as far as it knew them."""
    async with parts.runtime.database.transaction() as tx:
        found = await parts.store(tx, Who(parts.runtime.name)).read_regions_anew()
    if found:
        log.info("regions are read anew", number=found)


async def drop_some(parts: Parts) -> int:
    """Drops the ties to students of other institutes of at most so many students; how many they were."""
    async with parts.runtime.database.transaction() as tx:
        dropped = await handlers.drop_strangers(parts.store(tx, Who(parts.runtime.name)), MOST)
    if dropped:
        log.info("ties to students of other institutes dropped", number=dropped)
        parts.runtime.relay.wake()
    return dropped


async def erase_some(parts: Parts) -> int:
    """Erases at most so many students; how many there were."""
    before = parts.clock() - timedelta(days=parts.settings.keep_days)
    async with parts.runtime.database.transaction() as tx:
        erased = await handlers.erase_outlived(parts.store(tx, Who(parts.runtime.name)), before, MOST)
    if erased:
        log.info("students erased", number=erased)
        parts.runtime.relay.wake()
    return erased
