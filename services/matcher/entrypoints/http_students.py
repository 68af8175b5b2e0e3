"""The route that explains where one student is, or why there is no place."""

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from services.matcher.bootstrap import AnswersParts
from services.matcher.entrypoints.http_models import Explanation
from services.matcher.entrypoints.http_words import caller_of
from services.matcher.handlers.explaining import Part
from shared.contracts.vocabulary import Contract, EntityId
from shared.security.callers import Caller
from shared.web.changes import IfNoneMatch, not_again, with_version

AGAIN_S = 5
MOST_AT = 5
LONGEST_WAIT_S = 60


class ExplanationQuery(Contract):
    """What to explain, and how long to wait for it."""

    include: list[Part] = Field([*Part], description="Wat erbij moet: why, limits, levers, wishes. Zonder dit alles.")
    at: list[EntityId] = Field(
        [], max_length=MOST_AT, description="Ook deze vestigingen of leerwerkplekken: wat kost een plek daar?"
    )
    wait: Annotated[
        int,
        Field(
            ge=0,
            le=LONGEST_WAIT_S,
            description="Zo veel seconden wordt hoogstens gewacht op wat nog uitgerekend wordt.",
        ),
    ] = 20


def add_students(api: FastAPI, parts: AnswersParts) -> None:
    """Adds the route."""
    Asking = Annotated[Caller, Depends(caller_of(parts))]  # noqa: N806 - a type

    @api.get(
        "/students/{student}/explanation",
        summary="Waar een student geplaatst is, of waarom niet, en wat zou helpen",
        description=(
            "Wat gepubliceerd is komt meteen. Wat wordt uitgerekend komt erbij zodra het er is: staat het nog onder "
            "`pending`, vraag het dan opnieuw na de tijd in Retry-After. Alles is van de versie van het plan in `version`."
        ),
        response_model=Explanation,
    )
    async def explanation(
        student: Annotated[EntityId, Path(description="Het nummer dat Leerplek aan de student gaf.")],
        caller: Asking,
        query: Annotated[ExplanationQuery, Query()],
        known: IfNoneMatch = None,
    ) -> Response:
        seen = await parts.explaining.seen(caller, student)
        version = seen[1]
        if (same := not_again(version, known)) is not None:
            return same
        body = await parts.explaining.explanation(caller, seen, query.include, tuple(query.at), query.wait)
        if body["pending"] or body["failed"]:
            return JSONResponse(dict(body), headers={"Retry-After": str(AGAIN_S)})
        return with_version(body, version)
