"""What intake knows of regions, schools and what they offer, on SQL: read models of what others tell."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.tables import KnownRegionRow, KnownWorkplaceRow
from services.intake.adapters.tables_pages import KnownSiteRow
from services.intake.domain.registrations import KnownRegion, KnownSite
from shared.contracts.catalogue import REGION_SETTINGS
from shared.persistence.tables import ConsumerOffset


class SqlKnown:
    """One transaction's view of what is known."""

    _tx: AsyncSession

    async def region(self, region: str) -> KnownRegion | None:
        row = await self._tx.get(KnownRegionRow, region)
        if row is None:
            return None
        ends = {period: date.fromisoformat(end) for period, end in row.ends.items()}
        return KnownRegion(row.id, tuple(row.periods), tuple(row.institutes), tuple(row.related), row.name, ends)

    async def save_region(self, region: KnownRegion, sequence: int) -> None:
        row = await self._tx.get(KnownRegionRow, region.id)
        if row is not None and row.sequence >= sequence:
            return
        row = row or KnownRegionRow(id=region.id, sequence=sequence, periods=[], institutes=[], related=[], ends={})
        row.sequence, row.periods, row.institutes = sequence, list(region.periods), list(region.institutes)
        row.related, row.name = list(region.related), region.name
        row.ends = {period: end.isoformat() for period, end in region.ends.items()}
        self._tx.add(row)

    async def read_regions_anew(self) -> int:
        rows = [row for row in await self._tx.exec(select(KnownRegionRow)) if row.periods and not row.ends]
        if rows:
            for row in rows:
                row.sequence = 0
                self._tx.add(row)
            # the consumer sees at its next batch that its place was moved, and takes the one that holds: none
            await self._tx.exec(delete(ConsumerOffset).where(col(ConsumerOffset.topic).endswith(REGION_SETTINGS)))
        return len(rows)

    async def subjects(self, region: str) -> Collection[str]:
        offered = select(KnownWorkplaceRow.subject).where(col(KnownWorkplaceRow.region) == region).distinct()
        known = await self._tx.get(KnownRegionRow, region)
        return frozenset([*await self._tx.exec(offered), *(known.related if known is not None else ())])

    async def save_workplace(self, workplace: str, sequence: int, region: str, subject: str) -> None:
        row = await self._tx.get(KnownWorkplaceRow, workplace)
        row = row or KnownWorkplaceRow(id=workplace, sequence=0, region=region, subject=subject)
        if row.sequence < sequence:
            row.sequence, row.region, row.subject = sequence, region, subject
            self._tx.add(row)

    async def save_site(self, site: KnownSite, sequence: int) -> None:
        row = await self._tx.get(KnownSiteRow, site.id) or KnownSiteRow(id=site.id, sequence=0, name="", town="")
        if row.sequence < sequence:
            row.sequence, row.name, row.town, row.lat, row.lon = sequence, site.name, site.town, site.lat, site.lon
            self._tx.add(row)
