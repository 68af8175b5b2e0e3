"""A service's HTTP application: `/v1` with its OpenAPI document, health beside it, one middleware round all of it."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.arriving import BATCH
from shared.errors import DomainError
from shared.observability.metrics import REQUESTS
from shared.security.refused import BSN_REFUSED, holds_bsn, refused_fields
from shared.web.limiting import STATE
from shared.web.openapi import complete
from shared.web.problems import TOO_LARGE, handle_problems, problem, refused_problem

API_VERSION = "1.0.0"
DOCUMENT = "/v1/openapi.json"
"""What any page on the web may read: it tells nothing of anybody."""
EVENTS = "/events"
KEPT_HEADERS = ("idempotency-key", "ce-")
"""Headers that say what is kept: the attributes of a CloudEvent in binary mode are."""
MAX_BODY = 1_048_576
HEADERS = {
    "API-Version": API_VERSION,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Why a service cannot take requests (no reasons: it can), and what is amiss without keeping it from that."""

    reasons: Sequence[str] = ()
    notices: Sequence[str] = ()


Check = Callable[[], Awaitable[Readiness]]


class Api(FastAPI):
    """A FastAPI application whose document tells what really happens."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi())
        return self.openapi_schema


class RefusedContent(Exception):
    """A body that holds what is never stored; `found` as from refused_fields."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        super().__init__("refused content")
        self.found = found


async def refuse_personal_data(request: Request) -> None:
    """Refuses a citizen service number or NUL anywhere, and a JSON body with a diagnosis or a reason for an absence."""
    if "\0" in request.url.path or b"%00" in request.scope["query_string"]:
        raise DomainError("ongeldig-teken", "Het adres bevat een teken dat niet mag (U+0000).")
    around = {"address": str(request.url.path) + "?" + str(request.query_params)}
    around |= {name: unquote(text) for name, text in request.headers.items() if name.startswith(KEPT_HEADERS)}
    found = [(name, BSN_REFUSED) for name, text in around.items() if holds_bsn(text)]
    if found:
        raise RefusedContent(found)
    is_batch = _media_type(request) == BATCH and request.scope["route"].path == EVENTS
    if _media_type(request).endswith("json") and not is_batch:  # of a batch each event is checked by itself
        try:
            document = await request.json()
        except ValueError:  # whoever needs a body says so
            return
        except RecursionError as deep:
            raise DomainError("te-diep", "Het bericht is te diep genest.") from deep
        check_content(document)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_content(document: Any) -> None:
    """Raises RefusedContent for what is never stored, and DomainError for what no database can hold."""
    try:
        text = json.dumps(document, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError as half:
        raise DomainError("ongeldig-teken", "Het bericht bevat een teken dat niet bestaat.") from half
    except RecursionError as deep:
        raise DomainError("te-diep", "Het bericht is te diep genest.") from deep
    if "\\u0000" in text:
        raise DomainError("ongeldig-teken", "Het bericht bevat een teken dat niet mag (U+0000).")
    found = refused_fields(document)
    if found:
        raise RefusedContent(found)


def build_api(title: str, description: str) -> FastAPI:
    """The `/v1` application; routes are added to it by the service."""
    api = Api(
        title=title,
        version=API_VERSION,
        description=description,
        contact={"name": "Leerplek", "url": "https://leerplek.example", "email": "beheer@leerplek.example"},
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        servers=[{"url": "/v1"}],
        root_path_in_servers=False,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(refuse_personal_data)],
    )
    handle_problems(api)

    @api.exception_handler(RefusedContent)
    async def _refused(_request: Request, refused: RefusedContent) -> JSONResponse:
        return refused_problem(refused.found)

    return api


def build_app(api: FastAPI | None, check: Check, large: Mapping[str, int] | None = None) -> FastAPI:
    """The whole application of a service: the API under /v1 where it has one, /livez and /readyz; pages may be added.

    `large` are the paths that take in more than MAX_BODY bytes, and how many.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    handle_problems(app)

    @app.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        found = await check()
        status = "wait" if found.reasons else "ok"
        body = {"status": status, "reasons": list(found.reasons), "notices": list(found.notices)}
        return JSONResponse(body, 503 if found.reasons else 200)

    if api is not None:
        app.mount("/v1", api)
    app.add_middleware(Edge, large=large or {})
    return app


class Edge:
    """Adds the headers every answer has, refuses bodies that are too large, and measures."""

    def __init__(self, app: ASGIApp, large: Mapping[str, int]) -> None:
        self._app, self._large = app, large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        state: dict[str, Any] = scope.setdefault("state", {})
        if scope["path"] == DOCUMENT:
            state[STATE] = {"Access-Control-Allow-Origin": "*"}

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_headers(message.get("headers", ()), state.get(STATE, {}))
            await send(message)

        most = self._large.get(scope["path"], MAX_BODY)
        if _declared_size(scope) > most:
            await problem(413, TOO_LARGE, _at_most(most))(scope, receive, send_with_headers)
        else:
            await self._app(scope, _limited(receive, most), send_with_headers)
        route = getattr(scope.get("route"), "path", "-")
        REQUESTS.labels(scope["method"], route, status).observe(time.perf_counter() - started)


def _with_headers(headers: Iterable[tuple[bytes, bytes]], more: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    present = {name.lower() for name, _ in headers}
    added = [(name.lower().encode(), value.encode()) for name, value in {**HEADERS, **more}.items()]
    return [*headers, *(pair for pair in added if pair[0] not in present)]


def _declared_size(scope: MutableMapping[str, Any]) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _at_most(size: int) -> str:
    return f"Een bericht is hoogstens {size // 1024} kB."


def _limited(receive: Receive, most: int) -> Receive:
    """Cuts off a body that grows beyond the limit without having said so."""
    received = 0

    async def receive_within_limit() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413, _at_most(most))
        return message

    return receive_within_limit
