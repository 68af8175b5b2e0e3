"""Capacity over HTTP: regions and their days, sites, workplaces and decisions; supervisors are in http_supervisors."""

from typing import Annotated

import uuid_utils
from fastapi import Depends, FastAPI, Path, Request
from fastapi.responses import JSONResponse, Response

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from services.capacity.domain.access import DECIDE, REGION_READ, REGION_WRITE, SITE_READ, SITE_WRITE, STUDENTS
from services.capacity.domain.viewing import check_region
from services.capacity.entrypoints.answers import (
    DayAnswer,
    DecisionAnswer,
    Offers,
    PlacedStudents,
    RegionAnswer,
    SiteAnswer,
    WorkplaceAnswer,
)
from services.capacity.entrypoints.asking import asks, change
from services.capacity.entrypoints.bodies import (
    BoardBody,
    DayBody,
    DecisionBody,
    RegionBody,
    SiteBody,
    decision_body,
    offer_body,
    place_body,
    region_body,
    site_body,
    workplace_body,
)
from services.capacity.entrypoints.http_batches import add_batches
from services.capacity.entrypoints.http_events import add_events
from services.capacity.entrypoints.http_lists import add_lists
from services.capacity.entrypoints.http_supervisors import add_supervisors
from services.capacity.entrypoints.http_webhooks import add_webhooks_of_schools
from services.capacity.handlers import governing, owning
from services.capacity.ports import Store
from services.capacity.ports.people import People
from shared.contracts.availability import Workplace, WorkplaceOffer
from shared.contracts.vocabulary import EntityId, RegionId, SiteId
from shared.security.callers import Caller
from shared.web.api import build_api
from shared.web.changes import Answer, IfMatch, changed, created, with_version
from shared.web.openapi import MAY_CREATE
from shared.web.read_log import ApiRead, ReadLog, Reads, log_reads

DESCRIPTION = (
    "Regio's stellen hier hun periodes en instellingen vast; scholen geven vestigingen, leerwerkplekken en begeleiders door, "
    "en melden afwezigheid, terugkeer en vertrek. Alleen datums: een reden van afwezigheid wordt geweigerd. Een school ziet en wijzigt "
    "alleen wat van haar vestigingen is, een bestuur wat van zijn vestigingen is, een regio wat van haar is; het andere is er voor hen niet (404)."
)
RegionPath = Annotated[RegionId, Path(description="De code van de regio.")]
SitePath = Annotated[SiteId, Path(description="BRIN van de school en twee cijfers voor de vestiging.")]

READS: Reads = {
    "/supervisors": ApiRead("begeleiders"),
    "/supervisors/{supervisor}": ApiRead("begeleider", "supervisor"),
    "/supervisors/{supervisor}/export": ApiRead("inzageverzoek", "supervisor"),
    "/supervisor-files": ApiRead("bestand:begeleiders"),
    "/sites/{site}/supervisors": ApiRead("begeleiders"),
    "/sites/{site}/placements": ApiRead("studenten"),
    "/sites/{site}/offers": ApiRead("studenten"),
    "/sites/{site}/changes": ApiRead("wijzigingen"),
    "/placements/{student}/decision": ApiRead("student", "student"),
}
"""What is logged as read of people, in the words of the pages."""


def build_capacity_api(parts: Parts) -> FastAPI:
    """The routes of capacity."""
    api = build_api("Leerplek capacity", DESCRIPTION)
    _regions(api, parts)
    _sites(api, parts)
    _students(api, parts)
    _workplaces(api, parts)
    _decisions(api, parts)
    add_supervisors(api, parts)
    add_lists(api, parts)
    add_batches(api, parts)
    add_events(api, parts)
    add_webhooks_of_schools(api, parts)
    log_reads(api, READS, lambda: _read_log(parts))
    return api


def _read_log(parts: Parts) -> ReadLog | None:
    """Where nobody signs in there is nobody to name."""
    return (
        ReadLog(parts.runtime.database, parts.changes.fingerprint, parts.clock)
        if parts.settings.checks_tokens
        else None
    )


def _regions(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Caller, Depends(asks(parts, REGION_READ))]  # noqa: N806 - a type
    Writer = Annotated[Caller, Depends(asks(parts, REGION_WRITE))]  # noqa: N806 - a type

    @api.put(
        "/regions/{region}",
        responses=MAY_CREATE,
        summary="Maak of wijzig een regio met haar instellingen",
        response_model=RegionAnswer,
    )
    async def put(request: Request, caller: Writer, region: RegionPath, body: RegionBody, check: IfMatch) -> Response:
        async def operation(store: Store) -> Answer:
            check_region(caller, region)
            held, is_new = await handlers.put_region(store, region, body.terms(), check)
            told = region_body(held)
            return created(told, f"/v1/regions/{region}", held.sequence) if is_new else changed(told, held.sequence)

        return await change(parts, request, caller, operation)

    @api.get("/regions/{region}", summary="Lees een regio met haar instellingen", response_model=RegionAnswer)
    async def read(caller: Reader, region: RegionPath) -> Response:
        async with parts.reading() as store:
            held = await owning.find_region(store, caller, region)
        return with_version(region_body(held), held.sequence)

    @api.post("/regions/{region}/days", summary="Begin een dag in een regio", response_model=DayAnswer)
    async def start_day(request: Request, caller: Writer, region: RegionPath, body: DayBody) -> Response:
        async def operation(store: Store) -> Answer:
            check_region(caller, region)
            held = await handlers.start_day(store, region, body.day)
            return changed({"region": held.id, "day": str(held.day), "sequence": held.day_sequence})

        return await change(parts, request, caller, operation)


