"""Removes alerts that are long over and mails that are long sent, in small pieces, so that nobody waits for it."""

import asyncio
from datetime import timedelta

import structlog

from services.notifier.bootstrap import Parts
from shared.hourly import Sleep, hourly

log = structlog.get_logger(__name__)

PIECE = 200
"""So many alerts or mails in one transaction."""


async def tidy(parts: Parts, sleep: Sleep = asyncio.sleep) -> None:
    """Tidies now and every hour, until cancelled."""

    async def work() -> None:
        alerts, mails = await tidy_once(parts)
        if alerts or mails:
            log.info("old alerts and mails removed", alerts=alerts, mails=mails)
            await parts.runtime.database.leave_no_trace()

    await hourly(work, sleep)


async def tidy_once(parts: Parts) -> tuple[int, int]:
    """Removes all that is old enough; how many alerts and how many mails, not counting those that went with an alert."""
    before = parts.clock() - timedelta(days=parts.settings.keep_days)
    alerts = mails = 0
    is_more = True
    while is_more:
        async with parts.writing() as store:
            gone = await store.forget_alerts(before, PIECE)
        alerts, is_more = alerts + gone, gone == PIECE
    is_more = True
    while is_more:
        async with parts.writing() as store:
            gone = await store.forget_mails(before, PIECE)
        mails, is_more = mails + gone, gone == PIECE
    return alerts, mails
