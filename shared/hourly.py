"""Work that is done every hour, and waits for the next when the database is away."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.errors import TransientError

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
Sleep = Callable[[float], Awaitable[None]]


async def hourly(work: Callable[[], Awaitable[None]], sleep: Sleep = asyncio.sleep) -> None:
    """Works now and every hour, until cancelled."""
    while True:
        try:
            await work()
        except TransientError as problem:
            log.warning("not tidied", problem=str(problem)[:300])
        await sleep(EVERY_S)
