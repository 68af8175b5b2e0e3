"""CSV files as schools have them: which columns they need, what is never taken in, and what Excel opens with a double click."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.capacity.entrypoints.refusing import is_telling
from services.capacity.handlers.keeping_rows import MOST_ROWS, Outcome
from shared import csv_rows
from shared.csv_rows import RowReader, safe
from shared.errors import DomainError
from shared.security.refused import BSN_REFUSED, HEALTH_REFUSED, holds_bsn
from shared.web.problems import REFUSED

ERROR = "fout"
BY_PERIOD = HOURS, SEATS = "uren ", "plaatsen "
"""A column for each period: uren 2026-S1."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file, counted from 1 below the header; `cells` by column in lower case, empty ones left out.

    `problem` is why it cannot be read, in Dutch; empty when it can.
    """

    number: int
    cells: Mapping[str, str]
    problem: str = ""

    def words(self, column: str) -> tuple[str, ...]:
        """What stands in a cell with commas between."""
        return tuple(filter(None, (each.strip() for each in self.cells.get(column, "").split(","))))


def read(raw: bytes, needed: Sequence[str]) -> list[Row]:
    """The rows of a file; raises DomainError when it is no CSV with the needed columns, or holds too many rows.

    A citizen service number anywhere, or a column for a reason or a note, refuses the file as a whole.
    """
    titles, found = _rows(raw)
    if any(map(holds_bsn, titles)) or any(holds_bsn(cell) for _, row in found for cell in row.cells):
        raise DomainError("geweigerd-" + BSN_REFUSED, REFUSED[BSN_REFUSED])
    header = [_column(each) for each in titles]
    if any(is_telling(each) for each in header):
        raise DomainError("geweigerd-" + HEALTH_REFUSED, REFUSED[HEALTH_REFUSED])
    missing = [each for each in needed if each not in header]
    if missing:
        detail = f"In de eerste regel ontbreekt de kolom {missing[0]}. Download eerst het bestand zoals het nu is en vul dat in."
        raise DomainError("kolom-ontbreekt", detail)
    if len(found) > MOST_ROWS:
        raise DomainError(
            "te-veel-regels", f"Een bestand heeft hoogstens {MOST_ROWS} regels. Verdeel het over meer bestanden."
        )
    return [
        Row(number, {name: cell for name, cell in zip(header, row.cells, strict=False) if cell}, row.problem)
        for number, row in found
    ]


def _rows(raw: bytes) -> tuple[tuple[str, ...], list[tuple[int, csv_rows.Row]]]:
    """The titles of the columns, and the rows below them, each with its number."""
    reader = RowReader()
    rows = [*reader.feed(raw), *reader.finish()]
    if not rows:
        return (), []
    header, *below = rows
    return header.cells, [(row.line - header.line, row) for row in below]


def _column(title: str) -> str:
    """A column in lower case, but for the period that its title ends with."""
    title = " ".join(title.split())
    prefix = next((each for each in BY_PERIOD if title.lower().startswith(each)), None)
    return title.lower() if prefix is None else prefix + title[len(prefix) :]


def write(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A file that Excel opens with a double click: `;` between, a mark for UTF-8 in front, nothing that calculates."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[safe(str(cell)) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def wrong_rows(raw: bytes, verdicts: Iterable[Mapping[str, Any]]) -> bytes:
    """Of a file the rows that have a verdict (as it is answered) that says so, each with what is wrong in a last column."""
    details = {each["row"]: _told(each) for each in verdicts if each["outcome"] == Outcome.WRONG}
    titles, found = _rows(raw)
    kept = [(row.cells, details[number]) for number, row in found if number in details]
    columns = [each for each in titles if each.lower() != ERROR]
    return write(
        [*columns, ERROR],
        ([*cells[: len(columns)], *[""] * (len(columns) - len(cells)), detail] for cells, detail in kept),
    )


def _told(verdict: Mapping[str, Any]) -> str:
    where = verdict["field"].strip("/")
    return f"{where}: {verdict['detail']}" if where else str(verdict["detail"])
