"""Keeps files that institutes send on SQL: in chunks, each of which is worked off in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.tables_imports import ImportChunkRow, ImportFileRow
from services.intake.domain.access import Who
from services.intake.domain.columns import ImportKind
from services.intake.domain.imports import FileRow, Import, ImportStatus, RowVerdict, Verdict, counted
from services.intake.ports.imports import Judged
from shared.errors import NotFound
from shared.persistence.statements import insert_rows

OPEN = (ImportStatus.WAITING.value, ImportStatus.WORKING.value)


class SqlImports:
    """Files within one transaction, as somebody may see them; without `locks` it only reads."""

    def __init__(self, tx: AsyncSession, who: Who) -> None:
        self._tx, self._who = tx, who

    async def begin(self, file: Import) -> None:
        self._tx.add(
            ImportFileRow(
                id=file.id,
                actor=file.who.name,
                institute=file.who.institute,
                kind=file.kind.value,
                region=file.region,
                columns=list(file.columns),
                separator=file.separator,
                status=file.status.value,
                counts={},
                created_at=file.created_at,
            )
        )

    async def add_rows(self, file: str, number: int, rows: Sequence[FileRow]) -> None:
        body = [_row_body(row) for row in rows]
        await insert_rows(self._tx, ImportChunkRow, [{"file": file, "number": number, "is_done": False, "body": body}])

    async def complete(self, file: str, rows: int, key: str | None, fingerprint: str) -> Import:
        row = await self._row(file)
        row.status, row.rows, row.key, row.fingerprint = ImportStatus.WAITING.value, rows, key, fingerprint
        self._tx.add(row)
        await self._tx.flush()
        return _file_of(row)

    async def with_key(self, key: str) -> tuple[Import, str] | None:
        """The file that came with this key, and its fingerprint."""
        found = select(ImportFileRow).where(col(ImportFileRow.actor) == self._who.name, col(ImportFileRow.key) == key)
        row = (await self._tx.exec(found)).first()
        return None if row is None else (_file_of(row), str(row.fingerprint))

    async def discard(self, file: str) -> None:
        await self._tx.exec(delete(ImportChunkRow).where(col(ImportChunkRow.file) == file))
        await self._tx.exec(delete(ImportFileRow).where(col(ImportFileRow.id) == file))

    async def get(self, file: str) -> Import:
        return _file_of(await self._row(file))

    async def listed(self, after: str | None, limit: int) -> Sequence[Import]:
        found = select(ImportFileRow).where(col(ImportFileRow.status) != ImportStatus.RECEIVING.value)
        if self._who.institute is not None:
            found = found.where(col(ImportFileRow.institute) == self._who.institute)
        if after is not None:
            found = found.where(col(ImportFileRow.id) > after)
        return [_file_of(row) for row in await self._tx.exec(found.order_by(col(ImportFileRow.id)).limit(limit))]

    async def newest(self, limit: int) -> Sequence[Import]:
        found = select(ImportFileRow).where(col(ImportFileRow.status) != ImportStatus.RECEIVING.value)
        if self._who.institute is not None:
            found = found.where(col(ImportFileRow.institute) == self._who.institute)
        return [_file_of(row) for row in await self._tx.exec(found.order_by(col(ImportFileRow.id).desc()).limit(limit))]

    async def judged(self, file: str, after: int) -> Sequence[Judged]:
        """The rows of the first chunk beyond `after` that is worked off; none when there is no such chunk."""
        found = select(ImportChunkRow).where(
            col(ImportChunkRow.file) == file, col(ImportChunkRow.number) > after, col(ImportChunkRow.is_done)
        )
        row = (await self._tx.exec(found.order_by(col(ImportChunkRow.number)).limit(1))).first()
        return [] if row is None else [_judged_of(row.number, each) for each in row.body]

    async def take(self) -> tuple[Import, int, Sequence[FileRow]] | None:
        """The first chunk that waits of whoever's last turn is longest ago: of their oldest file that nobody else is at."""
        file = await self._next_file()
        if file is None:
            return None
        waiting = select(ImportChunkRow).where(col(ImportChunkRow.file) == file.id, ~col(ImportChunkRow.is_done))
        chunk = (await self._tx.exec(waiting.order_by(col(ImportChunkRow.number)).limit(1))).first()
        if chunk is None:
            return _file_of(file), 0, []
        return _file_of(file), chunk.number, [_row_of(each) for each in chunk.body]

    async def _next_file(self) -> ImportFileRow | None:
        wanted = select(ImportFileRow.id, ImportFileRow.actor, ImportFileRow.turn).where(
            col(ImportFileRow.status).in_(OPEN),
            col(ImportFileRow.kind).in_(list(ImportKind)),  # a newer process beside this one may take more
        )
        waiting = (await self._tx.exec(wanted.order_by(col(ImportFileRow.id)))).all()
        last_turn: dict[str, int] = {}
        for _, actor, turn in waiting:
            last_turn[actor] = max(turn, last_turn.get(actor, 0))
        for identifier, _, _ in sorted(waiting, key=lambda each: last_turn[each[1]]):
            found = select(ImportFileRow).where(
                col(ImportFileRow.id) == identifier, col(ImportFileRow.status).in_(OPEN)
            )
            file = (await self._tx.exec(found.with_for_update(skip_locked=True))).first()
            if file is not None:
                file.turn = max(last_turn.values()) + 1
                self._tx.add(file)
                return file
        return None

    async def judge(self, file: str, number: int, rows: Sequence[FileRow], verdicts: Sequence[RowVerdict]) -> None:
        held, chunk = await self._row(file), await self._tx.get(ImportChunkRow, (file, number))
        assert chunk is not None
        chunk.is_done = True
        chunk.body = [_verdict_body(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)]
        held.status, held.counts = ImportStatus.WORKING.value, counted(held.counts, verdicts)
        self._tx.add(held)
        self._tx.add(chunk)

    async def finish(self, file: str, now: datetime) -> None:
        row = await self._row(file)
        row.status, row.finished_at = ImportStatus.DONE.value, now
        self._tx.add(row)

    async def forget(self, now: datetime, arriving: timedelta, done: timedelta) -> None:
        """Deletes files that never arrived whole, and those that were done so long ago."""
        old = select(ImportFileRow.id).where(
            (col(ImportFileRow.status) == ImportStatus.RECEIVING.value)
            & (col(ImportFileRow.created_at) < now - arriving)
            | (col(ImportFileRow.finished_at) < now - done)
        )
        for file in (await self._tx.exec(old)).all():
            await self.discard(file)

    async def _row(self, file: str) -> ImportFileRow:
        row = await self._tx.get(ImportFileRow, file)
        if row is None or self._who.institute not in (None, row.institute):
            raise NotFound("onbekend-bestand", "Dit bestand kennen we niet, of niet meer.")
        return row


