"""What organisations are called, on SQL: boards and institutes as they were named, sites and regions as they call themselves."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, union_all, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters.tables import OrganisationRow, RegionRow, SiteRow
from shared.persistence.statements import changed_rows, insert_new


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

    async def name_organisation(self, code: str, name: str, was: str) -> bool:
        if not was:
            return await insert_new(self._tx, OrganisationRow, {"code": code, "name": name})
        change = update(OrganisationRow).values(name=name) if name else delete(OrganisationRow)
        held = col(OrganisationRow.code) == code, col(OrganisationRow.name) == was
        return await changed_rows(self._tx, change.where(*held)) == 1
