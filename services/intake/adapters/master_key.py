"""Compares the master key with what the database holds, before anything is sealed under another."""

from sqlmodel import col, select

from services.intake.adapters.tables_webhooks import WebhookRow
from shared.persistence.database import Database
from shared.security.sealing import Sealer, WrappedKey


async def check_master_key(database: Database, sealer: Sealer) -> None:
    """Raises Misconfigured when another master key sealed the secrets that the database holds."""
    async with database.reading() as tx:
        first = (await tx.exec(select(WebhookRow).order_by(col(WebhookRow.id)).limit(1))).first()
    if first is not None:
        sealer.check(WrappedKey(first.wrapped_key), first.id)
