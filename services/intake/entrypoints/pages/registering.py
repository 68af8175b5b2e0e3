"""Registering one student by hand, and changing what a student needs: what the API does, as a form."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import uuid_utils
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.intake import handlers
from services.intake.domain.registrations import (
    AskedNeeds,
    NewRegistration,
    Registration,
    RegistrationStatus,
    fellows_of,
)
from services.intake.entrypoints.pages import registration_form as forms
from services.intake.entrypoints.pages.access import STUDENT, STUDENTS
from services.intake.entrypoints.pages.desk import Desk, Made, Where, save, show, where_of
from services.intake.entrypoints.pages.showing import called_of, in_words
from services.intake.entrypoints.pages.student import line_of
from services.intake.entrypoints.pages.words import PHASES, ROUTES, SECTORS, SUPPORT, WEEKDAYS
from services.intake.handlers.importing import student_of
from services.intake.ports import Store
from shared.contracts.vocabulary import EntityId, InstituteId
from shared.dutch import dutch_moment
from shared.web.forms import CHANGED_MEANWHILE, Form, Seen, changed_meanwhile, only_touched, own_form
from shared.web.viewing import Viewer, Viewing

FAR_APART = 0.3
"""In degrees: schools of one town are not so far from each other."""


def add_registering(site: FastAPI, desk: Desk) -> None:
    """Adds the pages."""
    _new(site, desk)
    _changing(site, desk)


def _new(site: FastAPI, desk: Desk) -> None:
    @site.get(STUDENTS + "/nieuw")
    async def ask(request: Request, institute: InstituteId, viewer: Viewing, regio: str = "") -> Response:
        where = where_of(viewer, institute)
        async with desk.parts.looking(where.who) as overview:
            regions = await overview.regions(institute)
        if regio not in regions:
            if len(regions) == 1:
                return RedirectResponse(f"{request.url.path}?regio={next(iter(regions))}", 303)
            return show(desk, request, "office_region.html", where, regions=regions)
        return await _new_page(desk, request, where, Form({"regio": regio, "ondersteuningsklasse": "1"}))

    @site.post(STUDENTS + "/nieuw")
    async def register(request: Request, institute: InstituteId, viewer: Viewing) -> Response:
        where = where_of(viewer, institute)
        form = await own_form(request, forms.FIELDS, forms.PREFIXES)
        asked = forms.asked_in(form, None)
        if not form.text("kenmerk"):
            form.errors.setdefault("kenmerk", "Vul uw eigen nummer van de student in.")
        about = {"region": form.text("regio"), "reference": form.text("kenmerk") or None}
        body = forms.checked(form, asked, {**await _about(desk, where, form), **about}, NewRegistration)
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store, where: Where) -> Made:
            assert body is not None
            student = student_of(identifier, await _with_fellows(store, where, body, asked))
            held = await handlers.register_student(store, body.region, student, body.reference)
            return Made(f"student/{identifier}", held.sequence, {"plan": 0})

        async def again(form: Form, status: int) -> Response:
            return await _new_page(desk, request, where, forms.beside_fields(form), status)

        return await save(desk, request, where, form, (operation, again, f"{where.base}/studenten/{identifier}"))


def _changing(site: FastAPI, desk: Desk) -> None:
    @site.get(STUDENT + "/wijzigen")
    async def ask(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> HTMLResponse:
        return await _change_page(desk, request, where_of(viewer, institute), viewer, student)

    @site.post(STUDENT + "/wijzigen")
    async def change(request: Request, institute: InstituteId, student: EntityId, viewer: Viewing) -> Response:
        where = where_of(viewer, institute)
        form = await own_form(request, forms.FIELDS, forms.PREFIXES)
        seen = Seen(form)
        async with desk.parts.reading(where.who) as store:
            before = await handlers.find_registration(store, student)
        asked = forms.asked_in(form, before.student)
        body = forms.checked(form, asked, await _about(desk, where, form), AskedNeeds)

        async def operation(store: Store, where: Where) -> Made:
            assert body is not None
            place = await store.place(student)
            needs = await _with_fellows(store, where, body, asked)
            held = await handlers.change_student(store, student_of(student, needs), seen)
            seen.settle(held.sequence)
            return Made(f"student/{student}", held.sequence, {"plan": place.sequence if place else 0})

        async def again(form: Form, status: int) -> Response:
            return await _change_page(desk, request, where, viewer, student, (forms.beside_fields(form), status))

        return await save(desk, request, where, form, (operation, again, f"{where.base}/studenten/{student}"))


async def _about(desk: Desk, where: Where, form: Form) -> Mapping[str, Any]:
    """Whose student it is and where they live: two numbers of a map, or the middle of the schools of a town."""
    text = form.text("woont")
    found = forms.home_of(text)
    if found is None and text:
        async with desk.parts.looking(where.who) as overview:
            schools = await overview.schools_in(text)
        apart = max((max(each) - min(each) for each in zip(*schools, strict=True)), default=0.0)
        if schools and apart < FAR_APART:
            north, east = (sum(each) / len(each) for each in zip(*schools, strict=True))
            found = (north, east)
        else:
            why = "Er zijn meer plaatsen die zo heten." if schools else "In deze plaats kennen we geen school."
            form.errors.setdefault("woont", f"{why} {forms.NO_HOME}")
    if found is None:
        form.errors.setdefault("woont", forms.NO_HOME)
        return {"institute": where.institute}
    return {"institute": where.institute, "lat": found[0], "lon": found[1]}


async def _with_fellows(store: Store, where: Where, needs: AskedNeeds, asked: forms.Asked) -> AskedNeeds:
    """What is asked, with the ids of the students it names; raises DomainError for one that the institute does not have."""
    found: dict[str, Sequence[str]] = {}
    for name, named in asked.fellows.items():
        known = await store.by_reference({(where.institute, each) for each in named})
        held = [known.get((where.institute, each)) or await store.registration(each) for each in named]
        for each, one in zip(named, held, strict=True):
            if one is None:
                raise forms.nobody_called(name, each)
        found[forms.FELLOWS[name]] = tuple(one.student.id for one in held if one is not None)
    return needs.model_copy(update=found)


async def _new_page(desk: Desk, request: Request, where: Where, form: Form, status: int = 200) -> HTMLResponse:
    region = form.text("regio")
    async with desk.parts.reading(where.who) as store:
        choices = await _choices(store, (region, desk.today()), form.values, form)
    context = {**choices, "form": form, "region": region, "held": None, "seen": {}}
    return show(desk, request, "office_registration.html", where, status=status, **context)


async def _change_page(
    desk: Desk,
    request: Request,
    where: Where,
    viewer: Viewer,
    student: str,
    rejected: tuple[Form, int] | None = None,
) -> HTMLResponse:
    form, status = rejected or (None, 200)
    async with desk.parts.reading(where.who) as store:
        held = await handlers.find_registration(store, student)
        fellows = fellows_of(held.student)
        own = [each for each, one in (await store.institutes_of(fellows)).items() if one == where.institute]
        called = {each: name for each, name in (await store.references(own)).items() if name}
        values = now = forms.filled(held.student, called)
        if form is not None:
            await _tell_meanwhile(desk, where, viewer, form, held)
            values = only_touched(form.values, _shown(form) or now, now)
        choices = await _choices(store, (held.region, desk.today()), values, form)
    context = {
        **choices,
        "form": form,
        "region": held.region,
        "held": held,
        "seen": now,
        "called": called_of(held),
        "can_change": held.status is RegistrationStatus.REGISTERED,
    }
    return show(desk, request, "office_registration.html", where, status=status, **context)


def _shown(form: Form) -> dict[str, str]:
    """What the fields held when the form was shown."""
    return {name.removeprefix(forms.SEEN): value for name, value in form.values.items() if name.startswith(forms.SEEN)}


async def _tell_meanwhile(desk: Desk, where: Where, viewer: Viewer, form: Form, held: Registration) -> None:
    """Says who changed the registration since the form was shown, also where it was sent back for something else."""
    if form.version in (None, held.sequence) or form.errors.get("", CHANGED_MEANWHILE) != CHANGED_MEANWHILE:
        return
    async with desk.parts.looking(where.who) as overview:
        history = await overview.history(held.student.id)
    last = next((each for each in history if each.aggregate == f"student/{held.student.id}"), None)
    if last is not None:
        line = line_of(last, viewer)
        told = changed_meanwhile(line.what, dutch_moment(line.at), line.by)
        form.errors = {"": told, **{name: each for name, each in form.errors.items() if name}}


async def _choices(
    store: Store, about: tuple[str, date], values: Mapping[str, str], form: Form | None
) -> dict[str, Any]:
    """What can be chosen in a region on a day, what of it is, and which parts are open: those with something in them, or wrong.

    A period that has ended is there only where it was chosen already.
    """
    region, today = about
    known = await store.region(region)
    periods, still = (known.periods, known.open_on(today)) if known is not None else ((), [])
    names = [[(each, f"periode-{number}-{each}") for each in periods] for number in forms.CHOICES]
    choices = [
        [(name, each, name in values) for each, name in some if each in still or name in values] for some in names
    ]
    days = [(f"dag-{each}", word, f"dag-{each}" in values) for each, word in WEEKDAYS.items()]
    is_limited = any(is_on for _, _, is_on in days) or any(values.get(each) for each in forms.LIMITS)
    is_wrong = form is not None and not forms.LIMITS.isdisjoint(form.errors)
    return {
        "region_name": known.name if known is not None else "",
        "values": dict(values),
        "subjects": sorted(map(in_words, await store.subjects(region))),
        "routes": ROUTES,
        "phases": PHASES,
        "sectors": [("", "Kies"), *((each, word.capitalize()) for each, word in SECTORS.items())],
        "support": SUPPORT,
        "choices": choices,
        "days": days,
        "is_open": {
            "periods": any(is_on for each in choices[1:] for _, _, is_on in each),
            "limits": is_limited or is_wrong,
        },
    }
