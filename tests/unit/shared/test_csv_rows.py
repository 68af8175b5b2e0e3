"""A CSV file is read as people make them, in whatever pieces it arrives; what cannot be read is told and never guessed."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_rows import RowReader, clean, day_of, is_abbreviated, safe
from shared.errors import DomainError


def read(content: bytes, *cuts: int) -> list[tuple[int, tuple[str, ...], str]]:
    """Line, cells and problem of every row, the file given in pieces."""
    reader, rows, start = RowReader(), [], 0
    for cut in (*sorted(cuts), len(content)):
        rows += list(reader.feed(content[start:cut]))
        start = max(start, cut)
    rows += list(reader.finish())
    return [(row.line, row.cells, row.problem) for row in rows]


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [found for _, found, _ in read(content)]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_separator_encoding_and_line_ending_reads_the_same(separator: str, encoding: str, ending: str) -> None:
    text = ending.join([separator.join(["kenmerk", "vak", "x"]), separator.join(["k 1", "café €", ""]), ""])
    assert cells(text.encode(encoding)) == [("kenmerk", "vak", "x"), ("k 1", "café €", "")]


def test_a_file_of_two_encodings_pasted_together_is_read_line_by_line() -> None:
    content = "a;b\né;1\n".encode() + "ë;2\n".encode("cp1252")
    assert cells(content) == [("a", "b"), ("é", "1"), ("ë", "2")]


def test_excel_habits_are_understood() -> None:
    content = b'sep=;\r\n"kenmerk" ; vak\xc2\xa0;;\r\n="0123";\'=x;;\r\n;;;\r\n\r\n"a;b";"c ""d""";;\r\n'
    assert cells(content) == [("kenmerk", "vak", "", ""), ("0123", "=x", "", ""), ("a;b", 'c "d"', "", "")]
    assert is_abbreviated("1,23E+11")
    assert is_abbreviated("1E+10")
    assert not is_abbreviated("25EE00")


def test_a_cell_may_hold_line_breaks_and_a_quote_left_open_costs_one_row() -> None:
    content = b'a;b\n"1\n2";x\n"3;y\n' + b"".join(b"%d;z\n" % number for number in range(4, 20))
    rows = read(content)
    assert rows[1] == (2, ("1\n2", "x"), "")
    assert rows[2] == (4, ("3", "y"), 'Een aanhalingsteken (") is niet gesloten.')
    assert [line for line, _, _ in rows[3:]] == list(range(5, 21))


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04", "a;b".encode("utf-16"), b"%PDF-1.7", b"a;b\nc\0;d\n", b"a;b\n" + b"x" * 70_000]
)
def test_what_is_no_csv_is_refused(content: bytes) -> None:
    with pytest.raises(DomainError):
        read(content)


@pytest.mark.parametrize(
    "text", ["1-9-2026", "01/09/2026", "1.9.2026", "1 september 2026", "1 sep. 2026", "2026-09-01"]
)
def test_a_day_is_read_as_the_dutch_write_it(text: str) -> None:
    assert day_of(text) == date(2026, 9, 1)


@pytest.mark.parametrize("text", ["31-2-2026", "9/1/26", "september 2026", "46266", "1 foo 2026", "2026-9-1x"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="hier hoort een datum"):
        day_of(text)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_whatever_arrives_is_read_or_refused_and_never_breaks(content: bytes, cuts: list[int]) -> None:
    try:
        whole = read(content)
    except DomainError:
        with pytest.raises(DomainError):
            read(content, *cuts)
        return
    assert read(content, *cuts) == whole, "where it was cut makes no difference"


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=5), min_size=1, max_size=6))
def test_what_was_written_safely_comes_back(rows: list[list[str]]) -> None:
    rows = [[clean(" ".join(cell.split())) for cell in row] for row in rows]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([["kop", "b;c"], *([safe(cell) for cell in row] for row in rows)])
    expected = [tuple(row) for row in rows if any(row)]
    assert cells(text.getvalue().encode())[1:] == expected
