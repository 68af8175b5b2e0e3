"""Lists over HTTP: regions, sites, workplaces, supervisors and decisions, a page at a time, some as CSV."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from services.capacity.entrypoints import csv_rows
from services.capacity.entrypoints.bodies import (
    decision_body,
    named_supervisor_body,
    region_body,
    site_body,
    supervisor_body,
    workplace_body,
)
from services.capacity.ports import SiteFilter, SupervisorFilter, WorkplaceFilter
from shared.contracts.vocabulary import Contract, EntityId, RegionId, Sector, SiteId, Slug, Tier
from shared.errors import DomainError
from shared.web.changes import with_version
from shared.web.paging import PageQuery, page_of

CSV = "text/csv; charset=utf-8"
MOST_CSV = 20_000
Board = Annotated[str, Field(pattern=r"^\d{5}$")]
School = Annotated[str, Field(pattern=r"^\d{2}[A-Z]{2}$")]


class SiteQuery(PageQuery):
    """Which sites."""

    region: RegionId | None = None
    board: Board | None = Field(None, description="Het bestuur: vijf cijfers.")
    school: School | None = Field(None, description="De school: de BRIN zonder vestiging.")
    sector: Sector | None = None


class WorkplaceQuery(PageQuery):
    """Which workplaces."""

    region: RegionId | None = None
    site: SiteId | None = None
    subject: Slug | None = None


class SupervisorQuery(PageQuery):
    """Which supervisors."""

    region: RegionId | None = None
    site: SiteId | None = Field(None, description="Wie op deze vestiging bij naam is opgegeven.")
    tier: Tier | None = None


class CsvQuery(Contract):
    """Which supervisors or workplaces a file holds."""

    region: RegionId
    site: SiteId | None = None


def add_lists(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""
    _regions_and_sites(api, parts)
    _offers(api, parts)
    _files(api, parts)


def _regions_and_sites(api: FastAPI, parts: Parts) -> None:
    @api.get("/regions", summary="Lees de regio’s met hun instellingen")
    async def regions(request: Request, query: Annotated[PageQuery, Query()]) -> Response:
        async with parts.reading() as store:
            found = [each for each in await store.regions() if each.id > (query.cursor or "")]
        return page_of(request, [{"id": each.id, **region_body(each)} for each in found[: query.one_more]], query)

    @api.get("/sites", summary="Zoek vestigingen van een regio, bestuur of school")
    async def sites(request: Request, query: Annotated[SiteQuery, Query()]) -> Response:
        wanted = SiteFilter(query.region, query.board, query.school, query.sector)
        async with parts.reading() as store:
            found = await store.sites_where(wanted, query.cursor, query.one_more)
        return page_of(request, [{"id": each.site.id, **site_body(each)} for each in found], query)


def _offers(api: FastAPI, parts: Parts) -> None:
    @api.get("/workplaces", summary="Zoek leerwerkplekken")
    async def workplaces(request: Request, query: Annotated[WorkplaceQuery, Query()]) -> Response:
        wanted = WorkplaceFilter(query.region, None if query.site is None else [query.site], query.subject)
        async with parts.reading() as store:
            found = await store.workplaces_where(wanted, query.cursor, query.one_more)
        return page_of(request, [workplace_body(each) for each in found], query)

    @api.get("/supervisors", summary="Zoek begeleiders; met de naam als één vestiging is gevraagd")
    async def supervisors(request: Request, query: Annotated[SupervisorQuery, Query()]) -> Response:
        wanted = SupervisorFilter(query.region, None if query.site is None else [query.site], query.tier)
        async with parts.reading() as store:
            found = await store.supervisors_where(wanted, query.cursor, query.one_more)
            if query.site is None:
                return page_of(request, [supervisor_body(each) for each in found], query)
            ids = [each.supervisor.id for each in found]
            names, students = await store.names(ids), await store.guided_counts(ids)
        bodies = [
            named_supervisor_body(each, names.get(identifier), students.get(identifier, 0))
            for each, identifier in zip(found, ids, strict=True)
        ]
        return page_of(request, bodies, query)

    @api.get("/placements/{student}/decision", summary="Lees wat de school het laatst over een plaatsing besloot")
    async def decision(student: EntityId) -> Response:
        async with parts.reading() as store:
            held = await handlers.find_decision(store, student)
        return with_version(decision_body(held), held.event.sequence)

    @api.get("/sites/{site}/changes", summary="Lees wat er bij een vestiging is gewijzigd, het nieuwste eerst")
    async def changes(site: SiteId) -> Response:
        async with parts.reading() as store:
            where = await handlers.find_site(store, site)
            people = [f"supervisor/{each.supervisor.id}" for each in await store.supervisors_of(where)]
            offered = await store.workplaces_where(WorkplaceFilter(sites=[site]), None, MOST_CSV)
            about = [f"site/{site}", *people, *(f"workplace/{each.workplace.id}" for each in offered)]
            found = await store.changes_of(about, 200)
        told = [
            {
                "at": each.at.isoformat(),
                "by": each.actor,
                "type": each.action,
                "about": each.aggregate,
                "sequence": each.sequence,
            }
            for each in found
        ]
        return JSONResponse({"items": told})


def _files(api: FastAPI, parts: Parts) -> None:
    @api.get(
        "/supervisor-files", summary="Begeleiders als CSV, om te wijzigen en terug te sturen", response_class=Response
    )
    async def supervisors(query: Annotated[CsvQuery, Query()]) -> Response:
        async with parts.reading() as store:
            region = await handlers.find_region(store, query.region)
            wanted = SupervisorFilter(region.id, None if query.site is None else [query.site])
            found = _all(await store.supervisors_where(wanted, None, MOST_CSV + 1))
            names = await store.names([each.supervisor.id for each in found]) if query.site else {}
        return Response(csv_rows.supervisors_file(found, names, region.terms.periods), media_type=CSV)

    @api.get(
        "/workplace-files",
        summary="Leerwerkplekken als CSV, om te wijzigen en terug te sturen",
        response_class=Response,
    )
    async def workplaces(query: Annotated[CsvQuery, Query()]) -> Response:
        async with parts.reading() as store:
            region = await handlers.find_region(store, query.region)
            wanted = WorkplaceFilter(region.id, None if query.site is None else [query.site])
            found = _all(await store.workplaces_where(wanted, None, MOST_CSV + 1))
        return Response(csv_rows.workplaces_file(found, region.terms.periods), media_type=CSV)


T = TypeVar("T")


def _all(found: Sequence[T]) -> Sequence[T]:
    if len(found) > MOST_CSV:
        raise DomainError("te-veel", f"Een bestand heeft hoogstens {MOST_CSV} regels. Vraag het per vestiging.")
    return found
