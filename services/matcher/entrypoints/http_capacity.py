"""Routes about what a region has and what is asked of it: now, and at the beginning of each day; as JSON or as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query
from fastapi.responses import Response
from pydantic import Field

from services.matcher.bootstrap import AnswersParts
from services.matcher.domain.viewing import AGGREGATE, Within
from services.matcher.entrypoints.http_capacity_models import CapacityAnswer, CapacityItem, DayFigures, TrendAnswer
from services.matcher.entrypoints.http_words import Region, caller_of
from services.matcher.ports.answering import Wanted
from shared.contracts.vocabulary import Contract, PeriodId, SiteId, Slug
from shared.security.callers import Caller, Role
from shared.web.changes import IfNoneMatch, not_again, with_version

MOST_NAMED, MOST_ROWS = 50, 5_000
CSV: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/csv": {"schema": {"type": "string"}}},
        "description": "Als JSON, of als CSV met format=csv.",
    }
}
EVERYTHING = 10**9


class SpotQuery(Contract):
    """Which figures; each list that is not empty limits them."""

    site: list[SiteId | Literal[""]] = Field(
        [], max_length=MOST_NAMED, description="Vestigingen; leeg is de hele regio."
    )
    subject: list[Slug] = Field([], max_length=MOST_NAMED, description="Vakken.")
    period: list[PeriodId] = Field([], max_length=MOST_NAMED, description="Perioden.")
    format: Literal["json", "csv"] = Field("json", description="csv geeft alle rijen in één keer.")

    def wanted(self, who: Within) -> Wanted:
        """As the answers know it; a school or board sees its own sites only."""
        return Wanted(tuple(self.site), tuple(self.subject), tuple(self.period), who)


class CapacityQuery(SpotQuery):
    """Which page of them."""

    offset: int = Field(0, ge=0, le=EVERYTHING, description="`next` uit het vorige antwoord.")
    limit: int = Field(500, ge=1, le=MOST_ROWS, description="Hoeveel op een bladzijde.")


class TrendQuery(SpotQuery):
    """Since when; without a site of the whole region."""

    days: int = Field(90, ge=1, le=400, description="Hoeveel dagen terug.")


def add_capacity(api: FastAPI, parts: AnswersParts) -> None:
    """Adds the routes."""
    Asking = Annotated[Caller, Depends(caller_of(parts))]  # noqa: N806 - a type

    @api.get(
        "/regions/{region}/capacity",
        summary="Vraag, aanbod, benutting, en wat een kwartier of plaats erbij waard is",
        description=(
            "Per vak, sector, vestiging en periode; een rij zonder vestiging is de hele regio. De prijzen worden op de "
            "achtergrond uitgerekend: `prices_of_version` zegt bij welk plan ze horen."
        ),
        response_model=CapacityAnswer,
        responses=CSV,
    )
    async def capacity(
        region: Region, caller: Asking, query: Annotated[CapacityQuery, Query()], known: IfNoneMatch = None
    ) -> Response:
        version = await parts.answering.capacity_version(caller, region)
        if (same := not_again(version, known)) is not None:
            return same
        page = (0, EVERYTHING) if query.format == "csv" else (query.offset, query.limit)
        body = await parts.answering.capacity(caller, region, query.wanted(await parts.answering.within(caller)), page)
        if query.format == "csv":
            return csv_of(list(CapacityItem.model_fields), body["items"], f"capaciteit-{region}.csv")
        return with_version(body, version)

    @api.get(
        "/regions/{region}/capacity/trend",
        summary="Vraag en aanbod aan het begin van elke dag",
        response_model=TrendAnswer,
        responses=CSV,
    )
    async def trend(region: Region, caller: Asking, query: Annotated[TrendQuery, Query()]) -> Response:
        version = await parts.answering.version(caller, region, (*AGGREGATE, Role.SCHOOL))
        body = await parts.answering.trend(region, query.days, query.wanted(await parts.answering.within(caller)))
        if query.format == "csv":
            return csv_of(list(DayFigures.model_fields), body["items"], f"verloop-{region}.csv")
        return with_version(body, version)


def csv_of(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], name: str) -> Response:
    """Rows as CSV, with semicolons as Dutch spreadsheets expect."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=";", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
