"""Pages for people: templates on one base, our own style sheet, and dates and hours as the Dutch write them."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from shared.errors import DomainError, TransientError
from shared.web.problems import STATUS_OF, TITLES

log = structlog.get_logger(__name__)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip


class Pages:
    """Renders templates; what a template names and the context lacks is an error, never an empty spot."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def render(self, request: Request, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """The page as an answer; `path` is the path that was asked for."""
        html = self._environment.get_template(name).render(path=request.url.path, **context)
        return HTMLResponse(html, status, headers={"Content-Language": "nl"})


def build_pages(template_dirs: Sequence[Path] = ()) -> Pages:
    """Pages from these folders first, then from the shared templates (`base.html`, `components.html`)."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (*template_dirs, TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"date": dutch_date, "time": dutch_time, "moment": dutch_moment, "hours": dutch_hours}
    environment.globals["static"] = _static_address
    return Pages(environment)


def mount_static(app: FastAPI) -> None:
    """Serves the style sheet and icon under /static, where `static('leerplek.css')` in a template points."""
    app.mount("/static", _Versioned(directory=STATIC), name="static")


def handle_page_problems(app: FastAPI, pages: Pages) -> None:
    """Makes every error of an application a page in Dutch (`problem.html`), for people instead of programs."""

    def page(request: Request, status: int, detail: str) -> HTMLResponse:
        title = TITLES.get(status, "Dat kan hier niet")
        return pages.render(request, "problem.html", status=status, title=title, detail=detail)

    @app.exception_handler(DomainError)
    async def _rule(request: Request, broken: DomainError) -> HTMLResponse:
        status = next((code for kind, code in STATUS_OF.items() if isinstance(broken, kind)), 400)
        return page(request, status, broken.detail)

    @app.exception_handler(RequestValidationError)
    async def _address(request: Request, _invalid: RequestValidationError) -> HTMLResponse:
        return page(request, 404, "Dit adres klopt niet.")

    @app.exception_handler(HTTPException)
    async def _http(request: Request, failed: HTTPException) -> HTMLResponse:
        detail = "Deze pagina bestaat niet." if failed.status_code in (404, 405) else str(failed.detail)
        return page(request, failed.status_code, detail)

    @app.exception_handler(TransientError)
    async def _away(request: Request, away: TransientError) -> HTMLResponse:
        log.warning("page refused for now", problem=str(away))
        answer = page(request, 503, "Probeer het over een paar seconden opnieuw. Er is niets opgeslagen.")
        answer.headers["Retry-After"] = "5"
        return answer

    @app.exception_handler(Exception)
    async def _bug(request: Request, bug: Exception) -> HTMLResponse:
        log.error("page failed", route=request.url.path, exc_info=bug)
        return page(request, 500, "De fout is vastgelegd. Er is niets opgeslagen.")


class _Versioned(StaticFiles):
    """A browser keeps a file for a year when its address names the version, and asks again otherwise."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response


@cache
def _static_address(name: str) -> str:
    version = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={version}"


def dutch_date(day: date) -> str:
    """24 november 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def dutch_time(moment: datetime) -> str:
    """10:42, on the clock of Amsterdam."""
    return f"{moment.astimezone(AMSTERDAM):%H:%M}"


def dutch_moment(moment: datetime) -> str:
    """24 november 2026 om 10:42, on the clock of Amsterdam."""
    return f"{dutch_date(moment.astimezone(AMSTERDAM).date())} om {dutch_time(moment)}"


def dutch_hours(quarter_hours: int) -> str:
    """Quarter hours as hours and minutes: 45 minuten, 1 uur, 1 uur 30."""
    hours, minutes = divmod(quarter_hours * 15, 60)
    if not hours:
        return f"{minutes} minuten" if minutes else "0 uur"
    return f"{hours} uur {minutes}" if minutes else f"{hours} uur"
