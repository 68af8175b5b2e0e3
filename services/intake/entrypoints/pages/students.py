"""The list of an institute's students: by how they stand, and by the institute's own number."""

from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.intake.domain.overview import View
from services.intake.entrypoints.pages.access import STUDENTS
from services.intake.entrypoints.pages.desk import Desk, show, where_of
from services.intake.entrypoints.pages.showing import shown
from services.intake.entrypoints.pages.words import VIEWS
from shared.contracts.vocabulary import EntityId, InstituteId
from shared.web.forms import own_form
from shared.web.viewing import Viewer, Viewing

PAGE = 50
LONGEST = 64


def add_students(site: FastAPI, desk: Desk) -> None:
    """Adds the list, and the search: by a form, so that no number stands in an address."""

    @site.get(STUDENTS)
    async def listed(
        request: Request,
        institute: InstituteId,
        viewer: Viewing,
        stand: View | None = None,
        na: EntityId | None = None,
    ) -> HTMLResponse:
        return await _page(desk, request, viewer, (institute, stand, "", na))

    @site.post(STUDENTS + "/zoek")
    async def search(request: Request, institute: InstituteId, viewer: Viewing) -> Response:
        form = await own_form(request, {"kenmerk"})
        wanted = form.text("kenmerk")[:LONGEST]
        if not wanted:
            return RedirectResponse(f"{where_of(viewer, institute).base}/studenten", 303)
        return await _page(desk, request, viewer, (institute, None, wanted, None))


async def _page(
    desk: Desk, request: Request, viewer: Viewer, asked: tuple[str, View | None, str, str | None]
) -> HTMLResponse:
    institute, view, begins, after = asked
    where = where_of(viewer, institute)
    async with desk.parts.looking(where.who) as overview:
        counts = await overview.counts()
        found = await shown(overview, await overview.students(view, begins, after, PAGE + 1))
    kept = {"stand": view.value} if view is not None else {}
    more = len(found) > PAGE
    context: dict[str, Any] = {
        "students": found[:PAGE],
        "views": [(each, word, counts[each]) for each, word in VIEWS.items()],
        "view": view,
        "begins": begins,
        "is_first": after is None,
        "more": f"{where.base}/studenten?{urlencode({**kept, 'na': found[PAGE - 1].id})}"
        if more and not begins
        else "",
        "too_many": more and bool(begins),
    }
    return show(desk, request, "office_students.html", where, **context)
