"""The matcher's answers over HTTP: read-only."""

from typing import Annotated

from fastapi import FastAPI, Path, Response
from fastapi.responses import JSONResponse

from services.matcher.ports import Answers
from shared.contracts.vocabulary import EntityId, RegionId
from shared.web.api import build_api
from shared.web.changes import IfNoneMatch, as_of

DESCRIPTION = "Het plan van een regio, en per student de plaats of de reden waarom er geen plaats is."

Region = Annotated[RegionId, Path()]


def build_matcher_api(answers: Answers) -> FastAPI:
    """The routes of the matcher."""
    api = build_api("Leerplek matcher", DESCRIPTION)

    @api.get("/regions/{region}/plan", summary="Het plan dat nu geldt, met het bewijs hoe goed het is")
    async def plan(region: Region, known: IfNoneMatch = None) -> Response:
        return await as_of(await answers.version(region), known, lambda: answers.plan(region))

    @api.get(
        "/regions/{region}/region-file", summary="De regio zoals het plan haar ziet, als bestand voor leerplek solve"
    )
    async def region_file(region: Region, known: IfNoneMatch = None) -> Response:
        return await as_of(await answers.version(region), known, lambda: answers.region_file(region))

    @api.get("/regions/{region}/fairness", summary="Welke groepen meer dan hun deel zonder plaats zijn")
    async def fairness(region: Region, known: IfNoneMatch = None) -> Response:
        return await as_of(await answers.version(region), known, lambda: answers.fairness(region))

    @api.get("/regions/{region}/plan-versions", summary="Hoe het plan tot stand kwam")
    async def versions(region: Region) -> JSONResponse:
        return JSONResponse(await answers.versions(region))

    @api.get("/students/{student}/explanation", summary="Waar een student geplaatst is, of waarom niet")
    async def explanation(student: Annotated[EntityId, Path()]) -> JSONResponse:
        return JSONResponse(await answers.explanation(student))

    return api
