"""Many at once over HTTP: supervisors and workplaces as JSON or CSV, with a verdict for every row; good rows are kept."""

import json
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field, ValidationError

from services.capacity.bootstrap import Parts
from services.capacity.domain.access import PEOPLE_WRITE, SITE_WRITE, Own
from services.capacity.entrypoints.answers import RowsAnswer
from services.capacity.entrypoints.asking import asks, change
from services.capacity.entrypoints.batches import (
    SUPERVISORS,
    WORKPLACES,
    JustLooking,
    keep_file,
    keep_people,
    keep_places,
    verdicts_answer,
    verdicts_body,
)
from services.capacity.entrypoints.bodies import NewSupervisor
from services.capacity.entrypoints.csv_files import wrong_rows
from services.capacity.handlers import owning
from services.capacity.handlers.keeping_rows import Outcome, SupervisorRow, Verdict, WorkplaceRow
from services.capacity.ports import Store
from shared.contracts.availability import WorkplaceOffer
from shared.contracts.vocabulary import Contract, EntityId
from shared.errors import DomainError
from shared.security.callers import Caller
from shared.web.changes import Answer
from shared.web.field_messages import dutch_message
from shared.web.problems import problem

CSV = "text/csv"
MOST_ITEMS = 1_000


class SupervisorItem(NewSupervisor):
    """A supervisor to register, or one that is known (`id`) to change."""

    id: EntityId | None = None


class WorkplaceItem(WorkplaceOffer):
    """A workplace to offer, or one that is known (`id`) to change."""

    id: EntityId | None = None


class BatchQuery(Contract):
    """Whether to keep what is good, or only to say what would become of it."""

    check: bool = Field(False, description="Alleen nakijken: er wordt niets opgeslagen.")


ITEMS: dict[str, type[SupervisorItem] | type[WorkplaceItem]] = {SUPERVISORS: SupervisorItem, WORKPLACES: WorkplaceItem}
DESCRIPTION = (
    'Stuur JSON (`{"items": […]}`, hoogstens 1.000) of een CSV-bestand (`Content-Type: text/csv`, hoogstens 5.000 regels). Elke regel krijgt een '
    "oordeel: `new`, `changed`, `unchanged` of `wrong`. Goede regels worden bewaard, ook als er foute bij zijn. Met `Accept: text/csv` komen de foute "
    "regels van een bestand terug met een kolom `fout`. Een regel zonder nummer is iemand die op die vestiging met die naam bekend is, of iemand die nieuw is."
)

MAY_BE_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: {"schema": {"type": "string"}}}}}
"""The `responses` of what gives back the wrong rows of a file to who asks for CSV."""


def _body(model: str) -> dict[str, Any]:
    items = {
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "items": {"type": "object"}, "maxItems": MOST_ITEMS}},
    }
    content = {"application/json": {"schema": items | {"title": model}}, CSV: {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}


def add_batches(api: FastAPI, parts: Parts) -> None:
    """Adds the routes."""
    OfPeople = Annotated[Caller, Depends(asks(parts, PEOPLE_WRITE))]  # noqa: N806 - a type
    OfSites = Annotated[Caller, Depends(asks(parts, SITE_WRITE))]  # noqa: N806 - a type

    @api.post(
        "/supervisor-batches",
        summary="Geef veel begeleiders tegelijk door",
        description=DESCRIPTION,
        openapi_extra=_body("SupervisorBatch"),
        response_model=RowsAnswer,
        responses=MAY_BE_FILE,
    )
    async def supervisors(request: Request, caller: OfPeople, query: Annotated[BatchQuery, Query()]) -> Response:
        return await _batch(parts, request, caller, SUPERVISORS, only_look=query.check)

    @api.post(
        "/workplace-batches",
        summary="Geef veel leerwerkplekken tegelijk door",
        description=DESCRIPTION,
        openapi_extra=_body("WorkplaceBatch"),
        response_model=RowsAnswer,
        responses=MAY_BE_FILE,
    )
    async def workplaces(request: Request, caller: OfSites, query: Annotated[BatchQuery, Query()]) -> Response:
        return await _batch(parts, request, caller, WORKPLACES, only_look=query.check)


async def _batch(parts: Parts, request: Request, caller: Caller, kind: str, *, only_look: bool) -> Response:
    sent = request.headers.get("content-type", "").partition(";")[0].strip()
    is_file = sent == CSV
    if not is_file and not sent.endswith("json"):
        return problem(415, "geen-json-of-csv", "Stuur JSON of CSV, en zeg in Content-Type wat het is.")
    raw = await request.body()
    items = [] if is_file else _items(await _json(request))

    async def operation(store: Store) -> Answer:
        if is_file:
            own = await owning.with_sites(store, caller)
            verdicts = await keep_file(store, own, kind, raw, None, parts.today())
        else:
            verdicts = await _keep_items(store, await owning.own_of(store, caller), kind, items, parts.today())
        return verdicts_answer(verdicts, only_look=only_look)

    try:
        answer = await change(parts, request, caller, operation)
    except JustLooking as looked:
        answer = JSONResponse(verdicts_body(looked.verdicts))
    if is_file and CSV in request.headers.get("accept", "") and answer.status_code == 200:
        back = wrong_rows(raw, json.loads(bytes(answer.body))["items"])
        return Response(back, media_type="text/csv; charset=utf-8")
    return answer


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as wrong:
        raise DomainError("geen-json", "Het bericht is geen geldige JSON in UTF-8.") from wrong


def _items(document: Any) -> list[Any]:
    items = document.get("items") if isinstance(document, dict) and set(document) == {"items"} else None
    if not isinstance(items, list) or not items:
        raise DomainError("geen-items", "Stuur een object met een lijst `items`.", pointer="/items")
    if len(items) > MOST_ITEMS:
        raise DomainError("te-veel-items", f"Stuur hoogstens {MOST_ITEMS} tegelijk.", pointer="/items")
    return items


async def _keep_items(store: Store, own: Own, kind: str, items: list[Any], today: date) -> list[Verdict]:
    """Keeps what is right of these; an item that is not as it should be gets a verdict with the first field that is wrong."""
    people, places, verdicts = [], [], []
    for number, item in enumerate(items, 1):
        try:
            read = ITEMS[kind].model_validate(item)
        except ValidationError as wrong:
            first = wrong.errors()[0]
            where = "".join(f"/{step}" for step in first["loc"])
            verdicts.append(Verdict(number, Outcome.WRONG, None, where, dutch_message(dict(first))))
            continue
        if isinstance(read, SupervisorItem):
            people.append(SupervisorRow(number, read.region, read.profile(), read.id, read.name))
        else:
            places.append(WorkplaceRow(number, WorkplaceOffer(**read.model_dump(exclude={"id"})), read.id))
    kept = await keep_people(store, own, people, today) if people else await keep_places(store, own, places)
    return sorted([*verdicts, *kept], key=lambda each: each.row)
