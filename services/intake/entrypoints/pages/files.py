"""Files of an institute: sending one, how far it is, what became of its rows, and the wrong rows to mend."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from services.intake.domain.columns import COLUMNS, ImportKind
from services.intake.domain.imports import Import, ImportStatus, Verdict
from services.intake.entrypoints.http_imports import error_lines
from services.intake.entrypoints.pages.access import FILES, UPLOAD
from services.intake.entrypoints.pages.desk import Desk, Part, Where, show, show_part, where_of
from services.intake.entrypoints.pages.words import KINDS, VERDICTS
from services.intake.entrypoints.receiving import Receiver, Sent
from services.intake.ports.imports import Judged
from shared.contracts.vocabulary import EntityId, InstituteId
from shared.dutch import counted
from shared.errors import DomainError, NotFound
from shared.web.forms import SENT_BEFORE, Form, own_form
from shared.web.viewing import Viewer, Viewing

LARGEST_UPLOAD = 16 * 1_048_576
"""Of a form all of the file is in memory at once; a system sends larger ones to /v1/imports."""
SHOWN = 10
MOST_WRONG = 50
MOST_CHUNKS = 100
"""So many chunks are looked through for rows to show; the file with errors has them all."""
EXAMPLES = {
    ImportKind.REGISTRATIONS: {
        "kenmerk": "st-004711", "leerroute": "voltijd", "fase": "wpl1", "ondersteuningsklasse": "1", "sector": "vo",
        "vak": "wiskunde", "breedtegraad": "52,09", "lengtegraad": "5,11", "perioden": "2026-S1", "dagen": "ma di",
    },
    ImportKind.MISMATCHES: {"kenmerk": "st-004711", "soort": "reistijd", "gemeld_door": "opleiding", "gemeld_op": "24-11-2026"},
}  # fmt: skip


def add_files(site: FastAPI, desk: Desk) -> None:
    """Adds the pages."""
    _sending(site, desk)
    _following(site, desk)


def _sending(site: FastAPI, desk: Desk) -> None:
    @site.get(FILES)
    async def files(request: Request, institute: InstituteId, viewer: Viewing) -> HTMLResponse:
        return await _page(desk, request, viewer, institute)

    @site.get(FILES + "/voorbeeld/{kind}.csv")
    async def example(institute: InstituteId, kind: ImportKind, viewer: Viewing) -> Response:
        where_of(viewer, institute)
        columns = [each.name for each in COLUMNS[kind] if each.name not in ("opleiding", "regio")]
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(
            [columns, [EXAMPLES[kind].get(each, "") for each in columns]]
        )
        headers = {"Content-Disposition": f'attachment; filename="leerplek-{kind}.csv"'}
        return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)

    @site.post(UPLOAD)
    async def upload(request: Request, viewer: Viewing) -> Response:
        form = await own_form(request, {"opleiding", "soort", "regio"})
        where = where_of(viewer, form.text("opleiding"))
        kind = next((each for each in ImportKind if each.value == form.text("soort")), None)
        if kind is None:
            form.errors["soort"] = "Kies wat erin staat."
        if not form.file:
            form.errors["bestand"] = "Kies eerst een CSV-bestand."
        if form.errors or kind is None:
            return await _page(desk, request, viewer, where.institute, form, 400)
        sent = Sent(where.who, kind, form.text("regio").upper() or None, form.key)
        try:
            file, _ = await Receiver(desk.parts, sent).receive(_whole(form.file))
        except DomainError as broken:
            is_other = broken.code == "idempotency-key-hergebruikt"
            form.errors["bestand"] = SENT_BEFORE if is_other else broken.detail
            return await _page(desk, request, viewer, where.institute, form, 400)
        desk.arrived()
        return RedirectResponse(f"{where.base}/bestanden/{file.id}", 303)


def _following(site: FastAPI, desk: Desk) -> None:
    @site.get(FILES + "/{file}")
    async def one(request: Request, institute: InstituteId, file: EntityId, viewer: Viewing) -> HTMLResponse:
        where = where_of(viewer, institute)
        found = await _file(desk, where, file)
        wrong, doubts = await _wrong(desk, where, found) if found.status is ImportStatus.DONE else ([], [])
        context: dict[str, Any] = {"file": found, "wrong": wrong, "doubts": doubts, "kinds": KINDS, **_progress(found)}
        return show(desk, request, "office_file.html", where, **context)

    @site.get(FILES + "/{file}/voortgang")
    async def progress(request: Request, institute: InstituteId, file: EntityId, viewer: Viewing) -> HTMLResponse:
        where = where_of(viewer, institute)
        found = await _file(desk, where, file)
        is_done = found.status is ImportStatus.DONE
        part = Part("office_progress.html", "Hoe ver het is", f"{where.base}/bestanden/{file}", is_done)
        return show_part(desk, request, where, part, file=found, **_progress(found))

    @site.get(FILES + "/{file}/fouten.csv")
    async def errors(institute: InstituteId, file: EntityId, viewer: Viewing) -> Response:
        where = where_of(viewer, institute)
        found = await _file(desk, where, file)
        if found.status is not ImportStatus.DONE:
            raise NotFound("nog-niet-klaar", "Dit bestand wordt nog verwerkt. Haal de fouten op als het klaar is.")
        headers = {"Content-Disposition": f'attachment; filename="fouten-{file}.csv"'}
        lines = error_lines(found, lambda after: _judged(desk, where, file, after))
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _file(desk: Desk, where: Where, file: str) -> Import:
    """A file of this institute; raises NotFound."""
    async with desk.parts.runtime.database.reading() as tx:
        return await desk.parts.imports(tx, where.who).get(file)


async def _judged(desk: Desk, where: Where, file: str, after: int) -> list[Judged]:
    async with desk.parts.runtime.database.reading() as tx:
        return list(await desk.parts.imports(tx, where.who).judged(file, after))


Cells = list[tuple[int, str, str]]
"""Which line, which column, what about it."""


async def _wrong(desk: Desk, where: Where, file: Import) -> tuple[Cells, Cells]:
    """The first cells with an error, and those of rows that were kept with something to look at once more."""
    expected, after = min(MOST_WRONG, file.counts.get(Verdict.REFUSED.value, 0)), 0
    doubted = min(MOST_WRONG, file.doubted)
    wrong: Cells = []
    doubts: Cells = []
    for _ in range(MOST_CHUNKS if expected or doubted else 0):
        chunk = await _judged(desk, where, file.id, after)
        if not chunk or (len(wrong) >= expected and len(doubts) >= doubted):
            break
        after = chunk[-1].chunk
        refused = (one.verdict for one in chunk if one.verdict.verdict is Verdict.REFUSED)
        wrong += [(one.line, column, what) for one in refused for column, what in one.wrong]
        doubts += [(one.verdict.line, *one.verdict.doubt) for one in chunk if one.verdict.doubt is not None]
    return wrong[:MOST_WRONG], doubts[:MOST_WRONG]


def _progress(file: Import) -> dict[str, object]:
    counts = [
        (verdict, counted(file.counts[verdict.value], *words))
        for verdict, words in VERDICTS.items()
        if file.counts.get(verdict.value)
    ]
    return {"is_done": file.status is ImportStatus.DONE, "counts": counts, "refused": Verdict.REFUSED}


async def _page(
    desk: Desk, request: Request, viewer: Viewer, institute: str, form: Form | None = None, status: int = 200
) -> HTMLResponse:
    where = where_of(viewer, institute)
    async with desk.parts.runtime.database.reading() as tx:
        sent = await desk.parts.imports(tx, where.who).newest(SHOWN)
    async with desk.parts.looking(where.who) as overview:
        regions = await overview.regions(where.institute)
    context = {
        "sent": [(each, _progress(each)) for each in sent],
        "regions": [
            *([("", "Elke rij noemt haar regio")] if len(regions) != 1 else []),
            *regions.items(),
        ],
        "kinds": KINDS,
        "columns": {kind: [each for each in COLUMNS[kind] if each.is_needed] for kind in ImportKind},
        "form": form,
    }
    return show(desk, request, "office_files.html", where, status=status, **context)
