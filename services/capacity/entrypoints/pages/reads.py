"""Who saw personal data of one's own organisation, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from services.capacity.entrypoints.pages.access import READS
from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.handlers.owning import MOST_SITES, sites_of
from services.capacity.ports import SupervisorFilter
from services.capacity.ports.people import Read
from shared.errors import DomainError
from shared.security.callers import Role
from shared.security.roles import position_of
from shared.short_code import short_code
from shared.web.viewing import Viewing

SHOWN = 100
MOST = 10_000
GONE = "iemand die geen toegang meer heeft"
SYSTEM = "een systeem"


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody saw something of somebody."""

    at: datetime
    what: str
    by: str
    role: str
    site: str
    whom: str
    trace: str


def add_reads(site: FastAPI, portal: Portal) -> None:
    """Adds the page."""

    @site.get("/inzage")
    async def listed(request: Request, viewer: Viewing) -> HTMLResponse:
        async with portal.parts.reading() as store:
            own = await store.sites_where(sites_of(viewer.caller), None, MOST_SITES)
        sites = {each.site.id: each.name or each.site.id for each in own}
        is_operator = viewer.caller.role is Role.OPERATOR
        async with portal.parts.access.reading() as people:
            systems = sorted({viewer.caller.name, *(f"{Role.SCHOOL}/{each[:4]}" for each in sites)})
            found = await people.reads(None if is_operator else list(sites), SHOWN, systems)
            known = await people.names({each.person for each in found})
        whom = await _subjects(portal, {each.site for each in found if each.subject})
        lines = [_line(each, known, whom, sites) for each in found]
        return portal.pages.render(request, "reads.html", lines=lines)


async def _subjects(portal: Portal, sites: set[str]) -> Mapping[str, str]:
    """Who is meant by each fingerprint, of those who are at these sites now."""
    async with portal.parts.reading() as store:
        staff = await store.supervisors_where(SupervisorFilter(sites=sorted(sites)), None, MOST) if sites else ()
        names = await store.names([each.supervisor.id for each in staff])
        students = [place.student for each in sorted(sites) for place in await store.places_at(each)]
        students += [offer.student for each in sorted(sites) for offer in await store.offers_at(each)]
    called = {each.supervisor.id: names.get(each.supervisor.id, short_code(each.supervisor.id)) for each in staff}
    called |= {each: f"student {short_code(each)}" for each in students}
    async with portal.parts.access.reading() as people:
        return {people.fingerprint(each): name for each, name in called.items()}


def _line(read: Read, known: Mapping[str, str], whom: Mapping[str, str], sites: Mapping[str, str]) -> Line:
    kind, _, name = read.activity.partition(":")
    what = READS.get(kind, kind) + (f" ({name})" if name else "")
    try:
        role = position_of(read.position).words
    except DomainError:
        role = read.position.replace("/", " ")
    about = whom.get(read.subject, "iemand die hier niet meer is") if read.subject else ""
    return Line(
        read.at,
        what,
        known.get(read.person, GONE) if read.person else SYSTEM,
        role,
        sites.get(read.site, read.site),
        about,
        read.trace,
    )
