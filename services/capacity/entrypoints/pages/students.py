"""The page of students at a site, and the school's answer to what is proposed: yes, or no with a reason."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity import handlers
from services.capacity.domain.decisions import Verdict, check_is_open
from services.capacity.entrypoints.pages.meanwhile import tell_meanwhile
from services.capacity.entrypoints.pages.placed import Student, read_offers, read_students
from services.capacity.entrypoints.pages.portal import (
    Made,
    Operation,
    Part,
    Portal,
    Where,
    find_where,
    save,
    show,
    show_part,
)
from services.capacity.entrypoints.pages.views import cards_of
from services.capacity.entrypoints.pages.words import REFUSALS
from services.capacity.ports import SiteFilter, Store
from shared.contracts.vocabulary import EntityId, RefusalReason, SiteId
from shared.errors import Conflict, NotFound
from shared.web.forms import Form, Seen, own_form
from shared.web.viewing import Viewer, Viewing

MOST_NEAR = 5
"""Of so many other schools the matcher is asked whether there is a place."""
MOST_SITES = 1_000
GONE = "Dit voorstel is er niet meer: het plan is intussen veranderd."


def add_students(site: FastAPI, portal: Portal) -> None:
    """Adds the pages."""

    @site.get("/vestigingen/{code}/studenten")
    async def listed(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, code)

    @site.get("/vestigingen/{code}/studenten/{student}/weigeren")
    async def refusing(
        request: Request, code: SiteId, student: EntityId, viewer: Viewing, aanbod: int | None = None
    ) -> HTMLResponse:
        return await _refuse_page(portal, request, viewer, (code, student, aanbod))

    @site.get("/vestigingen/{code}/studenten/{student}/gevolgen")
    async def effects(request: Request, code: SiteId, student: EntityId, viewer: Viewing) -> HTMLResponse:
        async with portal.parts.reading() as store:
            where = await find_where(portal, store, viewer, code)
            await _asked_about(store, where, student, None)
            near = await _near(store, where)
        found = await portal.parts.answers.alternatives(student, list(near))
        back = f"{where.base}/studenten/{student}/weigeren"
        part = Part("effects.html", "Als u weigert", back, found is None or found.is_complete)
        async with portal.parts.reading() as store:
            return await show_part(portal, request, store, where, part, outlook=found, names=near)

    @site.post("/vestigingen/{code}/studenten/{student}/aannemen")
    async def accept(request: Request, code: SiteId, student: EntityId, viewer: Viewing) -> Response:
        form = await own_form(request, {"aanbod", "plek"})

        async def again(form: Form, status: int) -> Response:
            return await _page(portal, request, viewer, code, (student, form, status))

        operation = _decision(form, student, "accept", None)
        return await save(portal, request, viewer, form, (code, operation, again, f"/vestigingen/{code}/studenten"))

    @site.post("/vestigingen/{code}/studenten/{student}/weigeren")
    async def refuse(request: Request, code: SiteId, student: EntityId, viewer: Viewing) -> Response:
        form = await own_form(request, {"aanbod", "plek", "keuze"})
        reason = next((each for each in RefusalReason if each.value == form.text("keuze")), None)
        if reason is None:
            form.errors["keuze"] = "Kies waarom het niet kan."

        async def again(form: Form, status: int) -> Response:
            about = (code, student, form.number("aanbod", 2**31 - 1))
            return await _refuse_page(portal, request, viewer, about, form, status)

        operation = _decision(form, student, "refuse", reason)
        return await save(portal, request, viewer, form, (code, operation, again, f"/vestigingen/{code}/studenten"))


def _decision(form: Form, student: str, verdict: Verdict, reason: RefusalReason | None) -> Operation:
    offer, seen = form.number("aanbod", 2**31 - 1), Seen(form)

    async def operation(store: Store, where: Where) -> Made:
        about = await (store.place(student) if offer is None else store.offer(student))
        if about is None or about.site != where.site.site.id:
            raise Conflict("niet-meer-voorgesteld", GONE)
        if form.text("plek") and form.text("plek") != about.workplace:
            raise Conflict("andere-plek", "Het plan is intussen veranderd: kijk welke plek het nu is.")
        before = (await store.decisions([student])).get(student)
        seen(before.event.sequence if before is not None else 0)
        decision = await handlers.decide(store, student, verdict, reason, offer)
        seen.settle(decision.event.sequence)
        return Made(f"school-decision/{student}", decision.event.sequence)

    return operation


async def _page(
    portal: Portal, request: Request, viewer: Viewer, code: str, rejected: tuple[str, Form, int] | None = None
) -> HTMLResponse:
    student, form, status = rejected or ("", None, 200)
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        await _tell_answered(portal, store, form, student)
        cards = await cards_of(store, await store.supervisors_of(where.site), where.region, where.today)
        students = await read_students(store, where, cards)
        offers = await read_offers(store, where)
        places = {each.student: each.workplace for each in await store.places_at(code)}
        places |= {each.student: each.workplace for each in await store.offers_at(code)}
        waiting = [*offers, *(each for each in students if each.waits)]
        settled = [each for each in students if not each.waits]
        context = {"waiting": waiting, "students": settled, "places": places, "form": form, "total": len(students)}
        return await show(portal, request, store, "students.html", where, status=status, **context)


async def _refuse_page(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    about: tuple[str, str, int | None],
    form: Form | None = None,
    status: int = 200,
) -> HTMLResponse:
    code, student, offer = about
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        one, workplace = await _asked_about(store, where, student, offer)
        await _tell_answered(portal, store, form, student)
        context = {
            "student": one,
            "workplace": workplace,
            "reasons": [(each.value, *REFUSALS[each]) for each in RefusalReason],
            "form": form,
        }
        return await show(portal, request, store, "refuse.html", where, status=status, **context)


async def _tell_answered(portal: Portal, store: Store, form: Form | None, student: str) -> None:
    """Says who answered meanwhile."""
    held = (await store.decisions([student])).get(student)
    if held is not None:
        await tell_meanwhile(portal, store, form, f"school-decision/{student}", held.event.sequence)


async def _near(store: Store, where: Where) -> dict[str, str]:
    """The nearest sites in the region with the same kind of school, by id, with what they are called."""
    here = where.site.site
    found = await store.sites_where(SiteFilter(region=where.region.id, sector=here.sector), None, MOST_SITES)
    others = [each for each in found if each.site.id != here.id]
    others.sort(key=lambda each: (each.site.lat - here.lat) ** 2 + (0.6 * (each.site.lon - here.lon)) ** 2)
    return {each.site.id: f"{each.name or each.site.id}, {each.town}".strip(", ") for each in others[:MOST_NEAR]}


async def _asked_about(store: Store, where: Where, student: str, offer: int | None) -> tuple[Student, str]:
    """What the school would refuse; raises NotFound when it is not asked any more, Conflict when it was agreed upon."""
    code = where.site.site.id
    if offer is not None:
        held = await store.offer(student)
        found = next(
            (each for each in await read_offers(store, where) if (each.id, each.offer) == (student, offer)), None
        )
        if held is None or found is None:
            raise NotFound("niet-meer-voorgesteld", GONE)
        return found, held.workplace
    place = await store.place(student)
    if place is None or place.site != code:
        raise NotFound("niet-meer-voorgesteld", GONE)
    check_is_open(place, None, "refuse")
    return next(each for each in await read_students(store, where, ()) if each.id == student), place.workplace
