"""Routes to try changes on a copy of a region: ask for it, see how far it is, read what came of it, or cancel it."""

from typing import Annotated, Any

import uuid_utils
from fastapi import Body, Depends, FastAPI, Header, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from services.matcher.bootstrap import AnswersParts
from services.matcher.domain.reading import RegionProblems
from services.matcher.domain.scenarios import SCENARIO_FORMAT
from services.matcher.entrypoints.http_events import events_of, trial_body
from services.matcher.entrypoints.http_trial_models import LeversAnswer, TrialAnswer, TrialsAnswer
from services.matcher.entrypoints.http_words import Region, caller_of, scenario_problem
from services.matcher.handlers.asking import Asked, Asking
from services.matcher.ports.answering import TrialKind
from shared.contracts.vocabulary import Contract, EntityId
from shared.security.callers import Caller
from shared.web.changes import Answer

EXAMPLE = {
    "format": SCENARIO_FORMAT,
    "name": "10 % meer uren en lenen aan",
    "levers": {"lending": {"on": True}},
    "hours": [{"tier": "wpb", "factor": 1.1}],
}
Trial = Annotated[EntityId, Path(description="Het nummer uit Location.")]
ACCEPTED: dict[int | str, dict[str, Any]] = {202: {"description": "Het wordt uitgerekend.", "model": TrialAnswer}}
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `progress` met de stand, en aan het eind één `end` met het antwoord.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class SecondsQuery(Contract):
    """How long each plan is sought."""

    seconds: Annotated[int, Field(ge=1, le=600, description="Zo lang wordt elk plan gezocht.")] = 20


def add_trials(api: FastAPI, parts: AnswersParts) -> None:
    """Adds the routes."""
    _begin(api, parts)
    _follow(api, parts)
    _levers(api, parts)


def _begin(api: FastAPI, parts: AnswersParts) -> None:
    Who = Annotated[Caller, Depends(caller_of(parts))]  # noqa: N806 - a type

    @api.post(
        "/regions/{region}/scenarios",
        status_code=202,
        summary="Probeer hefbomen en aantallen op een kopie van de regio",
        description="De inhoud is die van een scenariobestand (docs/region-file.md), zoals `leerplek scenario` die leest.",
        responses=ACCEPTED,
    )
    async def begin(
        request: Request,
        region: Region,
        caller: Who,
        query: Annotated[SecondsQuery, Query()],
        body: Annotated[dict[str, Any], Body(examples=[EXAMPLE])],
    ) -> Response:
        try:
            asked = await asking(parts).scenario(caller, region, body, query.seconds)
        except RegionProblems as wrong:
            return scenario_problem(wrong)
        return await accept(parts, request, caller, asked)

    @api.get(
        "/regions/{region}/scenarios", summary="Wat er de laatste tijd is uitgeprobeerd", response_model=TrialsAnswer
    )
    async def listed(region: Region, caller: Who) -> Response:
        found = await asking(parts).listed(caller, region, TrialKind.SCENARIO)
        return JSONResponse({"items": [trial_body(one) for one in found], "next": None})


def _follow(api: FastAPI, parts: AnswersParts) -> None:
    Who = Annotated[Caller, Depends(caller_of(parts))]  # noqa: N806 - a type

    @api.get(
        "/regions/{region}/scenarios/{trial}",
        summary="Hoe ver een scenario is, en wat eruit kwam: vijf kanten voor en na",
        response_model=TrialAnswer,
    )
    async def read(region: Region, trial: Trial, caller: Who) -> Response:
        tried = await asking(parts).get(caller, region, trial)
        steps = await parts.trials.steps(trial, 0)
        return JSONResponse(trial_body(tried, steps[-1] if steps else None))

    @api.get(
        "/regions/{region}/scenarios/{trial}/events",
        summary="Volg hoe ver een scenario is (server-sent events)",
        description="Wie met Last-Event-ID terugkomt krijgt wat er sindsdien was.",
        responses=EVENTS,
        response_class=StreamingResponse,
    )
    async def events(
        region: Region,
        trial: Trial,
        caller: Who,
        last: Annotated[str | None, Header(alias="Last-Event-ID", description="Het laatste id dat u zag.")] = None,
    ) -> Response:
        await asking(parts).get(caller, region, trial)
        seen = int(last) if last is not None and last.isdecimal() and len(last) < 10 else 0
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(events_of(parts.trials, trial, seen), media_type="text/event-stream", headers=headers)

    @api.delete(
        "/regions/{region}/scenarios/{trial}",
        summary="Breek een scenario af; wat al klaar is blijft staan",
        response_model=TrialAnswer,
    )
    async def cancel(region: Region, trial: Trial, caller: Who) -> Response:
        await asking(parts).get(caller, region, trial)
        await parts.trying.cancel(trial)
        return JSONResponse(trial_body(await asking(parts).get(caller, region, trial)))


def _levers(api: FastAPI, parts: AnswersParts) -> None:
    Who = Annotated[Caller, Depends(caller_of(parts))]  # noqa: N806 - a type

    @api.post(
        "/regions/{region}/levers",
        status_code=202,
        summary="Reken uit wat elke hefboom waard is",
        description="De regio wordt één keer zoals ze is en één keer per hefboom opgelost, elk zo lang als `seconds` zegt.",
        responses=ACCEPTED,
    )
    async def begin(request: Request, region: Region, caller: Who, query: Annotated[SecondsQuery, Query()]) -> Response:
        asked = await asking(parts).levers(caller, region, query.seconds)
        return await accept(parts, request, caller, asked)

    @api.get(
        "/regions/{region}/levers",
        summary="Wat elke hefboom waard is, zoals dat het laatst is uitgerekend",
        response_model=LeversAnswer,
    )
    async def read(region: Region, caller: Who) -> Response:
        tried, levers = await asking(parts).last_levers(caller, region)
        ended = None if tried.ended_at is None else tried.ended_at.isoformat()
        about = {"region": region, "plan_version": tried.plan_version, "trial": tried.id, "ended_at": ended}
        return JSONResponse({**about, "levers": levers})


def asking(parts: AnswersParts) -> Asking:
    """Who may ask for what."""
    return Asking(parts.answering, parts.trials, parts.workshop)


async def accept(parts: AnswersParts, request: Request, caller: Caller, asked: Asked) -> Response:
    """Keeps what is asked for, once for each key, and says where to follow it."""
    tried = asked.as_trial(str(uuid_utils.uuid7()), parts.clock())

    async def operation(add: Any) -> Answer:
        add(tried)
        location = f"/v1/regions/{tried.region}/scenarios/{tried.id}"
        return Answer(202, trial_body(tried), {"Location": location})

    return await parts.changes.once(request, operation, caller.role.value)
