"""The page of a board (five digits) or a school (BRIN): its sites side by side, and where somebody is needed."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import FastAPI, Path, Request
from fastapi.responses import HTMLResponse

from services.capacity import handlers
from services.capacity.domain.regions import Region, day_in
from services.capacity.domain.sites import SchoolSite
from services.capacity.domain.supervisors import absence_on
from services.capacity.domain.viewing import check_group
from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.ports import SiteFilter, Store, SupervisorFilter, WorkplaceFilter
from shared.contracts.vocabulary import Tier
from shared.errors import NotFound
from shared.web.viewing import Viewing

MOST = 10_000
MOST_SITES = 100
Group = Annotated[str, Path(pattern=r"^(\d{5}|\d{2}[A-Z]{2})$")]


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One site: who is there, who is not, what is offered and used now, and whether it said that all is right."""

    site: SchoolSite
    people: int
    absent: int
    hours: int
    seats: int
    placed: int
    is_checked: bool


def add_boards(site: FastAPI, portal: Portal) -> None:
    """Adds the page."""

    @site.get("/besturen/{group}")
    async def board(request: Request, group: Group, viewer: Viewing) -> HTMLResponse:
        check_group(viewer.caller, group)
        async with portal.parts.reading() as store:
            wanted = SiteFilter(board=group) if group.isdecimal() else SiteFilter(school=group)
            sites = await store.sites_where(wanted, None, MOST_SITES)
            if not sites:
                raise NotFound("onbekend-bestuur", "Dit bestuur of deze school kennen we niet.")
            lines = await _lines(store, portal, sites)
            called = (await store.called([group])).get(group, "")
        kind = "Bestuur" if group.isdecimal() else "School"
        title = called or f"{kind} {group}"
        return portal.pages.render(request, "board.html", title=title, group=group, called=called, lines=lines)


async def _lines(store: Store, portal: Portal, sites: Sequence[SchoolSite]) -> list[SiteLine]:
    codes = [each.site.id for each in sites]
    regions = {each: await handlers.find_region(store, each) for each in {one.region for one in sites}}
    people: dict[str, Counter[str]] = defaultdict(Counter)
    for record in await store.supervisors_where(SupervisorFilter(sites=codes), None, MOST):
        region = regions[record.region]
        today, held = day_in(region, portal.parts.today()), record.supervisor
        if held.tier is Tier.INSTITUTE_TRAINER or record.has_departed(today):
            continue
        for code in set(held.sites) & set(codes):
            people[code]["people"] += 1
            people[code]["absent"] += absence_on(held, today) is not None
            people[code]["hours"] += held.qh.get(_period(region, portal), 0)
    seats: Counter[str] = Counter()
    for one in await store.workplaces_where(WorkplaceFilter(sites=codes), None, MOST):
        seats[one.workplace.site] += one.workplace.seats.get(_period(regions[one.region], portal), 0)
    placed = await store.placed_counts(codes)
    checked = {(each.site, each.period) for each in await store.checks(codes)}
    return [
        SiteLine(
            each,
            people[code]["people"],
            people[code]["absent"],
            people[code]["hours"],
            seats[code],
            placed.get(code, 0),
            (code, _period(regions[each.region], portal)) in checked,
        )
        for each, code in zip(sites, codes, strict=True)
    ]


def _period(region: Region, portal: Portal) -> str:
    """The first period that has not ended."""
    today = day_in(region, portal.parts.today())
    return next((each.id for each in region.terms.periods if each.end >= today), "")
