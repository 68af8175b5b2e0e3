"""Takes in a file while it arrives: row by row into the database, never as a whole in memory; what may not be kept is left out."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import uuid_utils
from sqlalchemy.exc import IntegrityError

from services.intake.bootstrap import Parts
from services.intake.domain.access import Who
from services.intake.domain.columns import ImportKind, Layout, layout_of
from services.intake.domain.imports import FileRow, Import, ImportStatus
from shared.csv_rows import Row, RowReader
from shared.errors import DomainError
from shared.web.changes import KEY_USED

CHUNK = 100
"""Rows in one transaction: on SQLite nobody else writes meanwhile, and a chunk takes some 50 ms."""
MOST_ROWS = 200_000
BSN = "hier stond een burgerservicenummer; dat bewaart Leerplek niet, stuur het niet"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was asked: by whom, of what kind, for rows without a region, and under which Idempotency-Key."""

    who: Who
    kind: ImportKind
    region: str | None
    key: str | None


class Receiver:
    """Takes in one file; when that does not succeed nothing of it stays."""

    def __init__(self, parts: Parts, sent: Sent) -> None:
        self._parts, self._sent, self._file = parts, sent, str(uuid_utils.uuid7())
        self._reader, self._layout = RowReader(), Layout(sent.kind, ())
        self._waiting: list[FileRow] = []
        self._rows, self._chunks = 0, 0

    async def receive(self, body: AsyncIterator[bytes]) -> tuple[Import, bool]:
        """The file, and whether it was sent before under this key; raises DomainError for what is no such file."""
        fingerprint = hashlib.sha256(f"{self._sent.kind} {self._sent.region} ".encode())
        try:
            async for data in body:
                fingerprint.update(data)
                await self._take(self._reader.feed(data))
            await self._take(self._reader.finish())
            if not self._rows:
                raise DomainError("leeg-bestand", "In dit bestand staan geen rijen.")
            await self._write()
            return await self._complete(fingerprint.hexdigest())
        except BaseException:
            await self._discard()
            raise

    async def _take(self, rows: Iterator[Row]) -> None:
        for row in rows:
            if not self._layout.columns:
                await self._begin(row)
                continue
            self._waiting.append(self._checked(row))
            self._rows += 1
            if self._rows > MOST_ROWS:
                raise DomainError("te-veel-rijen", f"Een bestand heeft hoogstens {MOST_ROWS} rijen. Deel het op.")
            if len(self._waiting) == CHUNK:
                await self._write()

    async def _begin(self, header: Row) -> None:
        sent = self._sent
        self._layout = layout_of(sent.kind, header.cells, sent.region is not None)
        columns, now = tuple(each.name for each in self._layout.columns), self._parts.clock()
        separator, arriving = self._reader.separator, ImportStatus.RECEIVING
        file = Import(self._file, sent.who, sent.kind, sent.region, columns, separator, arriving, now)
        async with self._parts.runtime.database.transaction() as tx:
            await self._parts.imports(tx, sent.who).begin(file)

    def _checked(self, row: Row) -> FileRow:
        cells, refused = self._layout.without_bsn(row.cells)
        wrong = [("", row.problem)] if row.problem else []
        return FileRow(row.line, cells, (*wrong, *((column, BSN) for column in refused)))

    async def _write(self) -> None:
        if self._waiting:
            self._chunks += 1
            async with self._parts.runtime.database.transaction() as tx:
                await self._parts.imports(tx, self._sent.who).add_rows(self._file, self._chunks, self._waiting)
            self._waiting = []

    async def _complete(self, fingerprint: str) -> tuple[Import, bool]:
        database, sent = self._parts.runtime.database, self._sent
        try:
            async with database.transaction() as tx:
                return await self._parts.imports(tx, sent.who).complete(
                    self._file, self._rows, sent.key, fingerprint
                ), False
        except IntegrityError:
            pass
        async with database.reading() as tx:
            before = None if sent.key is None else await self._parts.imports(tx, sent.who).with_key(sent.key)
        if before is None or before[1] != fingerprint:
            raise DomainError("idempotency-key-hergebruikt", KEY_USED)
        await self._discard()
        return before[0], True

    async def _discard(self) -> None:
        async with self._parts.runtime.database.transaction() as tx:
            await self._parts.imports(tx, self._sent.who).discard(self._file)
