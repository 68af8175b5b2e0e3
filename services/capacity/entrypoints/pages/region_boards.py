"""Which board governs which school, since a board sees all of its schools, and what boards and institutes are called: the region says so."""

import re
from collections import defaultdict
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity.domain.sites import SchoolSite
from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.entrypoints.pages.regions import MOST, own_region, render_region
from services.capacity.handlers import governing, naming
from services.capacity.ports import SiteFilter, Store
from services.capacity.ports.people import People
from shared.contracts.vocabulary import RegionId
from shared.errors import DomainError, NotFound, VersionChanged
from shared.web.changes import Answer
from shared.web.forms import SENT_BEFORE, Form, own_form
from shared.web.viewing import Viewer, Viewing

NAME, SEEN = "naam-", "was-"
"""For each organisation what it is to be called, and what it was called when the form was shown."""
FIELDS = {"onbekende-vestiging": "vestiging", "bestuur-blijft": "bestuur"}
"""At which field it is told what cannot be."""


def add_region_boards(site: FastAPI, portal: Portal) -> None:
    """Adds the page."""
    access = portal.parts.access

    @site.get("/regios/{region}/besturen")
    async def listed(request: Request, region: RegionId, viewer: Viewing, klaar: str = "") -> HTMLResponse:
        return await _page(portal, request, viewer, region, done=klaar)

    @site.post("/regios/{region}/besturen")
    async def put(request: Request, region: RegionId, viewer: Viewing) -> Response:
        form = await own_form(request, {"vestiging", "bestuur"})
        code, board = form.text("vestiging").upper(), form.text("bestuur")
        if board and not re.fullmatch(r"[0-9]{5}", board):
            form.errors["bestuur"] = "Een bestuur heeft een nummer van vijf cijfers, bijvoorbeeld 41234."

        async def operation(both: tuple[Store, People]) -> Answer:
            store, people = both
            await own_region(store, viewer, region)
            if code not in {each.site.id for each in await _sites(store, region)}:
                raise DomainError("onbekende-vestiging", "Deze vestiging kennen we niet in deze regio.")
            told, wanted = portal.parts.told(people), (code, board or None)
            await governing.put_board(store, told, viewer.caller, wanted, _any_version)
            return Answer(303, None, {"Location": f"/regios/{region}/besturen?klaar=ja"})

        if form.errors:
            return await _page(portal, request, viewer, region, form, 400)
        try:
            answer = await access.governing.once(request, operation, viewer.actor, form.key)
        except DomainError as broken:
            if broken.code not in FIELDS:
                raise
            form.errors[FIELDS[broken.code]] = broken.detail
            return await _page(portal, request, viewer, region, form, 400)
        if answer.status_code == 303:
            return answer
        form.errors[""] = SENT_BEFORE
        return await _page(portal, request, viewer, region, form, 409)

    @site.post("/regios/{region}/namen")
    async def name(request: Request, region: RegionId, viewer: Viewing) -> Response:
        form = await own_form(request, set(), (NAME, SEEN))
        wanted = {code: naming.Naming(form.text(NAME + code), form.text(SEEN + code)) for code in _named(form)}

        async def operation(store: Store) -> Answer:
            await naming.name_organisations(store, await own_region(store, viewer, region), wanted)
            return Answer(303, None, {"Location": f"/regios/{region}/besturen?klaar=namen"})

        if form.errors:
            return await _page(portal, request, viewer, region, form, 400)
        try:
            answer = await portal.parts.changes.once(request, operation, viewer.actor, form.key)
        except NotFound:
            raise
        except DomainError as broken:
            form.errors[NAME + broken.pointer.strip("/") if broken.pointer else ""] = broken.detail
            status = 409 if isinstance(broken, VersionChanged) else 400
            return await _page(portal, request, viewer, region, form, status)
        if answer.status_code == 303:
            return answer
        form.errors[""] = SENT_BEFORE
        return await _page(portal, request, viewer, region, form, 409)


async def _page(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    region: str,
    form: Form | None = None,
    status: int = 200,
    *,
    done: str = "",
) -> HTMLResponse:
    async with portal.parts.reading() as store:
        held = await own_region(store, viewer, region)
        sites = await _sites(store, region)
        organisations = await naming.organisations_of(store, held)
        called = await store.called(organisations)
    boards: dict[str, list[SchoolSite]] = defaultdict(list)
    for each in sites:
        boards[each.board or ""].append(each)
    values = {NAME + code: name for code, name in called.items()} | _typed(form, called)
    context = {
        "boards": sorted(boards.items()),
        "organisations": organisations,
        "called": called,
        "form": form,
        "values": values,
        "done": done,
    }
    return render_region(portal, request, "region_boards.html", held, status=status, **context)


async def _sites(store: Store, region: str) -> list[SchoolSite]:
    found = await store.sites_where(SiteFilter(region=region), None, MOST)
    return sorted(found, key=lambda each: (each.town, each.name, each.site.id))


def _named(form: Form) -> list[str]:
    return [field.removeprefix(NAME) for field in form.values if field.startswith(NAME)]


def _typed(form: Form | None, called: Mapping[str, str]) -> dict[str, str]:
    """What was typed, but for names that were left as they were: those may be others now. Where both changed one, its field says so."""
    if form is None:
        return {}
    left = {code for code in _named(form) if form.text(NAME + code) == form.text(SEEN + code)}
    for code in (each for each in _named(form) if each not in left):
        now = called.get(code, "")
        if now not in (form.text(SEEN + code), form.text(NAME + code)):
            told = f"Iemand anders maakte hier intussen van: {now or 'geen naam'}. Moet het worden wat u invulde? Sla het dan nog een keer op."
            form.errors.setdefault(NAME + code, told)
    return {field: value for field, value in form.values.items() if field.removeprefix(NAME) not in left}


def _any_version(_sequence: int) -> None:
    """Who says which board it is says nothing of the rest of the school."""