def _file_of(row: ImportFileRow) -> Import:
    return Import(
        row.id,
        Who(row.actor, row.institute),
        ImportKind(row.kind),
        row.region,
        tuple(row.columns),
        row.separator,
        ImportStatus(row.status),
        row.created_at,
        row.rows,
        row.counts,
        row.finished_at,
    )


def _row_body(row: FileRow) -> dict[str, object]:
    return {"line": row.line, "cells": list(row.cells), **({"wrong": row.wrong} if row.wrong else {})}


def _row_of(body: Mapping[str, Any]) -> FileRow:
    return FileRow(body["line"], tuple(body["cells"]), tuple((one, told) for one, told in body.get("wrong", ())))


def _verdict_body(row: FileRow, verdict: RowVerdict) -> dict[str, object]:
    body: dict[str, object] = {"line": row.line, "verdict": verdict.verdict.value, "student": verdict.student}
    if verdict.doubt is not None:
        body["doubt"] = verdict.doubt
    if verdict.verdict is Verdict.REFUSED:
        body |= {"wrong": verdict.wrong, "cells": list(row.cells)}
    return body


def _judged_of(number: int, body: Mapping[str, Any]) -> Judged:
    wrong = tuple((one, told) for one, told in body.get("wrong", ()))
    column, doubt = body.get("doubt", ("", ""))
    doubted = (column, doubt) if doubt else None
    verdict = RowVerdict(body["line"], Verdict(body["verdict"]), body["student"], wrong, doubted)
    return Judged(number, verdict, tuple(body.get("cells", ())))
