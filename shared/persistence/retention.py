"""How long it can be told who changed what and who read what: the audit and the log of reads, each for so many days."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from shared.persistence.database import Database
from shared.persistence.tables import AuditRow, ReadRow

MOST = 2_000
"""So many rows in one transaction: nobody waits long for a table that was never tidied."""


async def forget_logs(database: Database, now: datetime, audit_days: int, reads_days: int) -> int:
    """Deletes what is older; how many rows there were. Ids grow with time, so the oldest are found without an index on moments."""
    gone = 0
    for table, days in ((AuditRow, audit_days), (ReadRow, reads_days)):
        before = now - timedelta(days=days)
        while number := await _forget_some(database, table, before):
            gone += number
    return gone


async def _forget_some(database: Database, table: type[AuditRow] | type[ReadRow], before: datetime) -> int:
    async with database.transaction() as tx:
        oldest = (await tx.exec(select(table.id, table.at).order_by(col(table.id)).limit(MOST))).all()
        old = [number for number, at in oldest if at < before]
        if old:
            await tx.exec(delete(table).where(col(table.id).in_(old)))
    return len(old)
