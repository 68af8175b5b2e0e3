"""What every page of an institute shares: whose it is, its tabs, how it saves, and what it says after that."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from services.intake.bootstrap import Parts
from services.intake.domain.access import SCOPES, Who
from services.intake.ports import Store
from shared.dutch import dutch_day
from shared.errors import Conflict, DomainError, NotFound, TransientError, VersionChanged
from shared.security.callers import Role
from shared.security.roles import CHANGE_REGISTRATIONS
from shared.web.changes import Answer
from shared.web.forms import SENT_BEFORE, Form, new_key
from shared.web.pages import Pages
from shared.web.viewing import PART, Viewer


@dataclass(frozen=True, slots=True)
class Desk:
    """The pages and what they need; `arrived` is called when there is a file to work off."""

    parts: Parts
    pages: Pages
    arrived: Callable[[], None]

    def today(self) -> date:
        """The day it is in the Netherlands."""
        return dutch_day(self.parts.clock())


@dataclass(frozen=True, slots=True)
class Where:
    """The institute of a page, and who changes something there: they see its students only. `called` is its name, empty when that is not known."""

    institute: str
    who: Who
    called: str = ""

    @property
    def title(self) -> str:
        """What pages call this institute."""
        return self.called or f"Opleiding {self.institute}"

    @property
    def base(self) -> str:
        """Where the pages of this institute begin."""
        return f"/opleidingen/{self.institute}"

    @property
    def tabs(self) -> list[tuple[str, str, str, int]]:
        """The pages of this institute."""
        words = (
            ("", "Vandaag", "today"),
            ("/studenten", "Studenten", "students"),
            ("/bestanden", "Bestanden", "files"),
        )
        return [(self.base + path, word, picture, 0) for path, word, picture in words]


@dataclass(frozen=True, slots=True)
class Made:
    """What a form made: the version of what, read back on the page that confirms it, and more for its address."""

    aggregate: str
    sequence: int
    more: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page: its template, what it is called on its own, where it belongs, and whether it will not change soon."""

    name: str
    title: str
    back: str
    is_complete: bool


Operation = Callable[[Store, Where], Awaitable[Made]]
Again = Callable[[Form, int], Awaitable[Response]]


def where_of(viewer: Viewer, institute: str) -> Where:
    """The institute of a page; raises NotFound for who may not see it."""
    caller = viewer.caller
    if caller.role is not Role.OPERATOR and (caller.role, caller.org) != (Role.INSTITUTE, institute):
        raise NotFound("onbekende-opleiding", "Deze opleiding kennen we niet.")
    called = viewer.called if caller.role is Role.INSTITUTE else ""
    return Where(institute, Who(viewer.actor, institute, SCOPES), called)


def show(desk: Desk, request: Request, name: str, where: Where, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page of an institute."""
    current = next((tab[0] for tab in reversed(where.tabs) if request.url.path.startswith(tab[0])), where.base)
    shared: dict[str, Any] = {
        "looks_only": CHANGE_REGISTRATIONS not in request.state.viewer.caller.scopes,
        "where": where,
        "base": where.base,
        "current": current,
        "today": desk.today(),
        "key": new_key(),
        "form": None,
    }
    return desk.pages.render(request, name, status=status, **{**shared, **context})


def show_part(desk: Desk, request: Request, where: Where, part: Part, **context: Any) -> HTMLResponse:
    """A part of another page as scripts ask for it, or as a page of its own for whoever has no scripts."""
    if PART in request.headers:
        page = desk.pages.render(request, part.name, base=where.base, **context)
    else:
        again = f"{request.url.path}?{request.url.query}"
        frame: dict[str, Any] = {"part": part.name, "title": part.title, "back": part.back, "again": again}
        page = show(desk, request, "office_part.html", where, **frame, **context)
    if part.is_complete:
        page.headers["Leerplek-News"] = "complete"
    return page


async def save(desk: Desk, request: Request, where: Where, form: Form, parts: tuple[Operation, Again, str]) -> Response:
    """Saves once and sends the browser on to the page that confirms it; what is wrong comes back beside what was typed.

    `parts` are what to do in the transaction, the page with the form once more, and where to go.
    """
    operation, again, goto = parts
    if form.errors:
        return await again(form, 400)

    async def carry_out(store: Store) -> Answer:
        made = await operation(store, where)
        told = urlencode({"wat": made.aggregate, "versie": made.sequence, **made.more})
        return Answer(303, None, {"Location": f"{goto}?{told}"})

    try:
        answer = await desk.parts.changes(where.who).once(request, carry_out, where.who.name, form.key)
    except NotFound:
        raise
    except DomainError as broken:
        form.errors[(broken.pointer or "").strip("/")] = broken.detail
        return await again(form, 409 if isinstance(broken, Conflict | VersionChanged) else 400)
    except TransientError:
        away = desk.pages.render(request, "again.html", status=503, values=form.values, back=goto)
        away.headers["Retry-After"] = "5"
        return away
    if answer.status_code == 303:
        return answer
    form.errors[""] = SENT_BEFORE
    return await again(form, 409)