def _sites(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Caller, Depends(asks(parts, SITE_READ))]  # noqa: N806 - a type
    Writer = Annotated[Caller, Depends(asks(parts, SITE_WRITE))]  # noqa: N806 - a type

    @api.put("/sites/{site}", responses=MAY_CREATE, summary="Maak of wijzig een vestiging", response_model=SiteAnswer)
    async def put(request: Request, caller: Writer, site: SitePath, body: SiteBody, check: IfMatch) -> Response:
        async def operation(both: tuple[Store, People]) -> Answer:
            store, people = both
            held, is_new = await governing.put_site(store, parts.told(people), caller, body.site(site), check)
            told = site_body(held)
            return created(told, f"/v1/sites/{site}", held.sequence) if is_new else changed(told, held.sequence)

        return await parts.access.governing.once(request, operation, caller.name)

    Governor = Annotated[Caller, Depends(asks(parts, REGION_WRITE))]  # noqa: N806 - a type

    @api.put(
        "/sites/{site}/board",
        summary="Leg vast welk bestuur een vestiging heeft; alleen de regio en de beheerder",
        description="Wie bij de vestiging, het vorige en het nieuwe bestuur hoort, krijgt bericht per e-mail. Alleen de beheerder haalt een bestuur weg (null).",
        response_model=SiteAnswer,
    )
    async def put_board(
        request: Request, caller: Governor, site: SitePath, body: BoardBody, check: IfMatch
    ) -> Response:
        async def operation(both: tuple[Store, People]) -> Answer:
            store, people = both
            held = await governing.put_board(store, parts.told(people), caller, (site, body.board), check)
            return changed(site_body(held), held.sequence)

        return await parts.access.governing.once(request, operation, caller.name)

    @api.get("/sites/{site}", summary="Lees een vestiging", response_model=SiteAnswer)
    async def read(caller: Reader, site: SitePath) -> Response:
        async with parts.reading() as store:
            held = await owning.find_site(store, caller, site)
        return with_version(site_body(held), held.sequence)


def _students(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Caller, Depends(asks(parts, STUDENTS))]  # noqa: N806 - a type

    @api.get(
        "/sites/{site}/placements", summary="Lees wie nu bij een vestiging geplaatst is", response_model=PlacedStudents
    )
    async def placements(caller: Reader, site: SitePath) -> Response:
        async with parts.reading() as store:
            await owning.find_site(store, caller, site)
            places = await store.places_at(site)
        return JSONResponse({"items": [place_body(place) for place in places]})

    @api.get(
        "/sites/{site}/offers",
        summary="Lees welke plaatsen zijn aangeboden aan studenten die elders zitten",
        response_model=Offers,
    )
    async def offers(caller: Reader, site: SitePath) -> Response:
        async with parts.reading() as store:
            await owning.find_site(store, caller, site)
            found = await store.offers_at(site)
        return JSONResponse({"items": [offer_body(offer) for offer in found]})


def _workplaces(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Caller, Depends(asks(parts, SITE_READ))]  # noqa: N806 - a type
    Writer = Annotated[Caller, Depends(asks(parts, SITE_WRITE))]  # noqa: N806 - a type

    @api.post("/workplaces", status_code=201, summary="Bied een leerwerkplek aan", response_model=WorkplaceAnswer)
    async def offer(request: Request, caller: Writer, body: WorkplaceOffer) -> Response:
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store) -> Answer:
            (await owning.own_of(store, caller)).check_named(body.site, "/site")
            held = await handlers.offer_workplace(store, _workplace(identifier, body))
            return created(workplace_body(held), f"/v1/workplaces/{identifier}", held.sequence)

        return await change(parts, request, caller, operation)

    @api.put(
        "/workplaces/{workplace}",
        summary="Wijzig een leerwerkplek; zonder zitplaatsen is zij gesloten",
        response_model=WorkplaceAnswer,
    )
    async def put(
        request: Request, caller: Writer, workplace: EntityId, body: WorkplaceOffer, check: IfMatch
    ) -> Response:
        async def operation(store: Store) -> Answer:
            await owning.find_workplace(store, caller, workplace)
            held = await handlers.change_workplace(store, _workplace(workplace, body), check)
            return changed(workplace_body(held), held.sequence)

        return await change(parts, request, caller, operation)

    @api.get("/workplaces/{workplace}", summary="Lees een leerwerkplek", response_model=WorkplaceAnswer)
    async def read(caller: Reader, workplace: EntityId) -> Response:
        async with parts.reading() as store:
            held = await owning.find_workplace(store, caller, workplace)
        return with_version(workplace_body(held), held.sequence)


def _decisions(api: FastAPI, parts: Parts) -> None:
    Decider = Annotated[Caller, Depends(asks(parts, DECIDE))]  # noqa: N806 - a type

    @api.post(
        "/placements/{student}/decision", summary="Neem een plaatsing aan of weiger haar", response_model=DecisionAnswer
    )
    async def decide(request: Request, caller: Decider, student: EntityId, body: DecisionBody) -> Response:
        async def operation(store: Store) -> Answer:
            await owning.check_may_decide(store, caller, student, body.offer)
            return changed(decision_body(await handlers.decide(store, student, body.decision, body.reason, body.offer)))

        return await change(parts, request, caller, operation)


def _workplace(identifier: str, offer: WorkplaceOffer) -> Workplace:
    """The workplace with this id and this offer."""
    return Workplace(id=identifier, **offer.model_dump())
