"""CSV files as schools have them: which columns they need, what is never taken in, and what Excel opens with a double click."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from services.capacity.handlers.keeping_rows import MOST_ROWS, Outcome
from shared import csv_rows
from shared.csv_rows import RowReader, safe
from shared.errors import DomainError
from shared.security.refused import BSN_REFUSED, HEALTH_REFUSED, holds_bsn, is_telling
from shared.web.problems import REFUSED

ERROR = "fout"
BY_PERIOD = HOURS, SEATS = "uren ", "plaatsen "
"""A column for each period: uren 2026-S1."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a file may have (in lower case), which it must have, and with what those for a period begin."""

    known: Sequence[str]
    needed: Sequence[str]
    by_period: str

    def check(self, header: Sequence[str]) -> None:
        """Raises DomainError that names every column that is unknown, twice there, or missing."""
        unknown = [each for each in header if each not in (*self.known, ERROR) and not each.startswith(self.by_period)]
        if unknown:
            told = ", ".join(self._as_told(each) for each in unknown[:10])
            known = ", ".join([*self.known, self.by_period + "2026-S1"])
            raise DomainError("onbekende-kolom", f"Deze kolommen kennen we niet: {told}. Wel bekend: {known}.")
        twice = sorted({each for each in header if header.count(each) > 1})
        if twice:
            raise DomainError("dubbele-kolom", f"Deze kolommen staan er vaker in: {', '.join(twice)}.")
        missing = [each for each in self.needed if each not in header]
        if missing:
            detail = f"In de eerste regel ontbreekt de kolom {missing[0]}. Download eerst het bestand zoals het nu is en vul dat in."
            raise DomainError("kolom-ontbreekt", detail)

    def _as_told(self, title: str) -> str:
        """An unknown title, with the one that was meant where that is clear."""
        start = self.by_period.strip()
        rest = title.lower().removeprefix(start).lstrip(" _-:")
        meant = get_close_matches(title, self.known, 1, 0.75)
        if title.lower().startswith(start) and rest:
            meant = [self.by_period + title[-len(rest) :]]
        return f"{title or '(leeg)'} (bedoelt u {meant[0]}?)" if meant else title or "(leeg)"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file, counted from 1 below the header; `cells` by column in lower case, empty ones left out.

    `problem` is why it cannot be read, in Dutch; empty when it can. `columns` are all that the file has.
    """

    number: int
    cells: Mapping[str, str]
    problem: str = ""
    columns: Collection[str] = ()

    def words(self, column: str) -> tuple[str, ...]:
        """What stands in a cell with commas between."""
        return tuple(filter(None, (each.strip() for each in self.cells.get(column, "").split(","))))


def read(raw: bytes, columns: Columns) -> list[Row]:
    """The rows of a file; raises DomainError when it is no CSV with these columns, or holds too many rows.

    A citizen service number anywhere, or a column for a reason or a note, refuses the file as a whole.
    """
    titles, found = _rows(raw)
    if any(map(holds_bsn, titles)) or any(holds_bsn(cell) for _, row in found for cell in row.cells):
        raise DomainError("geweigerd-" + BSN_REFUSED, REFUSED[BSN_REFUSED])
    header = [_column(each) for each in titles]
    while header and not header[-1]:
        header.pop()
    if any(is_telling(word) for each in header for word in (each, *re.split(r"[\W_\d]+", each))):
        raise DomainError("geweigerd-" + HEALTH_REFUSED, REFUSED[HEALTH_REFUSED])
    columns.check(header)
    if len(found) > MOST_ROWS:
        raise DomainError(
            "te-veel-regels", f"Een bestand heeft hoogstens {MOST_ROWS} regels. Verdeel het over meer bestanden."
        )
    return [
        Row(
            number,
            {name: cell for name, cell in zip(header, row.cells, strict=False) if cell},
            _problem(row, header),
            header,
        )
        for number, row in found
    ]


def _problem(row: csv_rows.Row, header: Sequence[str]) -> str:
    if row.problem or not any(row.cells[len(header) :]):
        return row.problem
    return "Deze regel heeft meer cellen dan er kolommen zijn."


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
    word = next((each.strip() for each in BY_PERIOD if title.lower().startswith(each.strip())), None)
    return title.lower() if word is None else word + title[len(word) :]


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
