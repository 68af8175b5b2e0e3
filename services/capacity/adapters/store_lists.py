"""Lists on SQL: sites, workplaces and supervisors by what they have in common, a page at a time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters import rows
from services.capacity.adapters.tables import (
    OfferRow,
    PlacementRow,
    SchoolDecisionRow,
    SiteRow,
    SupervisorRow,
    SupervisorSiteRow,
    WorkplaceRow,
)
from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import EVERY_SITE, SupervisorRecord
from services.capacity.ports import SiteFilter, SupervisorFilter, WorkplaceFilter


class SqlLists:
    """One transaction's view of lists; a list is in order of id unless it says otherwise."""

    _tx: AsyncSession

    async def find_sites(self, words: str, limit: int) -> Sequence[SchoolSite]:
        wanted = select(SiteRow)
        for word in words.lower().split():
            columns = (SiteRow.name, SiteRow.town, SiteRow.id)
            wanted = wanted.where(or_(*(func.lower(col(each)).contains(word, autoescape=True) for each in columns)))
        order = (col(SiteRow.region), col(SiteRow.town), col(SiteRow.name), col(SiteRow.id))
        return [rows.site_of(row) for row in await self._tx.exec(wanted.order_by(*order).limit(limit))]

    async def sites_where(self, wanted: SiteFilter, after: str | None, limit: int) -> Sequence[SchoolSite]:
        found = select(SiteRow)
        for column, value in ((SiteRow.region, wanted.region), (SiteRow.board, wanted.board)):
            found = found if value is None else found.where(col(column) == value)
        if wanted.school is not None:
            found = found.where(col(SiteRow.id).startswith(wanted.school, autoescape=True))
        if wanted.sector is not None:
            found = found.where(_json(SiteRow, "sector") == wanted.sector)
        return [rows.site_of(row) for row in await self._tx.exec(_page(found, SiteRow, after, limit))]

    async def workplaces_where(
        self, wanted: WorkplaceFilter, after: str | None, limit: int
    ) -> Sequence[OfferedWorkplace]:
        found = select(WorkplaceRow)
        if wanted.sites is not None:
            found = found.where(col(WorkplaceRow.site).in_(wanted.sites))
        if wanted.region is not None:
            found = found.where(col(WorkplaceRow.region) == wanted.region)
        if wanted.subject is not None:
            found = found.where(_json(WorkplaceRow, "subject") == wanted.subject)
        return [rows.workplace_of(row) for row in await self._tx.exec(_page(found, WorkplaceRow, after, limit))]

    async def workplaces(self, ids: Collection[str]) -> Mapping[str, OfferedWorkplace]:
        found = await self._tx.exec(select(WorkplaceRow).where(col(WorkplaceRow.id).in_(ids)))
        return {row.id: rows.workplace_of(row) for row in found}

    async def subjects_in(self, region: str) -> Mapping[str, int]:
        subject = _json(WorkplaceRow, "subject")
        found = select(subject, func.count()).where(col(WorkplaceRow.region) == region)
        return {str(each): count for each, count in await self._tx.exec(found.group_by(subject))}

    async def supervisors_of(self, site: SchoolSite) -> Sequence[SupervisorRecord]:
        serving = select(SupervisorSiteRow.supervisor).where(
            col(SupervisorSiteRow.site).in_([site.site.id, EVERY_SITE])
        )
        found = select(SupervisorRow).where(
            col(SupervisorRow.id).in_(serving), col(SupervisorRow.region) == site.region
        )
        return [rows.supervisor_of(row) for row in await self._tx.exec(found.order_by(col(SupervisorRow.id)))]

    async def supervisors_where(
        self, wanted: SupervisorFilter, after: str | None, limit: int
    ) -> Sequence[SupervisorRecord]:
        found = select(SupervisorRow)
        if wanted.sites is not None:
            serving = select(SupervisorSiteRow.supervisor).where(col(SupervisorSiteRow.site).in_(wanted.sites))
            found = found.where(col(SupervisorRow.id).in_(serving))
        if wanted.region is not None:
            found = found.where(col(SupervisorRow.region) == wanted.region)
        if wanted.tier is not None:
            found = found.where(_json(SupervisorRow, "tier") == wanted.tier)
        return [rows.supervisor_of(row) for row in await self._tx.exec(_page(found, SupervisorRow, after, limit))]

    async def supervisors(self, ids: Collection[str]) -> Mapping[str, SupervisorRecord]:
        found = await self._tx.exec(select(SupervisorRow).where(col(SupervisorRow.id).in_(ids)))
        return {row.id: rows.supervisor_of(row) for row in found}

    async def places_at(self, site: str) -> Sequence[Place]:
        found = select(PlacementRow).where(col(PlacementRow.site) == site).order_by(col(PlacementRow.student))
        return [rows.place_of(row) for row in await self._tx.exec(found)]

    async def lost_at(self, site: str) -> Sequence[Place]:
        found = select(PlacementRow).where(col(PlacementRow.lost_site) == site, col(PlacementRow.site).is_(None))
        return [rows.place_of(row) for row in await self._tx.exec(found.order_by(col(PlacementRow.student)))]

    async def placed_counts(self, sites: Collection[str]) -> Mapping[str, int]:
        found = select(PlacementRow.site, func.count()).where(col(PlacementRow.site).in_(sites))
        return {site: count for site, count in await self._tx.exec(found.group_by(col(PlacementRow.site))) if site}

    async def offers_at(self, site: str) -> Sequence[Offer]:
        found = select(OfferRow).where(col(OfferRow.site) == site).order_by(col(OfferRow.student))
        return [rows.offer_of(row) for row in await self._tx.exec(found)]

    async def decisions(self, students: Collection[str]) -> Mapping[str, Decision]:
        found = await self._tx.exec(select(SchoolDecisionRow).where(col(SchoolDecisionRow.student).in_(students)))
        return {row.student: rows.decision_of(row) for row in found}


def _json(table: type[SiteRow] | type[WorkplaceRow] | type[SupervisorRow], field: str) -> Any:
    return col(table.body)[field].as_string()


def _page(
    found: Any, table: type[SiteRow] | type[WorkplaceRow] | type[SupervisorRow], after: str | None, limit: int
) -> Any:
    found = found if after is None else found.where(col(table.id) > after)
    return found.order_by(col(table.id)).limit(limit)
