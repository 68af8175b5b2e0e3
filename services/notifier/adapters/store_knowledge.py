"""Read models on SQL."""

from collections.abc import Collection, Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.rows import place_of, region_of, site_of
from services.notifier.adapters.seals import ContactSeals
from services.notifier.adapters.statements import chunks
from services.notifier.adapters.tables import AlertRow, ErasedRow, KnownRegionRow, KnownSiteRow, PlaceRow
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace


class SqlKnowledge:
    """One transaction's view of what others' events taught."""

    _tx: AsyncSession
    _rows: HeldRows
    _seals: ContactSeals

    async def read_ahead(self, students: Collection[str], alerts: Collection[str]) -> None:
        await self._rows.read_ahead(ErasedRow, [self._seals.fingerprint(student) for student in students])
        await self._rows.read_ahead(PlaceRow, students)
        await self._rows.read_groups(AlertRow, "student", students)
        await self._rows.read_ahead(AlertRow, alerts)

    async def region(self, region: str) -> KnownRegion | None:
        row = await self._rows.read(KnownRegionRow, region)
        return None if row is None else region_of(row)

    async def regions(self) -> Mapping[str, KnownRegion]:
        return {row.id: region_of(row) for row in await self._tx.exec(select(KnownRegionRow))}

    async def save_region(self, region: KnownRegion) -> None:
        starts = {period: start.isoformat() for period, start in region.starts.items()}
        row = KnownRegionRow(
            id=region.id,
            name=region.name,
            starts=starts,
            sequence=region.sequence,
            day=region.day,
            day_sequence=region.day_sequence,
            heard_at=region.heard_at,
        )
        await self._rows.keep(row, region.id)

    async def site(self, site: str) -> KnownSite | None:
        row = await self._rows.read(KnownSiteRow, site)
        return None if row is None else site_of(row)

    async def sites(self, sites: Collection[str]) -> Mapping[str, KnownSite]:
        found: dict[str, KnownSite] = {}
        for ids in chunks(sites):
            rows = await self._tx.exec(select(KnownSiteRow).where(col(KnownSiteRow.id).in_(ids)))
            found |= {row.id: site_of(row) for row in rows}
        return found

    async def save_site(self, site: KnownSite) -> None:
        row = KnownSiteRow(
            id=site.id, name=site.name, town=site.town, sequence=site.sequence, board=site.board, region=site.region
        )
        await self._rows.keep(row, site.id)

    async def place(self, student: str) -> StudentPlace | None:
        row = await self._rows.read(PlaceRow, student)
        return None if row is None else place_of(row)

    async def places(self, students: Collection[str]) -> Mapping[str, StudentPlace]:
        found: dict[str, StudentPlace] = {}
        for ids in chunks(students):
            rows = await self._tx.exec(select(PlaceRow).where(col(PlaceRow.student).in_(ids)))
            found |= {row.student: place_of(row) for row in rows}
        return found

    async def save_place(self, place: StudentPlace) -> None:
        row = PlaceRow(
            student=place.student,
            site=place.site,
            periods=list(place.periods),
            sequence=place.sequence,
            is_withdrawn=place.is_withdrawn,
            registration_sequence=place.registration_sequence,
        )
        await self._rows.keep(row, place.student)

    async def forget_place(self, student: str) -> None:
        await self._rows.drop(PlaceRow, student)
