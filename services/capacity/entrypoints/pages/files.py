"""Files: what a school knows of itself as CSV, and the same file back with changes, a verdict for every row."""

import base64
import json

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity.domain.access import Own
from services.capacity.domain.supervisors import is_of_school
from services.capacity.entrypoints import csv_columns
from services.capacity.entrypoints.batches import (
    COLUMNS,
    SUPERVISORS,
    JustLooking,
    keep_file,
    verdicts_answer,
    verdicts_body,
)
from services.capacity.entrypoints.csv_files import write, wrong_rows
from services.capacity.entrypoints.pages.placed import read_students
from services.capacity.entrypoints.pages.portal import Portal, find_where, show
from services.capacity.entrypoints.pages.views import cards_of
from services.capacity.ports import Store, WorkplaceFilter
from shared.contracts.vocabulary import SiteId
from shared.errors import DomainError, NotFound
from shared.web.changes import Answer
from shared.web.forms import SENT_BEFORE, Form, own_form
from shared.web.viewing import Viewer, Viewing

STUDENT_COLUMNS = ("code", "vak", "periodes", "begeleiders", "stand")
LARGEST_BACK = 20_000
"""Wrong rows are given back within the page up to this size; more are told by their number."""


def add_files(site: FastAPI, portal: Portal) -> None:
    """Adds the page, the downloads and the upload."""

    @site.get("/vestigingen/{code}/bestanden")
    async def files(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, code)

    @site.get("/vestigingen/{code}/bestanden/{name}.csv")
    async def download(code: SiteId, name: str, viewer: Viewing) -> Response:
        async with portal.parts.reading() as store:
            where = await find_where(portal, store, viewer, code)
            records = [each for each in await store.supervisors_of(where.site) if is_of_school(each)]
            periods = [each for each in where.region.terms.periods if each.end >= where.today]
            match name:
                case "begeleiders":
                    own = Own(viewer.caller, {code: where.site})
                    theirs = [each for each in records if own.changes(each)]
                    names = await store.names([each.supervisor.id for each in theirs])
                    content = csv_columns.supervisors_file(theirs, names, periods, where.today)
                case "leerwerkplekken":
                    offered = await store.workplaces_where(WorkplaceFilter(sites=[code]), None, 10**4)
                    content = csv_columns.workplaces_file(offered, periods)
                case "studenten":
                    cards = await cards_of(store, records, where.region, where.today)
                    students = await read_students(store, where, cards)
                    rows = ([each.code, each.subject, each.periods, each.guides, each.state[0]] for each in students)
                    content = write(STUDENT_COLUMNS, rows)
                case _:
                    raise NotFound("onbekend-bestand", "Dit bestand is er niet.")
        headers = {"Content-Disposition": f'attachment; filename="leerplek-{code}-{name}.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    @site.post("/vestigingen/{code}/bestanden/{name}")
    async def upload(request: Request, code: SiteId, name: str, viewer: Viewing) -> Response:
        if name not in COLUMNS:
            raise NotFound("onbekend-bestand", "Dit bestand is er niet.")
        form = await own_form(request, {"doe"})
        if not form.file:
            form.errors["bestand"] = "Kies eerst een CSV-bestand."
        if form.errors:
            return await _page(portal, request, viewer, code, form, 400)
        only_look = form.text("doe") == "kijk"

        async def operation(store: Store) -> Answer:
            where = await find_where(portal, store, viewer, code)
            own = Own(viewer.caller, {code: where.site})
            found = await keep_file(store, own, name, form.file, code, where.today)
            return verdicts_answer(found, only_look=only_look)

        key = "" if only_look else form.key
        try:
            answer = await portal.parts.changes.once(_Sent(request, form), operation, viewer.actor, key or None)
        except JustLooking as looked:
            body = verdicts_body(looked.verdicts)
        except DomainError as broken:
            form.errors["bestand"] = broken.detail
            return await _page(portal, request, viewer, code, form, 400)
        else:
            if answer.status_code != 200:
                form.errors["bestand"] = SENT_BEFORE
                return await _page(portal, request, viewer, code, form, 409)
            body = json.loads(bytes(answer.body))
        result = {**body, "kind": name, "only_look": only_look, "back": _back(form.file, body)}
        return await _page(portal, request, viewer, code, None, 200, result)


class _Sent(Request):
    """The request as its content: a browser draws another line between the parts of a form each time it sends it."""

    def __init__(self, request: Request, form: Form) -> None:
        super().__init__(request.scope)
        self._content = json.dumps(form.values).encode() + form.file

    async def body(self) -> bytes:
        """Fields and file, without what is between them."""
        return self._content


def _back(raw: bytes, body: dict[str, object]) -> str:
    """The wrong rows as a link that needs no server, so that names in them are stored nowhere; empty when there are too many."""
    items = body["items"]
    assert isinstance(items, list)
    content = wrong_rows(raw, items) if any(each["outcome"] == "wrong" for each in items) else b""
    return base64.b64encode(content).decode() if len(content) <= LARGEST_BACK else ""


async def _page(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    code: str,
    form: Form | None = None,
    status: int = 200,
    result: dict[str, object] | None = None,
) -> HTMLResponse:
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        context = {"form": form, "result": result, "supervisors": SUPERVISORS}
        return await show(portal, request, store, "files.html", where, status=status, **context)
