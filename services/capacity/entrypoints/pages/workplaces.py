"""The pages of workplaces: which there are, how many seats each has in each period, and how many are taken."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import uuid_utils
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from services.capacity import handlers
from services.capacity.domain.sites import OfferedWorkplace
from services.capacity.entrypoints.pages.meanwhile import tell_meanwhile
from services.capacity.entrypoints.pages.portal import Made, Portal, Where, find_where, save, show
from services.capacity.entrypoints.pages.words import words_of
from services.capacity.ports import Store, WorkplaceFilter
from shared.contracts.availability import Workplace
from shared.contracts.region import Period
from shared.contracts.vocabulary import EntityId, SiteId
from shared.errors import NotFound
from shared.phases import phase_of, phase_words
from shared.web.forms import Form, Seen, only_touched, own_form
from shared.web.viewing import Viewer, Viewing

FIELDS = frozenset({"vak", "fasen"})
PREFIXES = ("plaatsen-",)
MOST_SEATS = 1_000
MOST = 500
Change = Callable[[Store, Form, Where, Seen], Awaitable[OfferedWorkplace]]


@dataclass(frozen=True, slots=True)
class Row:
    """One workplace on the page; `seats` has for each open period what is offered and what is taken."""

    id: str
    subject: str
    phases: str
    seats: tuple[tuple[str, int, int], ...]
    version: int
    is_closed: bool


def add_workplaces(site: FastAPI, portal: Portal) -> None:
    """Adds the pages."""

    @site.get("/vestigingen/{code}/leerwerkplekken")
    async def listed(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        async with portal.parts.reading() as store:
            where = await find_where(portal, store, viewer, code)
            found = await store.workplaces_where(WorkplaceFilter(sites=[code]), None, MOST)
            taken = await _taken(store, code)
            rows = sorted(
                (_row(each, where, taken) for each in found), key=lambda row: (row.is_closed, row.subject, row.id)
            )
            return await show(portal, request, store, "workplaces.html", where, rows=rows, periods=_open(where))

    @site.get("/vestigingen/{code}/leerwerkplekken/nieuw")
    async def new(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, (code, None))

    @site.get("/vestigingen/{code}/leerwerkplekken/{workplace}")
    async def one(request: Request, code: SiteId, workplace: EntityId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, (code, workplace))

    @site.post("/vestigingen/{code}/leerwerkplekken/nieuw")
    async def offer(request: Request, code: SiteId, viewer: Viewing) -> Response:
        identifier = str(uuid_utils.uuid7())

        async def operation(store: Store, form: Form, _where: Where, _seen: Seen) -> OfferedWorkplace:
            return await handlers.offer_workplace(store, _workplace(form, code, identifier, None))

        return await submit(request, viewer, (code, None), operation)

    @site.post("/vestigingen/{code}/leerwerkplekken/{workplace}")
    async def change(request: Request, code: SiteId, workplace: EntityId, viewer: Viewing) -> Response:
        async def operation(store: Store, form: Form, _where: Where, seen: Seen) -> OfferedWorkplace:
            held = await _own(store, code, workplace)
            wanted = _workplace(form, code, workplace, held.workplace)
            changed = await handlers.change_workplace(store, wanted, seen)
            seen.settle(changed.sequence)
            return changed

        return await submit(request, viewer, (code, workplace), operation)

    async def submit(request: Request, viewer: Viewer, about: tuple[str, str | None], operation: Change) -> Response:
        form = await own_form(request, FIELDS, PREFIXES)
        _workplace(form, about[0], "nieuw", None)  # so that what is wrong is said before anything is read
        seen = Seen(form)

        async def carry_out(store: Store, where: Where) -> Made:
            held = await operation(store, form, where, seen)
            return Made(f"workplace/{held.workplace.id}", held.sequence)

        async def again(form: Form, status: int) -> Response:
            return await _page(portal, request, viewer, about, form, status)

        goto = f"/vestigingen/{about[0]}/leerwerkplekken"
        return await save(portal, request, viewer, form, (about[0], carry_out, again, goto))


def _workplace(form: Form, site: str, identifier: str, held: Workplace | None) -> Workplace:
    """What the fields say; periods that the form does not show stay as they were. What is wrong is in `form.errors`."""
    seats = dict(held.seats) if held else {}
    for name in [each for each in form.values if each.startswith("plaatsen-")]:
        seats[name.removeprefix("plaatsen-")] = form.number(name, MOST_SEATS) or 0
    subject = form.slugs("vak")
    if len(subject) != 1:
        form.errors["vak"] = "Vul één vak of bouw in, bijvoorbeeld wiskunde of onderbouw."
    shown = {period: amount for period, amount in seats.items() if amount or (held and period in held.seats)}
    try:
        return Workplace(id=identifier, site=site, subject=(*subject, "x")[0], seats=shown, phases=_phases(form))
    except ValidationError:
        form.errors[""] = "Dit klopt niet. Open de pagina opnieuw."
        return Workplace(id=identifier, site=site, subject="x")


def _filled(held: Workplace) -> dict[str, str]:
    """The fields as they are now."""
    seats = {f"plaatsen-{period}": str(seats) for period, seats in held.seats.items()}
    return {"vak": words_of(held.subject), "fasen": ", ".join(map(phase_words, held.phases)), **seats}


def _phases(form: Form) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(phase_of, form.text("fasen").split(",")))))


async def _own(store: Store, code: str, workplace: str) -> OfferedWorkplace:
    held = (await store.workplaces([workplace])).get(workplace)
    if held is None or held.workplace.site != code:
        raise NotFound("onbekende-leerwerkplek", "Deze leerwerkplek kennen we niet bij deze vestiging.")
    return held


async def _taken(store: Store, code: str) -> Counter[tuple[str, str]]:
    """How many students have each workplace in each period."""
    return Counter((each.workplace, period) for each in await store.places_at(code) for period in each.periods)


def _row(held: OfferedWorkplace, where: Where, taken: Counter[tuple[str, str]]) -> Row:
    one = held.workplace
    seats = tuple((each.id, one.seats.get(each.id, 0), taken[one.id, each.id]) for each in _open(where))
    return Row(
        one.id,
        words_of(one.subject),
        ", ".join(map(phase_words, one.phases)),
        seats,
        held.sequence,
        not any(offered for _, offered, _ in seats),
    )


def _open(where: Where) -> list[Period]:
    return [each for each in where.region.terms.periods if each.end >= where.today]


async def _page(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    about: tuple[str, str | None],
    form: Form | None = None,
    status: int = 200,
) -> HTMLResponse:
    code, workplace = about
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        row = None
        values = dict(form.values) if form is not None else {}
        if workplace is not None:
            held = await _own(store, code, workplace)
            row = _row(held, where, await _taken(store, code))
            now = _filled(held.workplace)
            was = await tell_meanwhile(portal, store, form, f"workplace/{workplace}", held.sequence)
            shown = _filled(Workplace.model_validate(was)) if was else now
            values = now if form is None else only_touched(form.values, shown, now)
        context = {"row": row, "values": values, "periods": _open(where), "form": form}
        return await show(portal, request, store, "workplace.html", where, status=status, **context)
