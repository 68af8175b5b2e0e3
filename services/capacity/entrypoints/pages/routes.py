"""The routes of the portal: choose a site, see its supervisors, report absence, return and departure."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from services.capacity.domain.supervisors import SupervisorRecord
from services.capacity.entrypoints.pages import site_page
from services.capacity.entrypoints.pages.forms import Form, new_key, read_form, require_own_page
from services.capacity.entrypoints.pages.views import is_of_school
from services.capacity.ports import Store
from shared.contracts.availability import Absence
from shared.contracts.vocabulary import EntityId, SiteId
from shared.errors import Conflict, DomainError, NotFound, TransientError
from shared.web.changes import Answer
from shared.web.pages import Pages, build_pages, build_site

TEMPLATES = Path(__file__).parent / "templates"
PORTAL = "portaal"
SITES_SHOWN = 200
SENT_BEFORE = "Dit formulier was al verstuurd, met andere gegevens. Kijk of het klopt en verstuur het nog een keer."

Report = Callable[[Store], Awaitable[SupervisorRecord]]


@dataclass(frozen=True, slots=True)
class Portal:
    """The pages and what they need."""

    parts: Parts
    pages: Pages


def add_portal(app: FastAPI, parts: Parts) -> None:
    """Mounts the portal at the root, after everything else."""
    portal = Portal(parts, build_pages([TEMPLATES]))
    site = build_site(portal.pages)
    _reading(site, portal)
    _reporting(site, portal)
    app.mount("/", site)


def _reading(site: FastAPI, portal: Portal) -> None:
    @site.get("/")
    async def choose(request: Request, zoek: str = "") -> HTMLResponse:
        words = "".join(each for each in zoek[:100] if each.isprintable())
        async with portal.parts.reading() as store:
            found = await store.find_sites(words, SITES_SHOWN + 1)
            names = {region.id: region.terms.name for region in await store.regions()}
        groups = [(names[region], list(each)) for region, each in groupby(found[:SITES_SHOWN], lambda one: one.region)]
        more = len(found) > SITES_SHOWN
        return portal.pages.render(request, "choose.html", words=words, groups=groups, more=more)

    @site.get("/vestigingen/{code}")
    async def show(request: Request, code: SiteId) -> HTMLResponse:
        return await _show(portal, request, code)


def _reporting(site: FastAPI, portal: Portal) -> None:
    address = "/vestigingen/{code}/begeleiders/{supervisor}"

    @site.post(address + "/afwezigheid")
    async def absence(request: Request, code: SiteId, supervisor: EntityId) -> Response:
        form = await _own_form(request, {"start", "end"})
        start, end = form.needed_date("start"), form.optional_date("end")
        if start is not None and end is not None and end < start:
            form.errors["end"] = "Het einde ligt voor het begin."
            end = None

        async def report(store: Store) -> SupervisorRecord:
            assert start is not None
            away = Absence(start=start, end=end)
            return await handlers.report_absence(store, supervisor, away, portal.parts.today(), _any_version)

        return await _submit(portal, request, form, report, (code, supervisor, "afwezigheid"))

    @site.post(address + "/terug")
    async def back(request: Request, code: SiteId, supervisor: EntityId) -> Response:
        form = await _own_form(request, {"on"})
        on = form.needed_date("on")

        async def report(store: Store) -> SupervisorRecord:
            assert on is not None
            return await handlers.report_return(store, supervisor, on, portal.parts.today(), _any_version)

        return await _submit(portal, request, form, report, (code, supervisor, "terug"))

    @site.post(address + "/vertrek")
    async def departure(request: Request, code: SiteId, supervisor: EntityId) -> Response:
        form = await _own_form(request, {"departs"})
        departs = form.needed_date("departs")

        async def report(store: Store) -> SupervisorRecord:
            assert departs is not None
            return await handlers.report_departure(store, supervisor, departs, portal.parts.today(), _any_version)

        return await _submit(portal, request, form, report, (code, supervisor, "vertrek"))

    @site.post(address + "/blijft")
    async def stays(request: Request, code: SiteId, supervisor: EntityId) -> Response:
        form = await _own_form(request, set())

        async def report(store: Store) -> SupervisorRecord:
            return await handlers.report_departure(store, supervisor, None, portal.parts.today(), _any_version)

        return await _submit(portal, request, form, report, (code, supervisor, "blijft"))


async def _submit(
    portal: Portal, request: Request, form: Form, report: Report, about: tuple[str, str, str]
) -> Response:
    """Saves and sends the browser on to the page that confirms it; what is wrong comes back beside what was typed."""
    code, supervisor, action = about
    if form.errors:
        return await _show(portal, request, code, site_page.Rejected(supervisor, action, form), status=400)

    async def operation(store: Store) -> Answer:
        where = await handlers.find_site(store, code)
        if supervisor not in {each.supervisor.id for each in await store.supervisors_of(where) if is_of_school(each)}:
            raise NotFound("onbekende-begeleider", "Deze begeleider kennen we niet bij deze vestiging.")
        held = await report(store)
        saved = urlencode({"begeleider": supervisor, "versie": held.sequence})
        return Answer(303, None, {"Location": f"/vestigingen/{code}?{saved}"})

    try:
        answer = await portal.parts.changes.once(request, operation, PORTAL, form.key)
    except NotFound:
        raise
    except DomainError as broken:
        form.errors[(broken.pointer or "").strip("/")] = broken.detail
        status = 409 if isinstance(broken, Conflict) else 400
    except TransientError:
        away = portal.pages.render(request, "again.html", status=503, values=form.values, code=code)
        away.headers["Retry-After"] = "5"
        return away
    else:
        if answer.status_code == 303:
            return answer
        form.errors[""], status = SENT_BEFORE, 409
    return await _show(portal, request, code, site_page.Rejected(supervisor, action, form), status=status)


async def _show(
    portal: Portal, request: Request, code: str, rejected: site_page.Rejected | None = None, *, status: int = 200
) -> HTMLResponse:
    saved = (request.query_params.get("begeleider", ""), request.query_params.get("versie", ""))
    async with portal.parts.reading() as store:
        context = await site_page.read(store, code, portal.parts.today(), saved)
    return portal.pages.render(request, "site.html", status=status, key=new_key(), rejected=rejected, **context)


async def _own_form(request: Request, fields: set[str]) -> Form:
    require_own_page(request)
    form = await read_form(request, fields)
    if not form.key:
        form.errors[""] = "Dit formulier is onvolledig. Verstuur het nog een keer."
    return form


def _any_version(_sequence: int) -> None:
    """A person reports what is so; the page they saw need not be the newest."""
