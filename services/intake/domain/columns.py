"""The columns of the files that institutes send, and how a row's cells become the fields of a message."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.csv_rows import day_of, is_abbreviated
from shared.errors import DomainError
from shared.phases import phase_of
from shared.security.refused import BSN_WORDS, HEALTH_WORDS, REASON_WORDS, holds_bsn
from shared.slug import slug_of


class ImportKind(StrEnum):
    """What a file holds."""

    REGISTRATIONS = "registrations"
    MISMATCHES = "mismatches"


WITHDRAW = "intrekken"
_YES, _NO = ("ja", "j", "true", "waar", "1", "x"), ("nee", "n", "false", "onwaar", "0")
_DAYS = {"ma": "mon", "di": "tue", "wo": "wed", "do": "thu", "vr": "fri", "za": "sat", "zo": "sun"}
_KINDS = {
    "vak": "subject", "fase": "phase", "reistijd": "travel", "dagen": "days", "uren": "guidance-hours",
    "begeleiding": "guidance-match", "inhoud": "workplace-content",
}  # fmt: skip


def _text(cell: str) -> str:
    if is_abbreviated(cell):
        raise ValueError("Excel heeft dit getal afgekort; maak de kolom op als tekst en vul de cijfers opnieuw in")
    return cell


def _number(cell: str) -> float:
    try:
        return float(_text(cell).replace(",", "."))
    except ValueError as wrong:
        raise ValueError(str(wrong) if "Excel" in str(wrong) else "hier hoort een getal") from None


def _whole(cell: str) -> int:
    number = _number(cell)
    if not number.is_integer():
        raise ValueError("hier hoort een geheel getal")
    return int(number)


def _yes(cell: str) -> bool:
    if cell.lower() not in (*_YES, *_NO):
        raise ValueError("hier hoort ja of nee")
    return cell.lower() in _YES


def _code(cell: str) -> str:
    """A code of digits and capitals from which Excel may have taken a zero in front."""
    code = _text(cell).upper()
    if re.fullmatch(r"\d[A-Z]{2}(\d{2})?", code):
        raise ValueError(f"er ontbreekt een nul vooraan (0{code}?); maak de kolom op als tekst")
    return code


def _list(cell: str, one: Callable[[str], str] = _text) -> list[str]:
    return [one(part) for part in re.split(r"[\s,;|]+", cell) if part]


def _periods(cell: str) -> list[list[str]]:
    return [[one for one in re.split(r"[\s+,]+", part) if one] for part in cell.split("|")]


def _weekdays(cell: str) -> list[str]:
    return [_DAYS.get(part.lower()[:2], part) for part in _list(cell)]


def _action(cell: str) -> str:
    if cell.lower() not in ("inschrijven", WITHDRAW):
        raise ValueError(f"hier hoort inschrijven of {WITHDRAW}, of niets")
    return cell.lower()


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its Dutch name, the field it fills, and how its cells are read."""

    name: str
    field: str
    read: Callable[[str], Any] = _text
    is_needed: bool = False


_WHOSE = (Column("kenmerk", "reference", is_needed=True), Column("opleiding", "institute", _code))
COLUMNS: Mapping[ImportKind, Sequence[Column]] = {
    ImportKind.REGISTRATIONS: (
        *_WHOSE,
        Column("regio", "region", lambda cell: cell.upper()),
        Column("leerroute", "route", slug_of, True),
        Column("fase", "phase", phase_of, True),
        Column("ondersteuningsklasse", "support", _whole, True),
        Column("sector", "sector", str.lower, True),
        Column("vak", "subject", slug_of, True),
        Column("breedtegraad", "lat", _number, True),
        Column("lengtegraad", "lon", _number, True),
        Column("perioden", "period_sets", _periods, True),
        Column("wensen", "wishes", lambda cell: _list(cell, _code)),
        Column("niet_vestigingen", "not_sites", lambda cell: _list(cell, _code)),
        Column("alleen_vestigingen", "only_sites", lambda cell: _list(cell, _code)),
        Column("duo", "duo", _yes),
        Column("dagen", "days", _weekdays),
        Column("reistijd_max", "max_travel_min", _whole),
        Column("actie", "action", _action),
    ),
    ImportKind.MISMATCHES: (
        *_WHOSE,
        Column("soort", "kind", lambda cell: _KINDS.get(cell.lower(), cell.lower()), True),
        Column("gemeld_door", "reported_by", lambda cell: {"opleiding": "institute"}.get(cell.lower(), cell.lower())),
        Column("gemeld_op", "reported_on", day_of),
    ),
}


