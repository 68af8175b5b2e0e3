"""Messages that name somebody: to show them what was sent about them, and to forget it."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.webhooks.tables import DeliveryRow, TryRow


async def messages_naming(tx: AsyncSession, identifier: str) -> Sequence[dict[str, str]]:
    """What was told about whom this id stands for: where to, when, and how it was worded."""
    found = await tx.exec(select(DeliveryRow).where(col(DeliveryRow.body).contains(identifier, autoescape=True)))
    return [
        {"webhook": one.webhook, "type": one.type, "at": one.created_at.isoformat(), "body": one.body} for one in found
    ]


async def forget_messages_naming(tx: AsyncSession, identifier: str) -> None:
    """Deletes what was told about whom this id stands for, and what still waits to be."""
    naming = col(DeliveryRow.body).contains(identifier, autoescape=True)
    await tx.exec(delete(TryRow).where(col(TryRow.delivery).in_(select(DeliveryRow.id).where(naming))))
    await tx.exec(delete(DeliveryRow).where(naming))
