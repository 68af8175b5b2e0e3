"""The portal: every page of it, mounted at the root after everything else."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.capacity.bootstrap import Parts
from services.capacity.domain.sites import SchoolSite
from services.capacity.entrypoints.pages.access import PORTAL, SIGN_IN
from services.capacity.entrypoints.pages.boards import add_boards
from services.capacity.entrypoints.pages.files import add_files
from services.capacity.entrypoints.pages.history import add_history
from services.capacity.entrypoints.pages.own_access import add_own_access
from services.capacity.entrypoints.pages.own_data import add_own_data
from services.capacity.entrypoints.pages.people import add_people
from services.capacity.entrypoints.pages.portal import Portal
from services.capacity.entrypoints.pages.reads import add_reads
from services.capacity.entrypoints.pages.region_boards import add_region_boards
from services.capacity.entrypoints.pages.regions import add_regions
from services.capacity.entrypoints.pages.sign_in import add_sign_in
from services.capacity.entrypoints.pages.signed_in import SignedIn
from services.capacity.entrypoints.pages.students import add_students
from services.capacity.entrypoints.pages.supervisors import add_supervisors
from services.capacity.entrypoints.pages.today import add_today
from services.capacity.entrypoints.pages.workplaces import add_workplaces
from services.capacity.handlers.owning import sites_of
from services.capacity.ports import Store
from shared.dutch import counted
from shared.security.callers import Caller, Role
from shared.security.roles import PersonRole
from shared.web.pages import build_pages, build_site
from shared.web.places import Place
from shared.web.viewing import FindViewer, Viewing, check_rules

TEMPLATES = Path(__file__).parent / "templates"
SITES_SHOWN = 60
SIGN_IN_GROUPS = (add_sign_in, add_own_access, add_people, add_reads)
"""Only where people sign in."""
GROUPS = (
    add_today, add_supervisors, add_own_data, add_workplaces, add_students, add_files, add_history, add_boards, add_regions, add_region_boards,
)  # fmt: skip


def add_portal(app: FastAPI, parts: Parts, find_viewer: FindViewer) -> None:
    """Mounts the portal at the root, after everything else; `find_viewer` tells who looks."""
    portal = Portal(parts, build_pages([TEMPLATES], **WORDS))
    signs_in = parts.settings.signs_people_in
    site = build_site(portal.pages, {**PORTAL, **SIGN_IN} if signs_in else PORTAL, find_viewer)
    _choosing(site, portal)
    for add in (*GROUPS, *SIGN_IN_GROUPS) if signs_in else GROUPS:
        add(site, portal)
    check_rules(site)
    if signs_in:
        site.state.log_read = SignedIn(parts).log_read
    app.mount("/", site)


def _choosing(site: FastAPI, portal: Portal) -> None:
    @site.get("/")
    async def choose(request: Request, viewer: Viewing, zoek: str = "") -> Response:
        if viewer.caller.role is Role.INSTITUTE and Place.INSTITUTES in portal.parts.settings.places:
            return RedirectResponse(f"/naar/{Place.INSTITUTES}", 303)  # what is theirs is there
        words = "".join(each for each in zoek[:100] if each.isprintable())
        async with portal.parts.reading() as store:
            found = await _sites(store, viewer.caller, words)
            regions = {region.id: region.terms.name for region in await store.regions()}
        own = viewer.position
        groups = [
            (each, regions[each], list(sites)) for each, sites in groupby(found[:SITES_SHOWN], lambda one: one.region)
        ]
        more = len(found) > SITES_SHOWN
        return portal.pages.render(
            request, "choose.html", words=words, groups=groups, regions=regions, more=more, own=own, roles=PersonRole
        )


async def _sites(store: Store, caller: Caller, words: str) -> Sequence[SchoolSite]:
    """The sites that somebody may choose from: a school or board its own, whoever runs Leerplek all."""
    if caller.role is Role.OPERATOR:
        return await store.find_sites(words, SITES_SHOWN + 1)
    if caller.role is not Role.SCHOOL:
        return ()
    found = await store.sites_where(sites_of(caller), None, SITES_SHOWN + 1)
    named = [each for each in found if words.lower() in f"{each.name} {each.town} {each.site.id}".lower()]
    return sorted(named, key=lambda each: each.region)


def _days_checked(days: Sequence[tuple[str, str]], values: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Days as boxes to tick."""
    return [(name, word, name in values) for name, word in days]


def _group_options(groups: Mapping[str, str], values: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Groups of students as boxes to tick."""
    return [(f"groep-{each}", word, f"groep-{each}" in values) for each, word in groups.items()]


def _thousands(number: int) -> str:
    """412.000, as the Dutch write it."""
    return f"{number:,}".replace(",", ".")


WORDS = {
    "counted": counted,
    "days_checked": _days_checked,
    "group_options": _group_options,
    "thousands": _thousands,
}
"""What every template of the portal can use."""
