"""The route that takes CloudEvents of institutes' systems: one or many, each carried out once for its source and id."""

import hashlib
import json
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from services.intake.bootstrap import Parts
from services.intake.domain.access import DECIDE, WRITE, Who
from services.intake.entrypoints.answers import EventAnswer, EventsAnswer
from services.intake.entrypoints.asking import asks
from services.intake.handlers.telling import MODELS, PREFIX, SUFFIX, told
from services.intake.ports import Store
from shared.contracts import arriving
from shared.contracts.arriving import BATCH, BINARY, STRUCTURED, Arrived
from shared.dutch import dutch_day
from shared.errors import DomainError, TransientError
from shared.security.refused import holds_bsn
from shared.web.api import RefusedContent, check_content
from shared.web.changes import Answer
from shared.web.problems import invalid_problem, problem, refused_problem, rule_problem, unavailable_problem

WORDS = (
    "Elk event gebeurt één keer per `source` en `id`: nog eens sturen geeft hetzelfde antwoord. Van een batch krijgt elk event "
    "een eigen status; wat goed is gaat door. `data` is wat de andere adressen vragen, met de student als `student` of als "
    "`institute` en `reference`."
)
EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 255},
        "source": {"type": "string", "format": "uri-reference", "minLength": 1, "maxLength": 255},
        "type": {"type": "string", "enum": [f"{PREFIX}{name}{SUFFIX}" for name in MODELS]},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": BINARY},
        "data": {"type": "object"},
    },
}
TAKES = {
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": EVENT},
            BATCH: {"schema": {"type": "array", "maxItems": arriving.MOST, "items": EVENT}},
            BINARY: {
                "schema": {"type": "object", "description": "De data; de attributen staan in headers ce-id, ce-type, …"}
            },
        },
    }
}


def add_events(api: FastAPI, parts: Parts) -> None:
    """Adds the route."""
    Writer = Annotated[Who, Depends(asks(parts, WRITE))]  # noqa: N806 - a type

    @api.post(
        "/events",
        summary="Stuur CloudEvents: wat er met studenten is",
        description=WORDS,
        response_model=EventAnswer | EventsAnswer,
        openapi_extra=TAKES,
    )
    async def take(request: Request, who: Writer) -> Response:
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
            items = [_item(one, await _answer(parts, who, one)) for one in arriving.batch(body)]
            return JSONResponse({"items": items})
        event = body if kind == STRUCTURED else arriving.binary(request.headers, body)
        return await _answer(parts, who, event)


async def _answer(parts: Parts, who: Who, given: Any) -> Response:
    """What one event is answered with, by itself."""
    try:
        check_content(given.data if isinstance(given, Arrived) else given)
        event = given if isinstance(given, Arrived) else arriving.structured(given)
        return await _carried_out(parts, who, event)
    except ValidationError as invalid:
        return invalid_problem(invalid.errors(include_url=False), "data")
    except DomainError as broken:
        return rule_problem(broken)
    except RefusedContent as refused:
        return refused_problem(refused.found)
    except TransientError:
        return unavailable_problem()


async def _carried_out(parts: Parts, who: Who, event: Arrived) -> Response:
    async def operation(store: Store) -> Answer:
        about = await told(store, event.type, event.data, dutch_day(parts.clock()))
        return Answer(200, {"id": event.id, "source": event.source, **about})

    if event.type.startswith((f"{PREFIX}placement-", f"{PREFIX}switch-")) and DECIDE not in who.scopes:
        who_decides = f"Uw token geldt hier niet voor. Vraag een token met scope {DECIDE}."
        return problem(403, "scope-ontbreekt", who_decides)
    key = hashlib.sha256(f"{event.source}\0{event.id}".encode()).hexdigest()
    content = json.dumps([event.type, event.data], sort_keys=True).encode()
    return await parts.changes(who).once_under("events", key, content, operation, who.name)


def _item(given: Any, answer: Response) -> dict[str, Any]:
    """One event of a batch: its status, with what it is about or what is wrong with it."""
    body = json.loads(bytes(answer.body))
    told = given.items() if isinstance(given, dict) else ()
    named = {name: one for name, one in told if isinstance(one, str) and not holds_bsn(one)}
    item = {"id": named.get("id"), "source": named.get("source"), "status": answer.status_code}
    return item | ({"problem": body} if answer.status_code >= 400 else body)
