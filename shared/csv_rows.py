"""Reads a CSV file as it arrives, as people really make them: any of three separators, UTF-8 or Windows-1252, with Excel's habits."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shared.dutch import MONTHS
from shared.errors import DomainError

SEPARATORS = (";", ",", "\t")
LONGEST_LINE = 65_536
MOST_LINES = 10
"""So many lines one row can have: a cell with line breaks in it. A quote that is not closed by then was left open."""
_CALCULATES = tuple("=+-@\t\r")
_MARKED = (*_CALCULATES, *"'0123456789")
_SPACES = " \t\r\n\u00a0\u2007\u202f\u200b\ufeff"
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[Ee]\+\d+")
_NUMERIC_DAY = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_WRITTEN_DAY = re.compile(r"(\d{1,2})[- ]([a-z]+)\.?[- ](\d{4})")
_FOREIGN = {b"PK\x03\x04": "een Excel-bestand (xlsx)", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"%PDF": "een PDF"}


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, without spaces around them; `line` is where it begins, `problem` why it cannot be read."""

    line: int
    cells: tuple[str, ...]
    problem: str = ""


class RowReader:
    """Give it the bytes as they come; it gives every whole row, the first of which is the header. Empty rows are left out."""

    def __init__(self) -> None:
        self._rest, self._started, self._line = b"", False, 0
        self._open: list[tuple[int, str]] = []
        self.separator = ""

    def feed(self, data: bytes) -> Iterator[Row]:
        """Rows that are whole with this; raises DomainError for what is no CSV at all."""
        self._rest += data
        if not self._started:
            if len(self._rest) < 4:
                return
            self._start()
        *lines, self._rest = self._rest.splitlines(keepends=True) or [b""]
        if self._rest.endswith(b"\n"):
            lines, self._rest = [*lines, self._rest], b""
        if len(self._rest) > LONGEST_LINE:
            raise self._too_long(self._line + len(lines) + 1)
        for line in lines:
            yield from self._take(line)

    def finish(self) -> Iterator[Row]:
        """The rows that are left when there is no more."""
        if not self._started:
            self._start()
        if self._rest:
            yield from self._take(self._rest)
        self._rest = b""
        yield from self._give_up()

    def _start(self) -> None:
        self._started = True
        for mark, what in _FOREIGN.items():
            if self._rest.startswith(mark):
                raise DomainError("geen-csv", f"Dit bestand is {what}. Sla het op als CSV (UTF-8).")
        self._rest = self._rest.removeprefix(b"\xef\xbb\xbf")

    def _take(self, raw: bytes) -> Iterator[Row]:
        """One line: a row, a part of one, or nothing."""
        self._line += 1
        if len(raw) > LONGEST_LINE:
            raise self._too_long(self._line)
        line = _decoded(raw.rstrip(b"\r\n"))
        if "\0" in line:
            raise DomainError("geen-csv", f"Regel {self._line} bevat een teken dat niet in een CSV hoort (U+0000).")
        if not self.separator:
            if line.lower().startswith("sep=") and len(line) == 5:
                self.separator = line[4] if line[4] in SEPARATORS else ""
                return
            if not line.strip(_SPACES):
                return
            self.separator = max(SEPARATORS, key=line.count)
        self._open.append((self._line, line))
        if sum(part.count('"') for _, part in self._open) % 2 == 0:
            yield from self._whole()
        elif len(self._open) >= MOST_LINES:
            yield from self._give_up()

    @staticmethod
    def _too_long(line: int) -> DomainError:
        return DomainError("regel-te-lang", f"Regel {line} is langer dan {LONGEST_LINE} tekens.")

    def _whole(self) -> Iterator[Row]:
        first, text = self._open[0][0], "\n".join(line for _, line in self._open)
        self._open = []
        row = self._row(first, text)
        if row.problem or any(row.cells):
            yield row

    def _give_up(self) -> Iterator[Row]:
        """A quote was left open: its line is wrong, and those after it are read anew."""
        while self._open:
            (number, line), *others = self._open
            self._open = []
            if line.count('"') % 2:
                yield Row(
                    number, self._row(number, line.replace('"', "")).cells, 'Een aanhalingsteken (") is niet gesloten.'
                )
            else:
                self._open = [(number, line)]
                yield from self._whole()
            self._open = others

    def _row(self, number: int, text: str) -> Row:
        try:
            cells = next(
                csv.reader([text] if "\n" not in text else text.splitlines(keepends=True), delimiter=self.separator)
            )
        except (csv.Error, StopIteration):
            return Row(number, (), "Deze regel is niet te lezen.")
        return Row(number, tuple(clean(cell) for cell in cells))


def clean(cell: str) -> str:
    """A cell without spaces around it, without Excel's `="…"`, and without the apostrophe that makes a text of a formula."""
    text = cell.strip(_SPACES)
    found = _EXCEL_TEXT.fullmatch(text)
    if found:
        text = found[1].strip(_SPACES)
    return text[1:] if _is_marked(text) else text


def safe(cell: str) -> str:
    """A cell as it may stand in a file that people open in Excel: what would be a formula becomes a text; `clean` gives it back."""
    return "'" + cell if cell[:1] in _CALCULATES or _is_marked(cell) else cell


def _is_marked(text: str) -> bool:
    """Whether an apostrophe in front is a mark for Excel, and no part of a name such as 't Hart."""
    return text[:1] == "'" and text[1:2] in _MARKED


def is_abbreviated(text: str) -> bool:
    """Excel wrote a long number as 1,23E+11: its digits are lost."""
    return _SCIENTIFIC.fullmatch(text) is not None


def day_of(text: str) -> date:
    """1-9-2026, 01/09/2026, 1 september 2026, 1 sep 2026 or 2026-09-01; raises ValueError in Dutch."""
    word = " ".join(text.lower().split())
    try:
        if found := _NUMERIC_DAY.fullmatch(word):
            day, month, year = (int(part) for part in found.groups())
            return date(year, month, day)
        if found := _WRITTEN_DAY.fullmatch(word):
            return date(int(found[3]), _month(found[2]), int(found[1]))
        return date.fromisoformat(word)
    except ValueError:
        raise ValueError("hier hoort een datum, zoals 1-9-2026 of 1 september 2026") from None


def _month(word: str) -> int:
    for number, name in enumerate(MONTHS, 1):
        if word == name or (len(word) >= 3 and name.startswith(word)) or (word == "mrt" and number == 3):
            return number
    raise ValueError(word)


def _decoded(raw: bytes) -> str:
    """Line by line, so that a file in which two exports were pasted together is read as well."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
