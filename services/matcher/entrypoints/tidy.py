"""Removes what is told of plans that were replaced long ago, every hour."""

from datetime import timedelta

import structlog

from services.matcher.adapters.old_plans import forget_plans
from services.matcher.bootstrap import Parts
from shared.clock import Clock, machine_clock

log = structlog.get_logger(__name__)


async def tidy_once(parts: Parts, clock: Clock = machine_clock) -> None:
    """Removes all that is old enough."""
    before = clock() - timedelta(days=parts.settings.keep_plans_days)
    gone = await forget_plans(parts.runtime.database, before)
    if gone:
        log.info("old plan versions removed", number=gone)
