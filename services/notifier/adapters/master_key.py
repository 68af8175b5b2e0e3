"""Compares the master key with what the database holds, before anything is sealed under another."""

from sqlmodel import col, select

from services.notifier.adapters.tables import ContactKeyRow
from shared.persistence.database import Database
from shared.security.sealing import Sealer, WrappedKey
from shared.webhooks.hooks import check_webhook_keys


async def check_master_key(database: Database, sealer: Sealer) -> None:
    """Raises Misconfigured when another master key sealed the contacts that the database holds, or secrets of webhooks."""
    async with database.reading() as tx:
        first = (await tx.exec(select(ContactKeyRow).order_by(col(ContactKeyRow.created_at)).limit(1))).first()
        await check_webhook_keys(tx, sealer)
    if first is not None:
        sealer.check(WrappedKey(first.wrapped_key), first.contact)
