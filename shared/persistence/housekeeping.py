"""Deletes what has outlived its use: published outbox rows and answers nobody will ask for again."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.persistence.tables import GivenAnswer, OutboxRow

KEEP_PUBLISHED = timedelta(days=7)
KEEP_ANSWERS = timedelta(days=7)


async def delete_outlived(tx: AsyncSession, now: datetime) -> None:
    """Rows that were published, or answered, more than a week ago."""
    await tx.exec(delete(OutboxRow).where(col(OutboxRow.published_at) < now - KEEP_PUBLISHED))
    await tx.exec(delete(GivenAnswer).where(col(GivenAnswer.given_at) < now - KEEP_ANSWERS))
