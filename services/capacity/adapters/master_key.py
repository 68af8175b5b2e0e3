"""Compares the master key with what the database holds, before anything is sealed under another."""

from sqlmodel import col, select

from services.capacity.adapters.people_tables import AccountRow
from services.capacity.adapters.tables import PersonKeyRow
from shared.persistence.database import Database
from shared.security.sealing import Sealer, WrappedKey
from shared.webhooks.hooks import check_webhook_keys


async def check_master_key(database: Database, sealer: Sealer) -> None:
    """Raises Misconfigured when another master key sealed the names that the database holds, of supervisors or of people who sign in, or secrets of webhooks."""
    async with database.reading() as tx:
        first = (await tx.exec(select(PersonKeyRow).order_by(col(PersonKeyRow.created_at)).limit(1))).first()
        await check_webhook_keys(tx, sealer)
        account = (await tx.exec(select(AccountRow).order_by(col(AccountRow.created_at)).limit(1))).first()
    if account is not None:
        sealer.check(WrappedKey(account.wrapped_key), account.id)
    if first is not None:
        sealer.check(WrappedKey(first.wrapped_key), first.person)
