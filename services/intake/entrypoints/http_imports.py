"""Routes of files: send one, see how far it is, what became of each row, and which rows to mend."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from itertools import zip_longest
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import Field

from services.intake.bootstrap import Parts
from services.intake.domain.access import READ, WRITE, Who
from services.intake.domain.columns import TOLD, ImportKind
from services.intake.domain.imports import Import, ImportStatus, Verdict
from services.intake.entrypoints.answers import ImportAnswer, ImportPage, RowsPage
from services.intake.entrypoints.asking import asks
from services.intake.entrypoints.bodies import import_body, judged_body
from services.intake.entrypoints.receiving import Receiver, Sent
from services.intake.ports.imports import Judged
from shared.contracts.vocabulary import Contract, EntityId, RegionId
from shared.csv_rows import safe
from shared.errors import NotFound
from shared.web.changes import idempotency_key
from shared.web.openapi import TEXT_SCHEMA
from shared.web.paging import PageQuery, page_of
from shared.web.problems import problem

CSV_TYPES = ("text/csv", "application/csv", "text/plain", "application/vnd.ms-excel")
AGAIN_S = 1
FileId = Annotated[EntityId, Path(description="Het nummer van het bestand, uit Location.")]
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"description": "Het bestand is binnen en wordt verwerkt.", "model": ImportAnswer}
}
SENDS = {"requestBody": {"required": True, "content": {"text/csv": {"schema": TEXT_SCHEMA}}}}
GIVES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "De rijen met een fout, en wat eraan mankeert.",
        "content": {"text/csv": {"schema": TEXT_SCHEMA}},
    }
}


class NewImport(Contract):
    """What a file holds."""

    kind: ImportKind = Field(ImportKind.REGISTRATIONS, description="Wat erin staat: inschrijvingen of mismatches.")
    region: RegionId | None = Field(None, description="De regio van rijen die er geen noemen.")


class RowsQuery(Contract):
    """Which rows to list."""

    cursor: Annotated[
        int, Field(ge=0, le=2**31 - 1, description="Waar de vorige bladzijde ophield: `next` uit dat antwoord.")
    ] = 0
    verdict: Verdict | None = Field(None, description="Alleen rijen waarvan dit werd.")


def add_imports(api: FastAPI, parts: Parts, arrived: Callable[[], None]) -> None:
    """Adds the routes; `arrived` is told of each file that is whole."""
    _send(api, parts, arrived)
    _follow(api, parts)


def _send(api: FastAPI, parts: Parts, arrived: Callable[[], None]) -> None:
    Writer = Annotated[Who, Depends(asks(parts, WRITE))]  # noqa: N806 - a type

    @api.post(
        "/imports",
        status_code=202,
        summary="Stuur een CSV-bestand met inschrijvingen of mismatches",
        description="Elke rij krijgt een eigen oordeel. Hetzelfde bestand nog eens sturen verandert niets.",
        responses=ACCEPTED,
        openapi_extra=SENDS,
    )
    async def send(request: Request, who: Writer, query: Annotated[NewImport, Query()]) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in CSV_TYPES:
            return problem(415, "geen-csv", "Stuur het bestand zelf als inhoud, met Content-Type: text/csv.")
        sent = Sent(who, query.kind, query.region, idempotency_key(request))
        file, is_again = await Receiver(parts, sent).receive(request.stream())
        arrived()
        headers = {"Location": f"/v1/imports/{file.id}", "Retry-After": str(AGAIN_S)}
        return JSONResponse(
            import_body(file), 202, {**headers, **({"Idempotent-Replayed": "true"} if is_again else {})}
        )


def _follow(api: FastAPI, parts: Parts) -> None:
    Reader = Annotated[Who, Depends(asks(parts, READ))]  # noqa: N806 - a type

    async def file_of(file: str, who: Who) -> Import:
        async with parts.runtime.database.reading() as tx:
            return await parts.imports(tx, who).get(file)

    async def judged(file: str, who: Who, after: int) -> list[Judged]:
        async with parts.runtime.database.reading() as tx:
            return list(await parts.imports(tx, who).judged(file, after))

    @api.get("/imports", summary="Welke bestanden u stuurde, en hoe ver ze zijn", response_model=ImportPage)
    async def listed(request: Request, who: Reader, query: Annotated[PageQuery, Query()]) -> Response:
        async with parts.runtime.database.reading() as tx:
            found = await parts.imports(tx, who).listed(query.cursor, query.one_more)
        return page_of(request, [import_body(one) for one in found], query)

    @api.get(
        "/imports/{file}", summary="Hoe ver een bestand is, en wat er van de rijen werd", response_model=ImportAnswer
    )
    async def read(file: FileId, who: Reader) -> Response:
        found = await file_of(file, who)
        is_done = found.status is ImportStatus.DONE
        return JSONResponse(import_body(found), headers={} if is_done else {"Retry-After": str(AGAIN_S)})

    @api.get("/imports/{file}/rows", summary="Wat er van elke rij werd", response_model=RowsPage)
    async def rows(file: FileId, who: Reader, query: Annotated[RowsQuery, Query()]) -> Response:
        await file_of(file, who)
        after, found = query.cursor, list[Judged]()
        while not found and (chunk := await judged(file, who, after)):
            after = chunk[-1].chunk
            found = [one for one in chunk if query.verdict in (None, one.verdict.verdict)]
        following = after if found and await judged(file, who, after) else None
        return JSONResponse({"items": [judged_body(one) for one in found], "next": following})

    @api.get(
        "/imports/{file}/errors",
        summary="De rijen met een fout als CSV, met wat eraan mankeert: verbeter ze en stuur dat bestand",
        responses=GIVES,
        response_class=Response,
    )
    async def errors(file: FileId, who: Reader) -> Response:
        found = await file_of(file, who)
        if found.status is not ImportStatus.DONE:
            raise NotFound("nog-niet-klaar", "Dit bestand wordt nog verwerkt. Vraag de fouten op als het klaar is.")
        headers = {"Content-Disposition": f'attachment; filename="fouten-{file}.csv"'}
        return StreamingResponse(
            error_lines(found, lambda after: judged(file, who, after)), media_type="text/csv", headers=headers
        )


async def error_lines(file: Import, chunk_after: Callable[[int], Any]) -> AsyncIterator[str]:
    """The rows of a file that were refused, as lines of CSV: with a mark that makes Excel read it as UTF-8, in the separator that it came with."""
    columns = [name for name in file.columns if name != TOLD.name]
    yield "\ufeff" + _line(file.separator, [*columns, TOLD.name])
    after = 0
    while chunk := await chunk_after(after):
        after = chunk[-1].chunk
        for one in chunk:
            if one.verdict.verdict is Verdict.REFUSED:
                told = "; ".join(f"{column}: {what}" if column else what for column, what in one.verdict.wrong)
                cells = [
                    cell
                    for cell, name in zip_longest(one.cells, file.columns, fillvalue="")
                    if name not in ("", TOLD.name)
                ]
                yield _line(file.separator, [*map(safe, cells), f"regel {one.verdict.line}: {told}"])


def _line(separator: str, cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
