"""Erases students who have asked for nothing any more for as long as the settings say."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from services.intake import handlers
from services.intake.bootstrap import Parts
from services.intake.domain.access import Who
from shared.errors import TransientError

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
MOST = 200
"""So many in one transaction."""
Sleep = Callable[[float], Awaitable[None]]


async def tidy(parts: Parts, sleep: Sleep = asyncio.sleep) -> None:
    """Tidies now and every hour, until cancelled; where the database is away it waits for the next time."""
    while True:
        try:
            while await erase_some(parts):
                pass
            await parts.runtime.database.leave_no_trace()
        except TransientError as problem:
            log.warning("not tidied", problem=str(problem)[:300])
        await sleep(EVERY_S)


async def erase_some(parts: Parts) -> int:
    """Erases at most so many students; how many there were."""
    before = parts.clock() - timedelta(days=parts.settings.keep_days)
    async with parts.runtime.database.transaction() as tx:
        erased = await handlers.erase_outlived(parts.store(tx, Who(parts.runtime.name)), before, MOST)
    if erased:
        log.info("students erased", number=erased)
        parts.runtime.relay.wake()
    return erased
