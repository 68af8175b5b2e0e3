"""The pages of supervisors: who there is, and for each what can be reported and changed."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import uuid_utils
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity import handlers
from services.capacity.domain.supervisors import SupervisorRecord, is_of_school, serves
from services.capacity.entrypoints.pages.meanwhile import tell_meanwhile
from services.capacity.entrypoints.pages.portal import Made, Portal, Where, find_where, save, show
from services.capacity.entrypoints.pages.signed_in import names_of
from services.capacity.entrypoints.pages.supervisor_form import FIELDS, NAME_SEEN, PREFIXES, filled, profile_from
from services.capacity.entrypoints.pages.views import Card, Known, card_of, cards_of
from services.capacity.entrypoints.pages.words import DAYS, KINDS, TIERS
from services.capacity.ports import Store
from shared.contracts.availability import Absence, Supervisor
from shared.contracts.vocabulary import EntityId, SiteId, Tier
from shared.errors import NotFound, VersionChanged
from shared.web.forms import Form, Seen, only_touched, own_form
from shared.web.viewing import Viewer, Viewing

SHOWN = 50
Report = Callable[[Store, Seen, date], Awaitable[SupervisorRecord]]


def add_supervisors(site: FastAPI, portal: Portal) -> None:
    """Adds the pages."""
    _reading(site, portal)
    _changing(site, portal)
    _reporting(site, portal)


def _reading(site: FastAPI, portal: Portal) -> None:
    @site.get("/vestigingen/{code}/begeleiders")
    async def listed(request: Request, code: SiteId, viewer: Viewing, vanaf: int = 0) -> HTMLResponse:
        return await _list(portal, request, viewer, code, first=vanaf)

    @site.post("/vestigingen/{code}/begeleiders/zoek")
    async def search(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        """Posted, so that no name stands in an address; it changes nothing."""
        form = await own_form(request, {"naam"})
        return await _list(portal, request, viewer, code, words=form.text("naam")[:100])

    @site.get("/vestigingen/{code}/begeleiders/nieuw")
    async def new(request: Request, code: SiteId, viewer: Viewing) -> HTMLResponse:
        return await _new_page(portal, request, viewer, code)

    @site.get("/vestigingen/{code}/begeleiders/{supervisor}")
    async def one(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, (code, supervisor))


async def _list(
    portal: Portal, request: Request, viewer: Viewer, code: str, *, words: str = "", first: int = 0
) -> HTMLResponse:
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        cards = await cards_of(store, await store.supervisors_of(where.site), where.region, where.today)
        found = [card for card in cards if _is_called(card, words)]
        first = first if 0 <= first < len(found) else 0
        more = first + SHOWN if first + SHOWN < len(found) else None
        shown = found[first : first + SHOWN]
        return await show(
            portal, request, store, "supervisors.html", where, cards=shown, words=words, more=more, total=len(cards)
        )


def _is_called(card: Card, words: str) -> bool:
    """Whether somebody's name has these words in it, or a mail names them so: by their code, or the whole number."""
    wanted = words.strip().casefold()
    return wanted in card.title.casefold() or wanted in (card.code.casefold(), card.id.casefold())