TOLD = Column("fout", "", lambda _: None)
"""What a file with errors was given as last column; it may stand there when that file comes back mended."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column stands where in a file of this kind."""

    kind: ImportKind
    columns: tuple[Column, ...]

    def fields(self, cells: Sequence[str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """The fields that a row fills, and (column, what is wrong) of those that cannot be read. Empty cells fill nothing."""
        fields: dict[str, Any] = {}
        wrong: list[tuple[str, str]] = []
        if any(cells[len(self.columns) :]):
            wrong.append(("", "deze regel heeft meer cellen dan er kolommen zijn"))
        for column, cell in zip(self.columns, cells, strict=False):
            if cell and column.field:
                try:
                    fields[column.field] = column.read(cell)
                except ValueError as problem:
                    wrong.append((column.name, str(problem)))
        return fields, wrong

    def name_of(self, field: str) -> str:
        """The column that fills this field."""
        return next((each.name for each in COLUMNS[self.kind] if each.field == field), field)

    def without_bsn(self, cells: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
        """The cells without citizen service numbers, and the columns in which there was one."""
        found = [
            index for index, cell in enumerate(cells) if sum(map(str.isdigit, cell)) >= 9 and self._is_bsn(index, cell)
        ]
        kept = tuple("" if index in found else cell for index, cell in enumerate(cells))
        return kept, [self.columns[index].name if index < len(self.columns) else "" for index in found]

    def _is_bsn(self, index: int, cell: str) -> bool:
        is_fraction = (
            index < len(self.columns) and self.columns[index].read is _number and cell.count(".") + cell.count(",") == 1
        )
        return not is_fraction and holds_bsn(cell)


def layout_of(kind: ImportKind, header: Sequence[str], has_region: bool) -> Layout:
    """Reads the header; raises DomainError that names every column that is unknown, missing, twice there, or never taken."""
    by_name = {each.name: each for each in COLUMNS[kind]} | {each.field: each for each in COLUMNS[kind]}
    by_name[TOLD.name] = TOLD
    names = [re.sub(r"[\s-]+", "_", name.lower()) for name in header]
    while names and not names[-1]:
        names.pop()
    for name in names:
        word = re.sub(r"[^a-z]", "", name)
        if word in BSN_WORDS:
            raise DomainError(
                "geweigerd-burgerservicenummer", "Stuur geen burgerservicenummer; er is niets opgeslagen."
            )
        if word in HEALTH_WORDS | REASON_WORDS:
            detail = "Stuur geen diagnose en geen reden van afwezigheid; er is niets opgeslagen."
            raise DomainError("geweigerd-gezondheidsgegeven", detail)
    unknown = [name or "(leeg)" for name in names if name not in by_name]
    if unknown:
        known = ", ".join(each.name for each in COLUMNS[kind])
        detail = f"Deze kolommen kennen we niet: {', '.join(unknown[:10])}. Laat ze weg. Wel bekend: {known}."
        raise DomainError("onbekende-kolom", detail)
    columns = tuple(by_name[name] for name in names)
    twice = sorted({each.name for each in columns if columns.count(each) > 1})
    if twice:
        raise DomainError("dubbele-kolom", f"Deze kolommen staan er vaker in: {', '.join(twice)}.")
    needed = [each.name for each in COLUMNS[kind] if each.is_needed and each not in columns]
    if kind is ImportKind.REGISTRATIONS and not has_region and by_name["region"] not in columns:
        needed.append("regio")
    if needed:
        raise DomainError("kolom-ontbreekt", f"Deze kolommen ontbreken: {', '.join(needed)}.")
    return Layout(kind, columns)
