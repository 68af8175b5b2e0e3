"""CloudEvents that others send over HTTP: one or a batch, structured or binary; each is answered by itself, once for its source and id."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from shared.contracts import arriving
from shared.contracts.arriving import BATCH, BINARY, STRUCTURED, Arrived
from shared.errors import DomainError, TransientError
from shared.security.refused import holds_bsn
from shared.web.api import RefusedContent, check_content
from shared.web.changes import Answer, Changes
from shared.web.problems import invalid_problem, problem, refused_problem, rule_problem, unavailable_problem

ONCE = (
    "Elk event gebeurt één keer per `source` en `id`: nog eens sturen geeft hetzelfde antwoord. Van een batch krijgt elk event "
    "een eigen status; wat goed is gaat door."
)
TYPE = "/type"
"""Where the type stands: beside the data, not in it."""
CarryOut = Callable[[Arrived], Awaitable[Response]]
S = TypeVar("S")


def takes(types: Sequence[str]) -> dict[str, Any]:
    """What a route that takes events of these types adds to the OpenAPI document."""
    event = {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "minLength": 1, "maxLength": 255},
            "source": {"type": "string", "format": "uri-reference", "minLength": 1, "maxLength": 255},
            "type": {"type": "string", "enum": list(types)},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": BINARY},
            "data": {"type": "object"},
        },
    }
    binary = {"type": "object", "description": "De data; de attributen staan in headers ce-id, ce-type, …"}
    content = {
        STRUCTURED: {"schema": event},
        BATCH: {"schema": {"type": "array", "maxItems": arriving.MOST, "items": event}},
        BINARY: {"schema": binary},
    }
    return {"requestBody": {"required": True, "content": content}}


def name_of(type_name: str, known: Sequence[str]) -> str:
    """The type when it is one of these; raises DomainError."""
    if type_name not in known:
        raise DomainError("onbekend-type", f"Dit type kennen we hier niet. Wel: {', '.join(known)}.", pointer=TYPE)
    return type_name


async def answer_events(request: Request, carry_out: CarryOut) -> Response:
    """What a request with events is answered: that of its one event, or for each of a batch its status and what came of it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (STRUCTURED, BATCH, BINARY):
        return problem(415, "geen-cloudevent", f"Stuur {STRUCTURED}, {BATCH}, of {BINARY} met headers ce-….")
    try:
        body = await request.json()
    except ValueError:
        return problem(400, "geen-json", "Het bericht is geen geldige JSON in UTF-8.")
    except RecursionError:
        return problem(400, "te-diep", "Het bericht is te diep genest.")
    if kind == BATCH:
        return JSONResponse({"items": [_item(one, await _answer(carry_out, one)) for one in arriving.batch(body)]})
    return await _answer(carry_out, body if kind == STRUCTURED else arriving.binary(request.headers, body))


async def once(
    changes: Changes[S], actor: str, event: Arrived, tell: Callable[[S], Awaitable[dict[str, object]]]
) -> Response:
    """Does what an event tells, once for each source and id of whoever sends it; answers what it is about."""

    async def operation(store: S) -> Answer:
        try:
            about = await tell(store)
        except DomainError as broken:
            if broken.pointer not in (None, TYPE) and not str(broken.pointer).startswith("/data"):
                broken.pointer = f"/data{broken.pointer}"  # where it is in the event, not in what it tells
            raise
        return Answer(200, {"id": event.id, "source": event.source, **about})

    key = hashlib.sha256(f"{event.source}\0{event.id}".encode()).hexdigest()
    content = json.dumps([event.type, event.data], sort_keys=True).encode()
    return await changes.once_under("events", key, content, operation, actor)


async def _answer(carry_out: CarryOut, given: Any) -> Response:
    """What one event is answered with, by itself."""
    try:
        check_content(given.data if isinstance(given, Arrived) else given)
        return await carry_out(given if isinstance(given, Arrived) else arriving.structured(given))
    except ValidationError as invalid:
        return invalid_problem(invalid.errors(include_url=False), "data")
    except RefusedContent as refused:
        return refused_problem(refused.found)
    except DomainError as broken:
        return rule_problem(broken)
    except TransientError:
        return unavailable_problem()


def _item(given: Any, answer: Response) -> dict[str, Any]:
    """One event of a batch: its status, with what it is about or what is wrong with it."""
    body = json.loads(bytes(answer.body))
    told = given.items() if isinstance(given, dict) else ()
    named = {name: one for name, one in told if isinstance(one, str) and not holds_bsn(one)}
    item = {"id": named.get("id"), "source": named.get("source"), "status": answer.status_code}
    return item | ({"problem": body} if answer.status_code >= 400 else body)
