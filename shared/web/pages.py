"""Pages for people: templates on one base, our own style sheet, errors in Dutch."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from shared.dutch import dutch_date, dutch_hours, dutch_moment, dutch_time
from shared.errors import DomainError, NotSignedIn, TooMany, TransientError
from shared.observability.bugs import is_news
from shared.web.going import sign_in_page
from shared.web.own_page import require_own_page
from shared.web.problems import TITLES, TRY_AGAIN, status_of
from shared.web.viewing import PUBLIC, FindViewer, RuledRoute, Rules, everybody, viewer

log = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 1_000
PAGE_TITLES = {405: "Hier is niets te zien"}
ONLY_SENT = "Deze pagina is er alleen na het versturen van een formulier. Ga terug, of begin opnieuw."


class Pages:
    """Renders templates; what a template names and the context lacks is an error, never an empty spot."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def render(self, request: Request, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """The page as an answer; it knows the `path` that was asked for and the `viewer`, None where the page is for everybody."""
        known = {"path": request.url.path, "viewer": getattr(request.state, "viewer", None)}
        html = self._environment.get_template(name).render(**known, **context)
        return HTMLResponse(html, status, headers={"Content-Language": "nl"})


def build_pages(template_dirs: Sequence[Path] = (), **words: Any) -> Pages:
    """Pages from these folders first, then from the shared templates (`base.html`, `components.html`); all know `words`."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (*template_dirs, TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"date": dutch_date, "time": dutch_time, "moment": dutch_moment, "hours": dutch_hours}
    environment.globals |= {"static": _static_address, **words}
    return Pages(environment)


def build_site(pages: Pages, rules: Rules, find_viewer: FindViewer = everybody) -> FastAPI:
    """An application for people, to be mounted at the root after everything else; routes are added to it by the service.

    Every page of it has a viewer, found by `find_viewer`, and a rule in `rules`; `site.state.log_read` is told what was seen. Its errors are pages; style sheet, script and icons are under
    /static, where `static('leerplek.css')` in a template points; /stijl shows every component.
    """
    site = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, dependencies=[Depends(viewer)]
    )
    site.state.find_viewer, site.state.rules = find_viewer, {**rules, ("GET", "/stijl"): PUBLIC}
    site.state.log_read, site.router.route_class = None, RuledRoute
    _handle_page_problems(site, pages)

    @site.get("/stijl")
    async def style(request: Request) -> HTMLResponse:
        return pages.render(request, "stijl.html")

    site.mount("/static", _Versioned(directory=STATIC), name="static")
    return site


def _handle_page_problems(app: FastAPI, pages: Pages) -> None:
    """Makes every error of an application a page in Dutch (`problem.html`), for people instead of programs."""

    def page(request: Request, status: int, detail: str) -> HTMLResponse:
        title = PAGE_TITLES.get(status, TITLES.get(status, "Dat kan hier niet"))
        return pages.render(request, "problem.html", status=status, title=title, detail=detail)

    @app.exception_handler(NotSignedIn)
    async def _sign_in(request: Request, missing: NotSignedIn) -> Response:
        if (away := sign_in_page(request, missing)) is not None:
            return away
        if kept := await _typed(request):
            return pages.render(request, "sign_in_again.html", status=401, detail=missing.detail, values=kept)
        return pages.render(request, "problem.html", status=401, title=TITLES[401], detail=missing.detail, sign_in=True)

    @app.exception_handler(TooMany)
    async def _too_many(request: Request, asked: TooMany) -> HTMLResponse:
        answer = page(request, 429, asked.detail)
        answer.headers["Retry-After"] = str(asked.wait_s)
        return answer

    @app.exception_handler(DomainError)
    async def _rule(request: Request, broken: DomainError) -> HTMLResponse:
        return page(request, status_of(broken), broken.detail)

    @app.exception_handler(RequestValidationError)
    async def _address(request: Request, _invalid: RequestValidationError) -> HTMLResponse:
        return page(request, 404, "Dit adres klopt niet.")

    @app.exception_handler(HTTPException)
    async def _http(request: Request, failed: HTTPException) -> HTMLResponse:
        told = {404: "Deze pagina bestaat niet.", 405: ONLY_SENT}
        return page(request, failed.status_code, told.get(failed.status_code, str(failed.detail)))

    @app.exception_handler(TransientError)
    async def _away(request: Request, away: TransientError) -> HTMLResponse:
        log.warning("page refused for now", problem=str(away))
        answer = page(request, 503, TRY_AGAIN)
        answer.headers["Retry-After"] = "5"
        return answer

    @app.exception_handler(Exception)
    async def _bug(request: Request, bug: Exception) -> HTMLResponse:
        if is_news(bug):
            route = getattr(request.scope.get("route"), "path", "-")  # never the path: a link in it may be a key
            log.error("page failed", method=request.method, route=route, exc_info=bug)
        return page(request, 500, "De fout is vastgelegd. Er is niets opgeslagen.")


async def _typed(request: Request) -> Mapping[str, str]:
    """What was filled in on a form of our own; nothing of a file, nor of what came from elsewhere."""
    try:
        require_own_page(request)
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (HTTPException, ValueError):
        return {}
    return dict(pairs) if request.headers.get("content-type", "").startswith(FORM_TYPE) else {}


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
