"""Lists over HTTP: regions, sites, workplaces, supervisors and decisions, a page at a time, some as CSV."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from services.capacity.bootstrap import Parts
from services.capacity.domain.access import PEOPLE_READ, REGION_READ, SITE_READ, STUDENTS
from services.capacity.entrypoints import csv_columns
from services.capacity.entrypoints.answers import (
    ChangesAnswer,
    DecisionAnswer,
    RegionPage,
    SitePage,
    SupervisorPage,
    WorkplacePage,
)
from services.capacity.entrypoints.asking import asks
from services.capacity.entrypoints.bodies import (
    decision_body,
    named_supervisor_body,
    region_body,
    site_body,
    supervisor_body,
    workplace_body,
)
from services.capacity.handlers import owning
from services.capacity.ports import SiteFilter, SupervisorFilter, WorkplaceFilter
from shared.contracts.vocabulary import Contract, EntityId, RegionId, Sector, SiteId, Slug, Tier
from shared.errors import DomainError
from shared.security.callers import Caller
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
    OfRegions = Annotated[Caller, Depends(asks(parts, REGION_READ))]  # noqa: N806 - a type
    OfSites = Annotated[Caller, Depends(asks(parts, SITE_READ))]  # noqa: N806 - a type

    @api.get("/regions", summary="Lees de regio’s met hun instellingen", response_model=RegionPage)
    async def regions(request: Request, caller: OfRegions, query: Annotated[PageQuery, Query()]) -> Response:
        async with parts.reading() as store:
            own, after = await owning.own_of(store, caller), query.cursor or ""
            found = [each for each in await store.regions() if each.id > after and own.has_region(each.id)]
        return page_of(request, [{"id": each.id, **region_body(each)} for each in found[: query.one_more]], query)

    @api.get("/sites", summary="Zoek vestigingen van een regio, bestuur of school", response_model=SitePage)
    async def sites(request: Request, caller: OfSites, query: Annotated[SiteQuery, Query()]) -> Response:
        wanted = owning.only_own(SiteFilter(query.region, query.board, query.school, query.sector), caller)
        async with parts.reading() as store:
            found = await store.sites_where(wanted, query.cursor, query.one_more) if wanted else ()
        return page_of(request, [{"id": each.site.id, **site_body(each)} for each in found], query)


def _offers(api: FastAPI, parts: Parts) -> None:
    OfSites = Annotated[Caller, Depends(asks(parts, SITE_READ))]  # noqa: N806 - a type
    OfPeople = Annotated[Caller, Depends(asks(parts, PEOPLE_READ))]  # noqa: N806 - a type
    OfStudents = Annotated[Caller, Depends(asks(parts, STUDENTS))]  # noqa: N806 - a type

    @api.get("/workplaces", summary="Zoek leerwerkplekken", response_model=WorkplacePage)
    async def workplaces(request: Request, caller: OfSites, query: Annotated[WorkplaceQuery, Query()]) -> Response:
        async with parts.reading() as store:
            sites = (await owning.own_of(store, caller)).of(query.site)
            wanted = WorkplaceFilter(query.region, sites, query.subject)
            found = await store.workplaces_where(wanted, query.cursor, query.one_more)
        return page_of(request, [workplace_body(each) for each in found], query)

    @api.get(
        "/supervisors",
        summary="Zoek begeleiders; met de naam als één vestiging is gevraagd",
        response_model=SupervisorPage,
    )
    async def supervisors(request: Request, caller: OfPeople, query: Annotated[SupervisorQuery, Query()]) -> Response:
        async with parts.reading() as store:
            sites = (await owning.own_of(store, caller)).of(query.site)
            wanted = SupervisorFilter(query.region, sites, query.tier)
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

    @api.get(
        "/placements/{student}/decision",
        summary="Lees wat de school het laatst over een plaatsing besloot",
        response_model=DecisionAnswer,
    )
    async def decision(caller: OfStudents, student: EntityId) -> Response:
        async with parts.reading() as store:
            held = await owning.find_decision(store, caller, student)
        return with_version(decision_body(held), held.event.sequence)

    @api.get(
        "/sites/{site}/changes",
        summary="Lees wat er bij een vestiging is gewijzigd, het nieuwste eerst",
        response_model=ChangesAnswer,
    )
    async def changes(caller: OfPeople, site: SiteId) -> Response:
        async with parts.reading() as store:
            where = await owning.find_site(store, caller, site)
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
    OfSites = Annotated[Caller, Depends(asks(parts, SITE_READ))]  # noqa: N806 - a type
    OfPeople = Annotated[Caller, Depends(asks(parts, PEOPLE_READ))]  # noqa: N806 - a type

    @api.get(
        "/supervisor-files", summary="Begeleiders als CSV, om te wijzigen en terug te sturen", response_class=Response
    )
    async def supervisors(caller: OfPeople, query: Annotated[CsvQuery, Query()]) -> Response:
        async with parts.reading() as store:
            region = await owning.find_region(store, caller, query.region)
            wanted = SupervisorFilter(region.id, (await owning.own_of(store, caller)).of(query.site))
            found = _all(await store.supervisors_where(wanted, None, MOST_CSV + 1))
            names = await store.names([each.supervisor.id for each in found]) if query.site else {}
        return Response(csv_columns.supervisors_file(found, names, region.terms.periods, parts.today()), media_type=CSV)

    @api.get(
        "/workplace-files",
        summary="Leerwerkplekken als CSV, om te wijzigen en terug te sturen",
        response_class=Response,
    )
    async def workplaces(caller: OfSites, query: Annotated[CsvQuery, Query()]) -> Response:
        async with parts.reading() as store:
            region = await owning.find_region(store, caller, query.region)
            wanted = WorkplaceFilter(region.id, (await owning.own_of(store, caller)).of(query.site))
            found = _all(await store.workplaces_where(wanted, None, MOST_CSV + 1))
        return Response(csv_columns.workplaces_file(found, region.terms.periods), media_type=CSV)


T = TypeVar("T")


def _all(found: Sequence[T]) -> Sequence[T]:
    if len(found) > MOST_CSV:
        raise DomainError("te-veel", f"Een bestand heeft hoogstens {MOST_CSV} regels. Vraag het per vestiging.")
    return found
