"""What was before on SQL: versions to go back to, who changed what, what the plan did since, what a school checked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters import rows
from services.capacity.adapters.stamp import Stamp
from services.capacity.adapters.tables import KeptVersionRow, NewsRow, SiteCheckRow
from services.capacity.domain.news import News, What
from services.capacity.ports.history import Check
from shared.audited import Change
from shared.persistence.statements import insert_rows
from shared.persistence.tables import AuditRow, OutboxRow

KEEP = timedelta(days=2)
"""Versions of people and workplaces before the last two, which are needed to go back one, are kept no longer than this."""
KEEP_NEWS = timedelta(days=8)
REGION = "region/"


class SqlHistory:
    """One transaction's view of what was before."""

    _tx: AsyncSession
    _stamp: Stamp

    async def version(self, aggregate: str, sequence: int) -> Mapping[str, object] | None:
        row = await self._tx.get(KeptVersionRow, (aggregate, sequence))
        return None if row is None else row.body

    async def versions(self, aggregate: str, limit: int) -> Mapping[int, Mapping[str, object]]:
        found = select(KeptVersionRow).where(col(KeptVersionRow.aggregate) == aggregate)
        newest = found.order_by(col(KeptVersionRow.sequence).desc()).limit(limit)
        return {row.sequence: row.body for row in await self._tx.exec(newest)}

    async def versions_of(self, aggregates: Collection[str]) -> Mapping[tuple[str, int], Mapping[str, object]]:
        found = select(KeptVersionRow).where(col(KeptVersionRow.aggregate).in_(aggregates))
        return {(row.aggregate, row.sequence): row.body for row in await self._tx.exec(found)}

    async def last_changes(self, aggregates: Collection[str]) -> Mapping[str, Change]:
        newest = (
            select(func.max(AuditRow.id))
            .where(col(AuditRow.aggregate).in_(aggregates))
            .group_by(col(AuditRow.aggregate))
        )
        found = await self._tx.exec(select(AuditRow).where(col(AuditRow.id).in_(newest)))
        return {row.aggregate: rows.change_of(row) for row in found}

    async def change(self, aggregate: str, sequence: int) -> Change | None:
        found = select(AuditRow).where(col(AuditRow.aggregate) == aggregate, col(AuditRow.sequence) == sequence)
        row = (await self._tx.exec(found.order_by(col(AuditRow.id).desc()).limit(1))).first()
        return None if row is None else rows.change_of(row)

    async def changes_of(self, aggregates: Collection[str], limit: int) -> Sequence[Change]:
        found = select(AuditRow).where(col(AuditRow.aggregate).in_(aggregates))
        return [
            rows.change_of(row) for row in await self._tx.exec(found.order_by(col(AuditRow.id).desc()).limit(limit))
        ]

    async def note(self, action: str, aggregate: str, sequence: int) -> None:
        row = AuditRow(
            at=self._stamp.now, actor=self._stamp.actor, action=action, aggregate=aggregate, sequence=sequence
        )
        self._tx.add(row)

    async def is_told(self, aggregate: str) -> bool:
        waiting = select(OutboxRow.id).where(
            col(OutboxRow.published_at).is_(None), col(OutboxRow.key) == aggregate.encode()
        )
        return (await self._tx.exec(waiting.limit(1))).first() is None

    async def news(self, site: str, since: datetime) -> Mapping[str, What]:
        known = col(NewsRow.what).in_(list(What))  # a newer process beside this one may tell more
        found = (
            select(NewsRow).where(col(NewsRow.site) == site, col(NewsRow.at) >= since, known).order_by(col(NewsRow.id))
        )
        return {row.student: What(row.what) for row in await self._tx.exec(found)}

    async def forget_old_news(self) -> None:
        await self._tx.exec(delete(NewsRow).where(col(NewsRow.at) < self._stamp.now - KEEP_NEWS))

    async def check_site(self, site: str, period: str) -> None:
        row = await self._tx.get(SiteCheckRow, (site, period))
        row = row or SiteCheckRow(site=site, period=period, at=self._stamp.now, actor=self._stamp.actor)
        row.at, row.actor = self._stamp.now, self._stamp.actor
        self._tx.add(row)

    async def checks(self, sites: Collection[str]) -> Sequence[Check]:
        found = await self._tx.exec(select(SiteCheckRow).where(col(SiteCheckRow.site).in_(sites)))
        return [Check(row.site, row.period, row.at) for row in found]

    async def _add_news(self, news: Sequence[News]) -> None:
        told = [{"at": self._stamp.now, "site": one.site, "student": one.student, "what": one.what} for one in news]
        await insert_rows(self._tx, NewsRow, told)

    async def _keep(self, aggregate: str, sequence: int, body: dict[str, object]) -> None:
        """Keeps what a version holds; of a region every version, of others for as long as it can be undone."""
        self._tx.add(KeptVersionRow(aggregate=aggregate, sequence=sequence, at=self._stamp.now, body=body))
        if not aggregate.startswith(REGION):
            outlived = (
                col(KeptVersionRow.aggregate) == aggregate,
                col(KeptVersionRow.sequence) < sequence - 1,
                col(KeptVersionRow.at) < self._stamp.now - KEEP,
            )
            await self._tx.exec(delete(KeptVersionRow).where(*outlived))

    async def _forget_versions(self, aggregate: str) -> None:
        await self._tx.exec(delete(KeptVersionRow).where(col(KeptVersionRow.aggregate) == aggregate))