def _changing(site: FastAPI, portal: Portal) -> None:
    @site.post("/vestigingen/{code}/begeleiders/nieuw")
    async def register(request: Request, code: SiteId, viewer: Viewing) -> Response:
        form = await own_form(request, FIELDS, PREFIXES)
        profile = profile_from(form, None, code)
        identifier = str(uuid_utils.uuid7())
        if not form.text("naam"):
            form.errors["naam"] = "Vul een naam in."

        async def operation(store: Store, where: Where) -> Made:
            supervisor = Supervisor(id=identifier, **profile.model_dump())
            held = await handlers.register_supervisor(store, where.region.id, supervisor, form.text("naam"))
            return Made(f"supervisor/{identifier}", held.sequence)

        async def again(form: Form, status: int) -> Response:
            return await _new_page(portal, request, viewer, code, form, status)

        goto = f"/vestigingen/{code}/begeleiders/{identifier}"
        return await save(portal, request, viewer, form, (code, operation, again, goto))

    @site.post("/vestigingen/{code}/begeleiders/{supervisor}/gegevens")
    async def change(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> Response:
        form = await own_form(request, FIELDS, PREFIXES)
        seen = Seen(form)

        async def operation(store: Store, where: Where) -> Made:
            held = await own_supervisor(store, where, supervisor)
            profile = profile_from(form, held.supervisor, code)
            changed = await handlers.change_supervisor(store, supervisor, profile, where.today, seen)
            seen.settle(changed.sequence)
            is_changed = changed.sequence != held.sequence
            name = _new_name(form, (await store.names([supervisor])).get(supervisor, ""))
            if name:
                await handlers.rename_supervisor(store, changed, name)
                return Made(f"{'supervisor' if is_changed else 'name'}/{supervisor}", changed.sequence)
            return Made(f"supervisor/{supervisor}", changed.sequence)

        profile_from(form, None, code)  # so that what is wrong is said before anything is read
        return await _save(portal, request, viewer, form, (code, supervisor, "gegevens", operation))


def _reporting(site: FastAPI, portal: Portal) -> None:
    address = "/vestigingen/{code}/begeleiders/{supervisor}"

    async def submit(
        request: Request, viewer: Viewer, form: Form, about: tuple[str, str, str], report: Report
    ) -> Response:
        code, supervisor, action = about
        seen = Seen(form)

        async def operation(store: Store, where: Where) -> Made:
            await own_supervisor(store, where, supervisor)
            held = await report(store, seen, where.today)
            seen.settle(held.sequence)
            return Made(f"supervisor/{supervisor}", held.sequence)

        return await _save(portal, request, viewer, form, (code, supervisor, action, operation))

    @site.post(address + "/afwezigheid")
    async def absence(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> Response:
        form = await own_form(request, {"start", "end"})
        start, end = form.needed_date("start"), form.optional_date("end")
        if start is not None and end is not None and end < start:
            form.errors["end"] = "Het einde ligt voor het begin."

        async def report(store: Store, seen: Seen, today: date) -> SupervisorRecord:
            assert start is not None
            return await handlers.report_absence(store, supervisor, Absence(start=start, end=end), today, seen)

        return await submit(request, viewer, form, (code, supervisor, "afwezigheid"), report)

    @site.post(address + "/terug")
    async def back(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> Response:
        form = await own_form(request, {"on"})
        on = form.needed_date("on")

        async def report(store: Store, seen: Seen, today: date) -> SupervisorRecord:
            assert on is not None
            return await handlers.report_return(store, supervisor, on, today, seen)

        return await submit(request, viewer, form, (code, supervisor, "terug"), report)

    @site.post(address + "/vertrek")
    async def departure(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> Response:
        form = await own_form(request, {"departs"})
        departs = form.needed_date("departs")

        async def report(store: Store, seen: Seen, today: date) -> SupervisorRecord:
            return await handlers.report_departure(store, supervisor, departs, today, seen)

        return await submit(request, viewer, form, (code, supervisor, "vertrek"), report)

    @site.post(address + "/blijft")
    async def stays(request: Request, code: SiteId, supervisor: EntityId, viewer: Viewing) -> Response:
        form = await own_form(request, set())

        async def report(store: Store, seen: Seen, today: date) -> SupervisorRecord:
            return await handlers.report_departure(store, supervisor, None, today, seen)

        return await submit(request, viewer, form, (code, supervisor, "blijft"), report)


def _new_name(form: Form, known: str) -> str:
    """The name that somebody is to have from now on, empty where the form leaves it as it was.

    Raises VersionChanged where somebody else gave another since the form was shown: a name has no version of its own.
    """
    typed, shown = form.text("naam"), form.values.get(NAME_SEEN, known)
    if typed in ("", known, shown):
        return ""
    if shown != known:
        detail = f"Iemand anders maakte hier intussen van: {known}. Moet het worden wat u invulde? Sla het dan nog een keer op."
        raise VersionChanged("intussen-gewijzigd", detail, pointer="/name")
    return typed


async def own_supervisor(store: Store, where: Where, supervisor: str) -> SupervisorRecord:
    """A supervisor of the school's own; raises NotFound for anybody else."""
    held = (await store.supervisors([supervisor])).get(supervisor)
    if held is None or not serves(held, where.site) or not is_of_school(held):
        raise NotFound("onbekende-begeleider", "Deze begeleider kennen we niet bij deze vestiging.")
    return held


async def _save(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    form: Form,
    about: tuple[str, str, str, Callable[[Store, Where], Awaitable[Made]]],
) -> Response:
    code, supervisor, action, operation = about

    async def again(form: Form, status: int) -> Response:
        return await _page(portal, request, viewer, (code, supervisor), (action, form, status))

    goto = f"/vestigingen/{code}/begeleiders/{supervisor}"
    return await save(portal, request, viewer, form, (code, operation, again, goto))


async def _page(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    about: tuple[str, str],
    rejected: tuple[str, Form, int] | None = None,
) -> HTMLResponse:
    code, supervisor = about
    action, form, status = rejected or ("", None, 200)
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        records = {each.supervisor.id: each for each in await store.supervisors_of(where.site)}
        if supervisor not in records:
            raise NotFound("onbekende-begeleider", "Deze begeleider kennen we niet bij deze vestiging.")
        record = records[supervisor]
        name = (await store.names([supervisor])).get(supervisor)
        students = (await store.guided_counts([supervisor])).get(supervisor, 0)
        changes = await store.last_changes([f"supervisor/{supervisor}"])
        change = changes.get(f"supervisor/{supervisor}")
        changers = await names_of(portal.parts, [change.actor] if change else [])
        known = Known(where.region, name, students, change, where.today, changers)
        was = await tell_meanwhile(portal, store, form, f"supervisor/{supervisor}", record.sequence)
        values = now = filled(record.supervisor, name or "")
        if form is not None and action == "gegevens":
            before = Supervisor.model_validate(was) if was else record.supervisor
            values = only_touched(form.values, filled(before, form.values.get(NAME_SEEN, name or "")), now)
        context: dict[str, Any] = {
            **_choices(where),
            "card": card_of(record, known),
            "action": action,
            "form": form,
            "values": values,
            "known_name": name or "",
        }
        return await show(portal, request, store, "supervisor.html", where, status=status, **context)


async def _new_page(
    portal: Portal, request: Request, viewer: Viewer, code: str, form: Form | None = None, status: int = 200
) -> HTMLResponse:
    async with portal.parts.reading() as store:
        where = await find_where(portal, store, viewer, code)
        values = dict(form.values) if form is not None else {"rol": "wpb", "soort": "teacher"}
        context: dict[str, Any] = {**_choices(where), "form": form, "values": values}
        return await show(portal, request, store, "supervisor_new.html", where, status=status, **context)


def _choices(where: Where) -> dict[str, object]:
    return {
        "tiers": [(each.value, TIERS[each]) for each in (Tier.WORKPLACE_SUPERVISOR, Tier.SCHOOL_TRAINER)],
        "kinds": [(each.value, word) for each, word in KINDS.items()],
        "days": [(f"dag-{each.value}", word) for each, word in DAYS.items()],
        "periods": [each for each in where.region.terms.periods if each.end >= where.today],
    }
