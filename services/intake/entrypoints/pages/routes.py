"""The pages for institutes, mounted at the root after everything else."""

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from services.intake.bootstrap import Parts
from services.intake.domain.access import SCOPES, Who
from services.intake.entrypoints.pages.access import RULES
from services.intake.entrypoints.pages.deciding import add_deciding
from services.intake.entrypoints.pages.desk import Desk
from services.intake.entrypoints.pages.files import add_files
from services.intake.entrypoints.pages.mismatches import add_mismatches
from services.intake.entrypoints.pages.reads import add_reads, log_into
from services.intake.entrypoints.pages.registering import add_registering
from services.intake.entrypoints.pages.student import add_student
from services.intake.entrypoints.pages.students import add_students
from services.intake.entrypoints.pages.today import add_today
from shared.dutch import counted
from shared.security.callers import Role
from shared.web.pages import build_pages, build_site
from shared.web.passing import RULES as PASSING
from shared.web.passing import add_passing
from shared.web.viewing import FindViewer, Viewing, check_rules, everybody

TEMPLATES = Path(__file__).parent / "templates"
GROUPS = (add_today, add_students, add_registering, add_student, add_deciding, add_mismatches, add_files, add_reads)


def add_pages(app: FastAPI, parts: Parts, arrived: Callable[[], None], find_viewer: FindViewer = everybody) -> None:
    """Mounts the pages; who looks is asked where people sign in, else `find_viewer` tells. `arrived` hears of each file."""
    desk, elsewhere = Desk(parts, build_pages([TEMPLATES], counted=counted), arrived), parts.sign_in
    rules, find = ({**RULES, **PASSING}, elsewhere.find_viewer) if elsewhere else (RULES, find_viewer)
    site = build_site(desk.pages, rules, find)
    if elsewhere:
        add_passing(site, elsewhere)
        site.state.log_read = log_into(parts)
    _choosing(site, desk)
    for add in GROUPS:
        add(site, desk)
    check_rules(site)
    app.mount("/", site)


def _choosing(site: FastAPI, desk: Desk) -> None:
    @site.get("/")
    async def choose(request: Request, viewer: Viewing) -> Response:
        if viewer.caller.role is Role.INSTITUTE:
            return RedirectResponse(f"/opleidingen/{viewer.caller.org}", 303)
        async with desk.parts.looking(Who(viewer.actor, None, SCOPES)) as overview:
            found = await overview.institutes()
        return desk.pages.render(request, "office_choose.html", institutes=found)
