"""What an institute answers about a place: confirm, decline, ask for another, or answer an offer; and withdrawing a registration."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.intake import handlers
from services.intake.domain.decisions import Verdict
from services.intake.entrypoints.pages.access import STUDENT
from services.intake.entrypoints.pages.desk import Desk, Made, Operation, Where, save, show, where_of
from services.intake.entrypoints.pages.student import find_shown, student_page
from services.intake.entrypoints.pages.words import DECLINES
from services.intake.ports import Store
from shared.contracts.vocabulary import DeclineReason, EntityId, InstituteId
from shared.errors import Conflict
from shared.web.forms import Form, own_form
from shared.web.viewing import Viewer, Viewing

MOST = 2**31 - 1
FIELDS = {"aanbod", "plek", "keuze"}
CHANGED = "Het plan is intussen veranderd. Kijk welke plek het nu is."
Name = tuple[str, str]
"""An institute and a student."""


def add_deciding(site: FastAPI, desk: Desk) -> None:
    """Adds the pages."""
    _confirming(site, desk)
    for path, verdict in (("/afwijzen", "decline"), ("/andere-plek", "switch")):
        _with_reason(site, desk, path, verdict)  # type: ignore[arg-type]  # one of the verdicts
    _withdrawing(site, desk)


def _confirming(site: FastAPI, desk: Desk) -> None:
    @site.post(STUDENT + "/bevestigen")
    async def confirm(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> Response:
        where = where_of(viewer, institute)
        form = await own_form(request, FIELDS)

        async def again(form: Form, status: int) -> Response:
            return await student_page(desk, request, viewer, (institute, student), form, status)

        operation = _decision(form, student, "confirm", None)
        return await save(desk, request, where, form, (operation, again, f"{where.base}/studenten/{student}"))


def _with_reason(site: FastAPI, desk: Desk, path: str, verdict: Verdict) -> None:
    @site.get(STUDENT + path)
    async def ask(
        request: Request, institute: InstituteId, student: EntityId, viewer: Viewing, aanbod: int | None = None
    ) -> HTMLResponse:
        return await _reason_page(desk, request, viewer, ((institute, student), verdict, aanbod))

    @site.post(STUDENT + path)
    async def decide(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> Response:
        where = where_of(viewer, institute)
        form = await own_form(request, FIELDS)
        reason = next((each for each in DeclineReason if each.value == form.text("keuze")), None)
        if reason is None:
            form.errors["keuze"] = "Kies een reden."

        async def again(form: Form, status: int) -> Response:
            about = ((institute, student), verdict, form.number("aanbod", MOST))
            return await _reason_page(desk, request, viewer, about, form, status)

        operation = _decision(form, student, verdict, reason)
        return await save(desk, request, where, form, (operation, again, f"{where.base}/studenten/{student}"))


def _withdrawing(site: FastAPI, desk: Desk) -> None:
    @site.get(STUDENT + "/intrekken")
    async def ask(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> HTMLResponse:
        where, each, _ = await find_shown(desk, viewer, (institute, student))
        return show(desk, request, "office_withdraw.html", where, student=each)

    @site.post(STUDENT + "/intrekken")
    async def withdraw(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> Response:
        where = where_of(viewer, institute)
        form = await own_form(request, set())

        async def operation(store: Store, _where: Where) -> Made:
            place = await store.place(student)
            held = await handlers.withdraw_student(store, student, lambda _: None)
            return Made(f"student/{student}", held.sequence, {"plan": place.sequence if place else 0})

        async def again(form: Form, status: int) -> Response:
            return await student_page(desk, request, viewer, (institute, student), form, status)

        return await save(desk, request, where, form, (operation, again, f"{where.base}/studenten/{student}"))


def _decision(form: Form, student: str, verdict: Verdict, reason: DeclineReason | None) -> Operation:
    offer = form.number("aanbod", MOST)

    async def operation(store: Store, _where: Where) -> Made:
        outcome = await handlers.find_outcome(store, student)
        place, switch = outcome.place, outcome.switch
        if offer is not None:
            if switch is None or switch.status != "offered" or switch.sequence != offer:
                raise Conflict("aanbod-voorbij", "Dit aanbod is er niet meer. De student houdt de plek.")
        elif place is None or place.status != "placed" or _workplace(place.body) != form.text("plek"):
            raise Conflict("andere-plek", CHANGED)
        decision = await handlers.decide(store, student, verdict, reason, offer)
        plan = place.sequence if place is not None else 0
        return Made(f"institute-decision/{student}", decision.event.sequence, {"plan": plan})

    return operation


def _workplace(body: dict[str, object]) -> object:
    placement = body["placement"]
    assert isinstance(placement, dict)
    return placement["workplace"]


async def _reason_page(
    desk: Desk,
    request: Request,
    viewer: Viewer,
    about: tuple[Name, Verdict, int | None],
    form: Form | None = None,
    status: int = 200,
) -> HTMLResponse:
    name, verdict, offer = about
    where, each, _ = await find_shown(desk, viewer, name)
    is_there = each.place is not None if offer is None else each.offer is not None and each.offer.number == offer
    context = {
        "student": each,
        "verdict": verdict,
        "offer": each.offer if offer is not None else None,
        "is_there": is_there,
        "reasons": [(reason.value, *DECLINES[reason]) for reason in DeclineReason],
        "form": form,
    }
    return show(desk, request, "office_decide.html", where, status=status, **context)
