"""Errors as application/problem+json (RFC 9457), in Dutch, with the path of every wrong field; invalid input is 400."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    NotFound,
    NotSignedIn,
    TooMany,
    TransientError,
    VersionChanged,
)
from shared.observability.bugs import is_news
from shared.security.refused import BSN_REFUSED, HEALTH_REFUSED
from shared.web.field_messages import dutch_message

log = structlog.get_logger(__name__)

TITLES = {
    400: "De gegevens kloppen niet",
    401: "Eerst aanmelden",
    403: "Dit mag u niet zien of doen",
    404: "Niet gevonden",
    405: "Deze methode bestaat hier niet",
    409: "Dit kan nu niet",
    410: "Dit is er niet meer",
    412: "Het gegeven is intussen gewijzigd",
    413: "Het bericht is te groot",
    415: "Dit soort bericht wordt niet gelezen",
    429: "Te veel verzoeken",
    500: "Er ging bij ons iets mis",
    503: "Even niet beschikbaar",
}
TOO_LARGE = "te-groot"
_CODES = {404: "niet-gevonden", 405: "methode-kan-niet", 413: TOO_LARGE}
TRY_AGAIN = "Probeer het over een paar seconden opnieuw. Er is niets opgeslagen."
_STATUS_OF: dict[type[DomainError], int] = {
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    VersionChanged: 412,
}
HOW_TO_SIGN_IN = {"WWW-Authenticate": 'Bearer realm="leerplek"'}
REFUSED = {
    BSN_REFUSED: "Stuur geen burgerservicenummer. Leerplek bewaart het niet; er is niets opgeslagen.",
    HEALTH_REFUSED: "Stuur geen diagnose en geen reden van afwezigheid. Leerplek bewaart dat niet; er is niets opgeslagen.",
}


def status_of(broken: DomainError) -> int:
    """The status over HTTP of a rule that says no; 400 unless its kind says more."""
    return next((status for kind, status in _STATUS_OF.items() if isinstance(broken, kind)), 400)


def problem(
    status: int, code: str, detail: str, errors: Sequence[dict[str, str]] = (), headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem document; `code` is stable and ends its `type`."""
    body: dict[str, Any] = {
        "type": f"urn:leerplek:probleem:{code}",
        "title": TITLES.get(status, HTTPStatus(status).phrase),
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def handle_problems(app: FastAPI) -> None:
    """Makes every error of an application a problem document."""

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, invalid: RequestValidationError) -> JSONResponse:
        if isinstance(invalid.body, bytes):  # FastAPI reads it only where its Content-Type says that it is JSON
            return problem(415, "geen-json-bericht", "Stuur het bericht als JSON, met Content-Type: application/json.")
        return invalid_problem(invalid.errors())

    @app.exception_handler(DomainError)
    async def _rule(_request: Request, broken: DomainError) -> JSONResponse:
        return rule_problem(broken)

    @app.exception_handler(TooMany)
    async def _too_many(_request: Request, asked: TooMany) -> JSONResponse:
        return problem(429, asked.code, asked.detail, headers={"Retry-After": str(asked.wait_s)})

    @app.exception_handler(TransientError)
    async def _away(_request: Request, away: TransientError) -> JSONResponse:
        log.warning("request refused for now", problem=str(away))
        return unavailable_problem()

    @app.exception_handler(HTTPException)
    async def _http(request: Request, failed: HTTPException) -> JSONResponse:
        if failed.status_code == 400 and "parsing the body" in str(failed.detail):
            return problem(400, "geen-json", "Het bericht is geen geldige JSON in UTF-8.")
        headers = dict(failed.headers or {})
        detail = str(failed.detail)
        if failed.status_code == 404:
            detail = f"{request.url.path} bestaat niet."
        elif failed.status_code == 405:
            headers = {"Allow": ", ".join(sorted(_allowed(request)))}
            detail = f"{request.method} kan hier niet; wel: {headers['Allow']}."
        return problem(failed.status_code, _CODES.get(failed.status_code, "http"), detail, headers=headers)

    @app.exception_handler(Exception)
    async def _bug(request: Request, bug: Exception) -> JSONResponse:
        if is_news(bug):
            log.error("request failed", method=request.method, route=request.url.path, exc_info=bug)
        return problem(500, "fout", "De fout is vastgelegd. Er is niets opgeslagen.")


def _allowed(request: Request) -> set[str]:
    """Every method of this address: each has a route of its own, and the one that refused knows only itself."""
    here = (each for each in request.app.routes if each.matches(request.scope)[0] is not Match.NONE)
    return {method for each in here for method in getattr(each, "methods", None) or ()} - {"HEAD"}


def invalid_problem(found: Sequence[Any], within: str = "") -> JSONResponse:
    """What pydantic found wrong with a request, or (as its own errors tell) with one part of a body, `within`."""
    errors = [_field_error({**each, "loc": ("body", within, *each["loc"])} if within else each) for each in found]
    code = "geen-json" if any(each["type"] == "json_invalid" for each in found) else "ongeldige-invoer"
    return problem(400, code, " ".join(_sentence(each) for each in errors[:5]), errors)


def rule_problem(broken: DomainError) -> JSONResponse:
    """The answer when a rule says no."""
    errors = [{"pointer": broken.pointer, "detail": broken.detail}] if broken.pointer else []
    headers = HOW_TO_SIGN_IN if isinstance(broken, NotSignedIn) else None
    return problem(status_of(broken), broken.code, broken.detail, errors, headers)


def unavailable_problem() -> JSONResponse:
    """The answer while something is away."""
    return problem(503, "even-niet-beschikbaar", TRY_AGAIN, headers={"Retry-After": "5"})


def refused_problem(found: Sequence[tuple[str, str]]) -> JSONResponse:
    """The answer to a body that holds what is never stored."""
    errors = [{"pointer": pointer, "detail": REFUSED[kind]} for pointer, kind in found]
    return problem(400, "geweigerd-" + found[0][1], errors[0]["detail"], errors)


def _field_error(error: dict[str, Any]) -> dict[str, str]:
    """What is wrong and where: in the body by its path, elsewhere by the name of the parameter."""
    source, *where = error["loc"]
    detail = dutch_message(error)
    if source != "body":
        return {"parameter": str(where[0] if where else source), "detail": detail}
    if error["type"] == "json_invalid":  # says at which character, which is no path
        where = []
    if error["type"] == "missing" and not where:
        detail = "het bericht ontbreekt"
    steps = (str(part).replace("~", "~0").replace("/", "~1") for part in where)
    return {"pointer": "".join(f"/{step}" for step in steps), "detail": detail}


def _sentence(error: dict[str, str]) -> str:
    name = error.get("parameter") or error.get("pointer")
    return f"{name}: {error['detail']}" if name else error["detail"]
