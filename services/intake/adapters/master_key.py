"""Compares the master key with what the database holds, before anything is sealed under another."""

from shared.persistence.database import Database
from shared.security.sealing import Sealer
from shared.webhooks.hooks import check_webhook_keys


async def check_master_key(database: Database, sealer: Sealer) -> None:
    """Raises Misconfigured when another master key sealed the secrets that the database holds."""
    async with database.reading() as tx:
        await check_webhook_keys(tx, sealer)
