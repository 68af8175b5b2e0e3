"""Notes in the database that a worker was fenced off: it ends by that, so that a metric alone would be lost with it."""

from datetime import datetime

from sqlmodel import col, func, select

from services.matcher.adapters.metrics import FENCINGS
from services.matcher.adapters.store import ACTOR, SqlStore
from services.matcher.ports import Commit
from shared.errors import Conflict
from shared.persistence.tables import AuditRow

FENCED = "worker.fenced"


class CountingStore(SqlStore):
    """The store of a running worker."""

    async def commit(self, commit: Commit, now: datetime) -> None:
        """Keeps a batch in one transaction; notes and raises Conflict when another worker was first."""
        try:
            await super().commit(commit, now)
        except Conflict:
            regions = ", ".join(plan.region for plan in commit.plans)
            async with self._database.transaction() as tx:
                tx.add(AuditRow(at=now, actor=ACTOR, action=FENCED, aggregate=f"region/{regions}", sequence=0))
            raise

    async def tell_fencings(self) -> None:
        """Sets the metric to all that were noted."""
        async with self._database.reading() as tx:
            noted = select(func.count()).select_from(AuditRow).where(col(AuditRow.action) == FENCED)
            FENCINGS.set((await tx.exec(noted)).one())
