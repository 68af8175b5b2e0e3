"""Removes what is told of plans that were replaced long ago, in small pieces, so that nobody waits for it."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.adapters.tables import PlanVersionRow, RegionPlanRow
from shared.persistence.database import Database

PIECE = 500
"""So many versions in one transaction."""


async def forget_plans(database: Database, before: datetime) -> int:
    """Deletes the versions that were published before this moment, except the one that holds; how many there were."""
    async with database.reading() as tx:
        held = (await tx.exec(select(RegionPlanRow.region, RegionPlanRow.version))).all()
    gone = 0
    for region, version in held:
        while True:
            async with database.transaction() as tx:
                number = await _forget_some(tx, region, version, before)
            gone += number
            if number < PIECE:
                break
    return gone


async def _forget_some(tx: AsyncSession, region: str, held: int, before: datetime) -> int:
    """Numbers grow with time, so the oldest are found by their key."""
    of_region = col(PlanVersionRow.region) == region
    replaced = select(PlanVersionRow.version, PlanVersionRow.published_at).where(
        of_region, col(PlanVersionRow.version) < held
    )
    oldest = (await tx.exec(replaced.order_by(col(PlanVersionRow.version)).limit(PIECE))).all()
    old = [version for version, published_at in oldest if published_at < before]
    if old:
        await tx.exec(delete(PlanVersionRow).where(of_region, col(PlanVersionRow.version) <= old[-1]))
    return len(old)
