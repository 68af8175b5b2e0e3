"""What organisations are called, on SQL: boards and institutes as they were named, sites and regions as they call themselves."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters.tables import OrganisationRow, RegionRow, SiteRow


class SqlOrganisations:
    """One transaction's view of names."""

    _tx: AsyncSession

    async def called(self, codes: Collection[str]) -> Mapping[str, str]:
        wanted = [each for each in codes if each]
        if not wanted:
            return {}
        found = union_all(
            select(OrganisationRow.code, OrganisationRow.name).where(col(OrganisationRow.code).in_(wanted)),
            select(SiteRow.id, SiteRow.name).where(col(SiteRow.id).in_(wanted)),
            select(RegionRow.id, col(RegionRow.body)["name"].as_string()).where(col(RegionRow.id).in_(wanted)),
        ).subquery()
        rows = await self._tx.exec(select(found.c.code, found.c.name))
        return {code: name for code, name in rows if name}

    async def name_organisation(self, code: str, name: str) -> None:
        await self._tx.exec(delete(OrganisationRow).where(col(OrganisationRow.code) == code))
        if name:
            self._tx.add(OrganisationRow(code=code, name=name))
