"""Reporting that a student and their place do not fit, and that they do again."""

import uuid_utils
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.intake import handlers
from services.intake.entrypoints.pages.access import STUDENT
from services.intake.entrypoints.pages.desk import Desk, Made, Where, save, show, where_of
from services.intake.entrypoints.pages.student import find_shown, student_page
from services.intake.entrypoints.pages.words import MISMATCHES
from services.intake.ports import Store
from shared.contracts.vocabulary import EntityId, InstituteId, MismatchKind
from shared.errors import NotFound
from shared.web.forms import Form, own_form
from shared.web.viewing import Viewer, Viewing


def add_mismatches(site: FastAPI, desk: Desk) -> None:
    """Adds the pages."""

    @site.get(STUDENT + "/past-niet")
    async def ask(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> HTMLResponse:
        return await _page(desk, request, viewer, (institute, student))

    @site.post(STUDENT + "/past-niet")
    async def report(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> Response:
        where = where_of(viewer, institute)
        form = await own_form(request, {"keuze"})
        kind = next((each for each in MismatchKind if each.value == form.text("keuze")), None)
        if kind is None:
            form.errors["keuze"] = "Kies wat niet past."
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store, _where: Where) -> Made:
            assert kind is not None
            place = await store.place(student)
            reported = (desk.today(), "institute")
            held = await handlers.report_mismatch(store, identifier, student, kind, reported=reported)  # type: ignore[arg-type]
            return Made(f"mismatch/{identifier}", held.sequence, {"plan": place.sequence if place else 0})

        async def again(form: Form, status: int) -> Response:
            return await _page(desk, request, viewer, (institute, student), form, status)

        return await save(desk, request, where, form, (operation, again, f"{where.base}/studenten/{student}"))

    @site.post(STUDENT + "/past-weer")
    async def solved(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> Response:
        where = where_of(viewer, institute)
        form = await own_form(request, {"melding"})
        mismatch = form.text("melding")

        async def operation(store: Store, _where: Where) -> Made:
            if (await handlers.find_mismatch(store, mismatch)).mismatch.student != student:
                raise NotFound("onbekende-mismatch", "Deze melding kennen we niet.")
            held = await handlers.withdraw_mismatch(store, mismatch)
            return Made(f"mismatch/{mismatch}", held.sequence, {})

        async def again(form: Form, status: int) -> Response:
            return await student_page(desk, request, viewer, (institute, student), form, status)

        return await save(desk, request, where, form, (operation, again, f"{where.base}/studenten/{student}"))


async def _page(
    desk: Desk, request: Request, viewer: Viewer, about: tuple[str, str], form: Form | None = None, status: int = 200
) -> HTMLResponse:
    where, each, _ = await find_shown(desk, viewer, about)
    kinds = [(kind.value, *MISMATCHES[kind]) for kind in MismatchKind]
    return show(desk, request, "office_mismatch.html", where, status=status, student=each, kinds=kinds, form=form)
