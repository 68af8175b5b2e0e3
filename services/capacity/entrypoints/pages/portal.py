"""What every page of a site shares: whose it is, its tabs, how it saves, and what it says after that."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from services.capacity.domain.regions import Region, day_in
from services.capacity.domain.sites import SchoolSite
from services.capacity.domain.viewing import check_own_site
from services.capacity.entrypoints.pages.saved import saved_from
from services.capacity.ports import Store
from shared.errors import Conflict, DomainError, NotFound, TransientError, VersionChanged
from shared.security.roles import ANSWER_PEOPLE, CHANGE_SITE
from shared.web.changes import Answer
from shared.web.forms import SENT_BEFORE, Form, new_key
from shared.web.pages import Pages
from shared.web.viewing import PART, Viewer


@dataclass(frozen=True, slots=True)
class Portal:
    """The pages and what they need."""

    parts: Parts
    pages: Pages


@dataclass(frozen=True, slots=True)
class Where:
    """The site of a page, its region and the day it is there."""

    site: SchoolSite
    region: Region
    today: date

    @property
    def base(self) -> str:
        """Where the pages of this site begin."""
        return f"/vestigingen/{self.site.site.id}"

    @property
    def tabs(self) -> list[tuple[str, str, str, int]]:
        """The pages of this site."""
        words = (
            ("", "Vandaag", "today"),
            ("/begeleiders", "Begeleiders", "people"),
            ("/leerwerkplekken", "Plekken", "places"),
            ("/studenten", "Studenten", "students"),
            ("/bestanden", "Bestanden", "files"),
            ("/wijzigingen", "Logboek", "history"),
        )
        return [(self.base + path, word, picture, 0) for path, word, picture in words]


@dataclass(frozen=True, slots=True)
class Made:
    """What a form made: the version of what, read back on the page that confirms it; `also` is added to its address."""

    aggregate: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page: its template, what it is called on its own, where it belongs, and whether it will not change soon."""

    name: str
    title: str
    back: str
    is_complete: bool


FIELD_OF = {"name": "naam", "subjects": "vakken", "subject": "vak", "phases": "fasen", "tier": "rol"}
"""Where a form has another name for a field of the API."""
Operation = Callable[[Store, Where], Awaitable[Made]]
Again = Callable[[Form, int], Awaitable[Response]]


async def find_where(portal: Portal, store: Store, viewer: Viewer, code: str) -> Where:
    """The site of a page; raises NotFound, also for who may not see it."""
    site = await handlers.find_site(store, code)
    check_own_site(viewer.caller, site)
    region = await handlers.find_region(store, site.region)
    return Where(site, region, day_in(region, portal.parts.today()))


def may_change(request: Request) -> bool:
    """Whether who looks may change what a school tells; who may not sees no forms."""
    return CHANGE_SITE in request.state.viewer.caller.scopes


async def show(
    portal: Portal, request: Request, store: Store, name: str, where: Where, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page of a site, with what the address says was saved."""
    saved = await saved_from(store, request, where.site, portal.parts.clock())
    current = next((tab[0] for tab in reversed(where.tabs) if request.url.path.startswith(tab[0])), where.base)
    shared: dict[str, Any] = {
        "looks_only": not may_change(request),
        "answers_people": ANSWER_PEOPLE in request.state.viewer.caller.scopes,
        "where": where,
        "site": where.site,
        "region": where.region,
        "today": where.today,
        "base": where.base,
        "current": current,
        "key": new_key(),
        "saved": saved,
        "form": None,
        "part": "",
    }
    return portal.pages.render(request, name, status=status, **{**shared, **context})


async def show_part(
    portal: Portal, request: Request, store: Store, where: Where, part: Part, **context: Any
) -> HTMLResponse:
    """A part of another page as scripts ask for it, or as a page of its own for whoever has no scripts."""
    if PART in request.headers:
        page = portal.pages.render(request, part.name, base=where.base, **context)
    else:
        again = f"{request.url.path}?{request.url.query}"
        frame: dict[str, Any] = {"part": part.name, "title": part.title, "back": part.back, "again": again}
        page = await show(portal, request, store, "part_page.html", where, **frame, **context)
    if part.is_complete:
        page.headers["Leerplek-News"] = "complete"
    return page


async def save(
    portal: Portal,
    request: Request,
    viewer: Viewer,
    form: Form,
    parts: tuple[str, Operation, Again, str],
) -> Response:
    """Saves once and sends the browser on to the page that confirms it; what is wrong comes back beside what was typed.

    `parts` are the site, what to do in the transaction, the page with the form once more, and where to go.
    """
    code, operation, again, goto = parts
    if form.errors:
        return await again(form, 400)

    async def carry_out(store: Store) -> Answer:
        made = await operation(store, await find_where(portal, store, viewer, code))
        told = urlencode({"wat": made.aggregate, "versie": made.sequence})
        return Answer(303, None, {"Location": f"{goto}?{told}"})

    try:
        answer = await portal.parts.changes.once(request, carry_out, viewer.actor, form.key)
    except NotFound:
        raise
    except DomainError as broken:
        form.errors[_field_of(broken.pointer or "")] = broken.detail
        return await again(form, 409 if isinstance(broken, Conflict | VersionChanged) else 400)
    except TransientError:
        away = portal.pages.render(request, "again.html", status=503, values=form.values, back=goto)
        away.headers["Retry-After"] = "5"
        return away
    if answer.status_code == 303:
        return answer
    form.errors[""] = SENT_BEFORE
    return await again(form, 409)


def _field_of(pointer: str) -> str:
    """The field of a form that a pointer is about; "" when none is."""
    name, *within = pointer.strip("/").split("/")
    if name in ("qh", "seats") and within:
        return f"{'uren' if name == 'qh' else 'plaatsen'}-{within[0]}"
    return FIELD_OF.get(name, name)
