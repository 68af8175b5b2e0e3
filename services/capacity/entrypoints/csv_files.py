"""CSV files as schools have them: UTF-8 or Windows-1252, `;`, `,` or tabs, capitals and spaces as Excel left them."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.capacity.entrypoints.refusing import is_telling
from services.capacity.handlers.many import MOST_ROWS
from shared.errors import DomainError
from shared.security.refused import BSN_REFUSED, HEALTH_REFUSED, holds_bsn
from shared.web.problems import REFUSED

MARKS = ";,\t"
RISKY = ("=", "+", "-", "@", "\t")
"""A spreadsheet takes what begins so for a formula."""
ERROR = "fout"
NO_CSV = "Dit is geen CSV-bestand. Sla het in Excel op als CSV en probeer het opnieuw."
BY_PERIOD = HOURS, SEATS = "uren ", "plaatsen "
"""A column for each period: uren 2026-S1."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file, counted from 1 below the header; `cells` by column in lower case, empty ones left out."""

    number: int
    cells: Mapping[str, str]

    def words(self, column: str) -> tuple[str, ...]:
        """What stands in a cell with commas between."""
        return tuple(filter(None, (each.strip() for each in self.cells.get(column, "").split(","))))


def read(raw: bytes, needed: Sequence[str]) -> list[Row]:
    """The rows of a file; raises DomainError when it is no CSV with the needed columns, or holds too many rows.

    A citizen service number anywhere, or a column for a reason or a note, refuses the file as a whole.
    """
    text = _decoded(raw)
    if holds_bsn(text):
        raise DomainError("geweigerd-" + BSN_REFUSED, REFUSED[BSN_REFUSED])
    first, *lines = _lines(text) or [[]]
    header = [_column(each) for each in first]
    if any(is_telling(each) for each in header):
        raise DomainError("geweigerd-" + HEALTH_REFUSED, REFUSED[HEALTH_REFUSED])
    missing = [each for each in needed if each not in header]
    if missing:
        detail = f"In de eerste regel ontbreekt de kolom {missing[0]}. Download eerst het bestand zoals het nu is en vul dat in."
        raise DomainError("kolom-ontbreekt", detail)
    rows = []
    for number, line in enumerate(lines, 1):
        cells = {name: clean(cell) for name, cell in zip(header, line, strict=False) if cell.strip()}
        if cells:
            rows.append(Row(number, cells))
    if len(rows) > MOST_ROWS:
        raise DomainError(
            "te-veel-regels", f"Een bestand heeft hoogstens {MOST_ROWS} regels. Verdeel het over meer bestanden."
        )
    return rows


def _column(title: str) -> str:
    """A column in lower case, but for the period that its title ends with."""
    title = " ".join(title.split())
    prefix = next((each for each in BY_PERIOD if title.lower().startswith(each)), None)
    return title.lower() if prefix is None else prefix + title[len(prefix) :]


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    if "\0" in text:
        raise DomainError("geen-csv", NO_CSV)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _lines(text: str) -> list[list[str]]:
    mark = max(MARKS, key=text.partition("\n")[0].count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=mark))
    except csv.Error as wrong:
        raise DomainError("geen-csv", NO_CSV) from wrong


def clean(cell: str) -> str:
    """A cell without the spaces around it, and without the mark that keeps a spreadsheet from calculating."""
    text = cell.replace("\u00a0", " ").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(RISKY) else text


def write(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A file that Excel opens with a double click: `;` between, a mark for UTF-8 in front, nothing that calculates."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[_safe(str(cell)) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(RISKY) else cell


def wrong_rows(raw: bytes, details: Mapping[int, str]) -> bytes:
    """Of a file the rows with something wrong, each with what that is in a last column, to mend and send again."""
    text = _decoded(raw)
    header, *lines = _lines(text)
    kept = [(line, details[number]) for number, line in enumerate(lines, 1) if number in details]
    columns = [each for each in header if each.strip().lower() != ERROR]
    return write(
        [*columns, ERROR],
        ([*line[: len(columns)], *[""] * (len(columns) - len(line)), detail] for line, detail in kept),
    )
