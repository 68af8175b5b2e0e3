"""The pages of a region: what there is in it, its settings with what each does, and how they were before."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.capacity import handlers
from services.capacity.domain.regions import Region, day_in
from services.capacity.domain.viewing import check_region
from services.capacity.entrypoints.pages.meanwhile import tell_meanwhile
from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.entrypoints.pages.setting_fields import GROUPS, LEVERS
from services.capacity.entrypoints.pages.settings_form import (
    SECTIONS,
    Section,
    document_of,
    filled,
    row_count,
    terms_from,
)
from services.capacity.entrypoints.pages.settings_history import versions_of
from services.capacity.entrypoints.pages.words import TIERS
from services.capacity.ports import SiteFilter, Store, SupervisorFilter, WorkplaceFilter
from shared.contracts.region import RegionChanged
from shared.contracts.vocabulary import RegionId
from shared.dutch import dutch_date, dutch_moment, dutch_time
from shared.errors import Conflict, DomainError, NotFound, TransientError, VersionChanged
from shared.web.changes import Answer
from shared.web.forms import SENT_BEFORE, Form, Seen, new_key, only_touched, own_form
from shared.web.viewing import Viewer, Viewing

PREFIXES = ("rij-", "veld-", "aan-", "groep-")
MOST = 10_000


def add_regions(site: FastAPI, portal: Portal) -> None:
    """Adds the pages."""
    _reading(site, portal)
    _changing(site, portal)


def _reading(site: FastAPI, portal: Portal) -> None:
    @site.get("/regios/{region}")
    async def overview(request: Request, region: RegionId, viewer: Viewing) -> HTMLResponse:
        async with portal.parts.reading() as store:
            held = await own_region(store, viewer, region)
            context = await _supply(store, held, day_in(held, portal.parts.today()))
        return render_region(portal, request, "region.html", held, **context)

    @site.get("/regios/{region}/instellingen")
    async def settings(request: Request, region: RegionId, viewer: Viewing) -> HTMLResponse:
        async with portal.parts.reading() as store:
            held = await own_region(store, viewer, region)
        return render_region(portal, request, "settings.html", held, sections=list(SECTIONS.values()))

    @site.get("/regios/{region}/instellingen/{name}")
    async def section(request: Request, region: RegionId, name: str, viewer: Viewing) -> HTMLResponse:
        return await _page(portal, request, viewer, (region, _section(name)))

    @site.get("/regios/{region}/geschiedenis")
    async def history(request: Request, region: RegionId, viewer: Viewing) -> HTMLResponse:
        async with portal.parts.reading() as store:
            held = await own_region(store, viewer, region)
            versions = await versions_of(portal.parts, store, region)
        return render_region(portal, request, "settings_history.html", held, versions=versions)


def _changing(site: FastAPI, portal: Portal) -> None:
    @site.post("/regios/{region}/meten")
    async def measure(request: Request, region: RegionId, viewer: Viewing) -> Response:
        await own_form(request, set())
        async with portal.parts.reading() as store:
            await own_region(store, viewer, region)
        is_asked = await portal.parts.answers.measure_levers(region)
        told = "ja" if is_asked else "nee"
        return Response(
            status_code=303, headers={"Location": f"/regios/{region}/instellingen/hefbomen?gevraagd={told}"}
        )

    @site.post("/regios/{region}/instellingen/{name}")
    async def change(request: Request, region: RegionId, name: str, viewer: Viewing) -> Response:
        section = _section(name)
        form = await own_form(request, set(), PREFIXES)
        seen = Seen(form)

        async def operation(store: Store) -> Answer:
            held = await own_region(store, viewer, region)
            terms = terms_from(section, form, held)
            if form.errors:
                raise DomainError("ongeldige-invoer", "Kijk de velden na.")
            settled, _ = await handlers.put_region(store, region, terms, seen)
            seen.settle(settled.sequence)
            return Answer(303, None, {"Location": f"/regios/{region}/instellingen/{name}?versie={settled.sequence}"})

        if form.errors:
            return await _page(portal, request, viewer, (region, section), form, 400)
        try:
            answer = await portal.parts.changes.once(request, operation, viewer.actor, form.key)
        except NotFound:
            raise
        except DomainError as broken:
            status = 409 if isinstance(broken, Conflict | VersionChanged) else 400
            form.errors = form.errors or {"": broken.detail}
            return await _page(portal, request, viewer, (region, section), form, status)
        except TransientError:
            back = f"/regios/{region}/instellingen"
            return portal.pages.render(request, "again.html", status=503, values=form.values, back=back)
        if answer.status_code == 303:
            return answer
        form.errors[""] = SENT_BEFORE
        return await _page(portal, request, viewer, (region, section), form, 409)


async def _page(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    about: tuple[str, Section],
    form: Form | None = None,
    status: int = 200,
) -> HTMLResponse:
    region, section = about
    async with portal.parts.reading() as store:
        held = await own_region(store, viewer, region)
        saved = await _saved(store, request, region)
        was = await tell_meanwhile(portal, store, form, f"region/{region}", held.sequence)
    values = now = filled(section, document_of(held.terms))
    if form is not None:
        values = only_touched(
            form.values, filled(section, document_of(RegionChanged.model_validate(was))) if was else now, now
        )
    worth = {}
    found_at = ""
    if section.name == "hefbomen":
        worths = await portal.parts.answers.levers(region) or ()
        worth = {each.lever: each for each in worths}
        found_at = dutch_date(date.fromisoformat(worths[0].found_at[:10])) if worths else ""
    context: dict[str, Any] = {
        "section": section,
        "values": values,
        "rows": row_count(section, values),
        "levers": LEVERS,
        "groups": GROUPS,
        "worth": worth,
        "found_at": found_at,
        "asked": request.query_params.get("gevraagd", ""),
        "form": form,
        "saved": saved,
    }
    return render_region(portal, request, "setting.html", held, status=status, **context)


def _section(name: str) -> Section:
    if name not in SECTIONS:
        raise NotFound("onbekende-instelling", "Deze pagina bestaat niet.")
    return SECTIONS[name]


def render_region(
    portal: Portal, request: Request, name: str, held: Region, *, status: int = 200, **context: Any
) -> HTMLResponse:
    base = f"/regios/{held.id}"
    tabs = [
        (base, "Overzicht", "map", 0),
        (base + "/instellingen", "Instellingen", "settings", 0),
        (base + "/geschiedenis", "Logboek", "history", 0),
    ]
    current = next(tab[0] for tab in reversed(tabs) if request.url.path.startswith(tab[0]))
    shared: dict[str, Any] = {"region": held, "base": base, "tabs": tabs, "current": current, "key": new_key()}
    return portal.pages.render(request, name, status=status, **{**shared, **context})


async def own_region(store: Store, viewer: Viewer, region: str) -> Region:
    check_region(viewer.caller, region)
    return await handlers.find_region(store, region)


async def _saved(store: Store, request: Request, region: str) -> str:
    """When what the address says was saved, or nothing."""
    version = request.query_params.get("versie", "")
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        return ""
    change = await store.change(f"region/{region}", int(version))
    return "" if change is None else f"om {dutch_time(change.at)} ({dutch_moment(change.at)})"


async def _supply(store: Store, region: Region, today: date) -> dict[str, Any]:
    """What there is in a region: schools, hours of each tier and seats in each open period, and how many are placed."""
    sites = await store.sites_where(SiteFilter(region=region.id), None, MOST)
    periods = [each for each in region.terms.periods if each.end >= today]
    hours: dict[str, Counter[str]] = defaultdict(Counter)
    people: Counter[str] = Counter()
    for each in await store.supervisors_where(SupervisorFilter(region=region.id), None, MOST):
        if not each.has_departed(today):
            people[each.supervisor.tier] += 1
            hours[each.supervisor.tier].update(each.supervisor.qh)
    seats: Counter[str] = Counter()
    for one in await store.workplaces_where(WorkplaceFilter(region=region.id), None, MOST):
        seats.update(one.workplace.seats)
    placed = await store.placed_counts([each.site.id for each in sites])
    boards: dict[str, list[str]] = defaultdict(list)
    for school in sites:
        if school.board:
            boards[school.board].append(school.name or school.site.id)
    return {
        "periods": periods,
        "tiers": [(TIERS[tier], people[tier], [hours[tier][each.id] for each in periods]) for tier in TIERS],
        "seats": [seats[each.id] for each in periods],
        "sites": len(sites),
        "placed": sum(placed.values()),
        "boards": sorted((board, sorted(names)) for board, names in boards.items()),
        "called": await store.called(boards),
    }
