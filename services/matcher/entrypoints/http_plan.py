"""Routes about the plan of a whole region."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from services.matcher.bootstrap import AnswersParts
from services.matcher.domain.viewing import AGGREGATE
from services.matcher.entrypoints.http_models import FairnessAnswer, PlanAnswer, SignalsAnswer, VersionsAnswer
from services.matcher.entrypoints.http_words import Region, caller_of
from shared.contracts.vocabulary import Contract, SignalLevel
from shared.security.callers import Caller
from shared.web.changes import IfNoneMatch, not_again, with_version
from shared.web.paging import MAX_PAGE, PageQuery

MOST_VERSIONS = 100


class VersionQuery(Contract):
    """Which versions of a plan."""

    before: int | None = Field(
        None, ge=1, le=2**31 - 1, description="Versies voor dit nummer: `next` uit het vorige antwoord."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description="Hoeveel op een bladzijde.")] = MOST_VERSIONS


class SignalQuery(PageQuery):
    """Which signals."""

    level: list[SignalLevel] = Field([], max_length=3, description="Alleen van deze ernst.")


def add_plan(api: FastAPI, parts: AnswersParts) -> None:
    """Adds the routes."""
    Asking = Annotated[Caller, Depends(caller_of(parts))]  # noqa: N806 - a type

    @api.get(
        "/regions/{region}/plan",
        summary="Het plan dat nu geldt, met het bewijs hoe goed het is",
        response_model=PlanAnswer,
    )
    async def plan(
        request: Request,
        region: Region,
        caller: Asking,
        query: Annotated[PageQuery, Query()],
        known: IfNoneMatch = None,
    ) -> Response:
        if (same := not_again(await parts.answering.plan_tag(caller, region), known)) is not None:
            return same
        tag, body = await parts.answering.plan(caller, region, query.cursor or "", query.limit)
        return _with_next(request, body, tag)

    @api.get(
        "/regions/{region}/signals",
        summary="De signalen die nog lopen",
        description=(
            "Een opleiding ziet die over haar studenten, een school die op haar vestigingen, een regio die over niemand "
            "persoonlijk gaan."
        ),
        response_model=SignalsAnswer,
    )
    async def signals(
        request: Request,
        region: Region,
        caller: Asking,
        query: Annotated[SignalQuery, Query()],
        known: IfNoneMatch = None,
    ) -> Response:
        version = await parts.answering.version(caller, region)
        if (same := not_again(version, known)) is not None:
            return same
        body = await parts.answering.signals(caller, region, query.level, (query.cursor or "", query.limit))
        return _with_next(request, body, str(body["version"]))

    @api.get(
        "/regions/{region}/region-file",
        summary="De regio zoals het plan haar ziet, als bestand voor leerplek solve",
        description="Alleen voor de beheerder (scope region-file:read): het bestand bevat alle studenten van de regio.",
    )
    async def region_file(region: Region, caller: Asking, known: IfNoneMatch = None) -> Response:
        if (same := not_again(await parts.answering.file_version(caller, region), known)) is not None:
            return same
        version, text = await parts.answering.region_file(region)
        return Response(text, media_type="application/json", headers={"ETag": f'"{version}"'})

    @api.get(
        "/regions/{region}/fairness",
        summary="Welke groepen meer dan hun deel zonder plaats zijn",
        response_model=FairnessAnswer,
    )
    async def fairness(region: Region, caller: Asking, known: IfNoneMatch = None) -> Response:
        version = await parts.answering.version(caller, region, AGGREGATE)
        return not_again(version, known) or with_version(await parts.answering.fairness(region, version), version)

    @api.get("/regions/{region}/plan-versions", summary="Hoe het plan tot stand kwam", response_model=VersionsAnswer)
    async def versions(region: Region, caller: Asking, query: Annotated[VersionQuery, Query()]) -> Response:
        await parts.answering.version(caller, region, AGGREGATE)
        return JSONResponse(await parts.answering.versions(region, query.before, query.limit))


def _with_next(request: Request, body: Mapping[str, Any], tag: str) -> Response:
    """A page of an answer about a plan, with the address of the next one."""
    answer = with_version(body, tag)
    if body["next"] is not None:
        address = request.url.include_query_params(cursor=body["next"])
        answer.headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
    return answer
