"""Supervisors and workplaces as rows of a file: which columns, how a row is read, how it is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from pydantic import ValidationError

from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import EVERY_SITE, SupervisorRecord, absence_on, next_absence
from services.capacity.entrypoints import csv_files
from services.capacity.entrypoints.csv_files import HOURS, SEATS, Columns, Row
from services.capacity.entrypoints.pages.words import DAYS, KINDS, TIERS
from services.capacity.handlers.keeping_rows import Outcome, Said, SupervisorRow, Verdict, WorkplaceRow
from shared.contracts.availability import Absence, SupervisorProfile, WorkplaceOffer
from shared.contracts.region import Period
from shared.contracts.vocabulary import SupervisorKind, Tier, Weekday
from shared.csv_rows import day_of
from shared.dutch import read_hours, short_dutch_date, written_hours
from shared.phases import phase_of
from shared.slug import slug_of
from shared.web.field_messages import dutch_message

AWAY_FROM, AWAY_UNTIL = "afwezig vanaf", "afwezig tot en met"
"""Dates alone: there is no column for why, and a file that has one is refused."""
SUPERVISOR_COLUMNS = (
    "nummer", "naam", "rol", "soort", "vestigingen", "vakken", "dagen", "hoogstens", "starter", "uitlenen", AWAY_FROM, AWAY_UNTIL,
)  # fmt: skip
WORKPLACE_COLUMNS = ("nummer", "vestiging", "vak", "fasen")
OF_SUPERVISORS = Columns(SUPERVISOR_COLUMNS, ("rol",), HOURS)
OF_WORKPLACES = Columns(WORKPLACE_COLUMNS, ("vak",), SEATS)
COLUMN_OF = {
    "id": "nummer", "name": "naam", "tier": "rol", "kind": "soort", "sites": "vestigingen", "subjects": "vakken", "days": "dagen",
    "max_students": "hoogstens", "qh": "uren", "site": "vestiging", "subject": "vak", "phases": "fasen", "seats": "plaatsen",
    "start": AWAY_FROM, "end": AWAY_UNTIL, "lendable": "uitlenen",
}  # fmt: skip
"""Which column fills a field."""
NEVER_EMPTY = ("tier", "kind", "sites", "end")
"""An empty cell says nothing of it: everybody has a role, and nobody leaves a school or stays away longer by a cell that was left open."""
PERIODS = {HOURS: "qh", SEATS: "seats"}
"""Which field has a number for each period."""
YES, NO = frozenset({"ja", "j", "x", "1", "waar", "true"}), frozenset({"nee", "n", "0", "onwaar", "false"})
T = TypeVar("T")


class WrongCell(Exception):
    """A cell that cannot be read; `column` is which."""

    def __init__(self, column: str, detail: str) -> None:
        super().__init__(column)
        self.column, self.detail = column, detail


def supervisor_rows(
    rows: Iterable[Row], sites: Mapping[str, SchoolSite], at: str | None
) -> tuple[list[SupervisorRow], list[Verdict]]:
    """Those that can be read, and a verdict on the others; `sites` are those that may be named, `at` is where a row names none."""
    return _each(rows, lambda row: _supervisor(row, sites, at))


def workplace_rows(
    rows: Iterable[Row], sites: Mapping[str, SchoolSite], at: str | None
) -> tuple[list[WorkplaceRow], list[Verdict]]:
    """As supervisor_rows."""
    return _each(rows, lambda row: _workplace(row, sites, at))


def _each(rows: Iterable[Row], read: Callable[[Row], T]) -> tuple[list[T], list[Verdict]]:
    good, wrong = [], []
    for row in rows:
        try:
            if row.problem:
                raise WrongCell("", row.problem)
            good.append(read(row))
        except WrongCell as cell:
            wrong.append(Verdict(row.number, Outcome.WRONG, None, cell.column, cell.detail))
    return good, wrong


def supervisors_file(
    records: Sequence[SupervisorRecord], names: Mapping[str, str], periods: Sequence[Period], today: date
) -> bytes:
    """Supervisors as they are, with the absence of today or else the next one, to change and send back."""
    columns = [*SUPERVISOR_COLUMNS, *(HOURS + each.id for each in periods)]
    return csv_files.write(columns, (_supervisor_cells(each, names, periods, today) for each in records))


def workplaces_file(offered: Sequence[OfferedWorkplace], periods: Sequence[Period]) -> bytes:
    """Workplaces as they are, to change and send back."""
    columns = [*WORKPLACE_COLUMNS, *(SEATS + each.id for each in periods)]
    cells = (
        [one.id, one.site, one.subject, ", ".join(one.phases), *(one.seats.get(each.id, 0) for each in periods)]
        for one in (each.workplace for each in offered)
    )
    return csv_files.write(columns, cells)


def _supervisor_cells(
    record: SupervisorRecord, names: Mapping[str, str], periods: Sequence[Period], today: date
) -> list[object]:
    one = record.supervisor
    away = absence_on(one, today) or next_absence(one, today)
    return [
        one.id,
        names.get(one.id, ""),
        TIERS[one.tier],
        KINDS[one.kind],
        ", ".join(one.sites),
        ", ".join(one.subjects),
        ", ".join(DAYS[day] for day in one.days),
        "" if one.max_students is None else one.max_students,
        "ja" if one.starter else "",
        "ja" if one.lendable else "",
        short_dutch_date(away.start) if away else "",
        short_dutch_date(away.end) if away and away.end else "",
        *(written_hours(one.qh.get(each.id, 0)) for each in periods),
    ]


def _supervisor(row: Row, sites: Mapping[str, SchoolSite], at: str | None) -> SupervisorRow:
    named = tuple(each.upper() for each in row.words("vestigingen")) or ((at,) if at else ())
    if not named:
        raise WrongCell("vestigingen", "Vul de vestiging in, bijvoorbeeld 01AB00.")
    theirs = (sites[each] for each in (*named, *([at] if at and EVERY_SITE in named else [])) if each in sites)
    where = next(theirs, None) or _site(named[0], sites, "vestigingen")
    hours = {}
    for column, cell in _by_period(row, HOURS).items():
        found = read_hours(cell) if cell else 0
        if found is None:
            raise WrongCell(HOURS + column, "Vul uren in per kwartier, bijvoorbeeld 1,5 of 0,25.")
        hours[column] = found
    fields = {
        "tier": _choice(row, "rol", TIERS, Tier.WORKPLACE_SUPERVISOR),
        "kind": _choice(row, "soort", KINDS, SupervisorKind.TEACHER),
        "sites": named,
        "subjects": tuple(filter(None, map(slug_of, row.words("vakken")))),
        "qh": hours,
        "max_students": row.cells.get("hoogstens"),
        "starter": _is_yes(row, "starter"),
        "lendable": _is_yes(row, "uitlenen"),
        "days": tuple(_day(each) for each in row.words("dagen")),
    }
    try:
        profile = SupervisorProfile.model_validate(fields, strict=False)
    except ValidationError as wrong:
        raise _wrong_field(wrong) from wrong
    name = row.cells.get("naam")
    if name is not None and (len(name) > 120 or "<" in name or ">" in name):
        raise WrongCell("naam", "Een naam is hoogstens 120 tekens, zonder < en >.")
    said = _said(row, SupervisorProfile, HOURS)
    return SupervisorRow(row.number, where.region, profile, row.cells.get("nummer"), name, said, _absence(row))


def _said(row: Row, body: type[SupervisorProfile] | type[WorkplaceOffer], by_period: str) -> Said:
    """What a row says nothing of, for want of a column, and what it says to be empty."""
    columns = {field: column_of(field) for field in (*body.model_fields, "end")}
    empty = {field for field, column in columns.items() if column in row.columns and column not in row.cells}
    keeps = {field for field, column in columns.items() if column not in row.columns} | (empty & set(NEVER_EMPTY))
    periods = {f"{PERIODS[by_period]}/{period}" for period, cell in _by_period(row, by_period).items() if not cell}
    return Said(frozenset(keeps), frozenset(empty - set(NEVER_EMPTY) | periods))


def _by_period(row: Row, by_period: str) -> dict[str, str]:
    """The cells of the columns for a period, empty ones too."""
    return {
        column.removeprefix(by_period): row.cells.get(column, "")
        for column in row.columns
        if column.startswith(by_period)
    }


def _absence(row: Row) -> Absence | None:
    """The days on which somebody is away; a row without a first day says nothing of it."""
    start, end = _day_in(row, AWAY_FROM), _day_in(row, AWAY_UNTIL)
    if start is None:
        if end is not None:
            raise WrongCell(AWAY_FROM, "Vul ook de eerste dag van de afwezigheid in.")
        return None
    if end is not None and end < start:
        raise WrongCell(AWAY_UNTIL, "De laatste dag ligt voor de eerste dag.")
    return Absence(start=start, end=end)


def _day_in(row: Row, column: str) -> date | None:
    cell = row.cells.get(column, "")
    try:
        return day_of(cell) if cell else None
    except ValueError:
        raise WrongCell(column, "Vul alleen een datum in, bijvoorbeeld 24-11-2026.") from None


def _workplace(row: Row, sites: Mapping[str, SchoolSite], at: str | None) -> WorkplaceRow:
    site = _site(row.cells.get("vestiging") or at or "", sites, "vestiging")
    seats = {period: cell or "0" for period, cell in _by_period(row, SEATS).items()}
    fields = {
        "site": site.site.id,
        "subject": slug_of(row.cells.get("vak", "")),
        "seats": seats,
        "phases": tuple(filter(None, map(phase_of, row.words("fasen")))),
    }
    try:
        offer = WorkplaceOffer.model_validate(fields, strict=False)
    except ValidationError as wrong:
        raise _wrong_field(wrong) from wrong
    return WorkplaceRow(row.number, offer, row.cells.get("nummer"), _said(row, WorkplaceOffer, SEATS))


def _site(name: str, sites: Mapping[str, SchoolSite], column: str) -> SchoolSite:
    found = sites.get(name.strip().upper())
    if found is None:
        raise WrongCell(column, "Deze vestiging kennen we niet, of zij is niet van u. Voorbeeld: 01AB00.")
    return found


def _choice(row: Row, column: str, words: Mapping[Tier, str] | Mapping[SupervisorKind, str], default: str) -> str:
    """A word from a list, as people write it or by its short name."""
    cell = row.cells.get(column, "").casefold()
    if not cell:
        return default
    for value, word in words.items():
        if cell in (word, str(value)):
            return str(value)
    told = (word for value, word in words.items() if value is not Tier.INSTITUTE_TRAINER)  # no school has one
    raise WrongCell(column, f"Kies uit: {', '.join(told)}.")


def _day(text: str) -> Weekday:
    cell = text.casefold()
    for value, word in DAYS.items():
        if cell in (word, word[:2], str(value)):
            return value
    raise WrongCell("dagen", "Schrijf dagen voluit met komma’s ertussen, bijvoorbeeld maandag, dinsdag.")


def _is_yes(row: Row, column: str) -> bool:
    cell = row.cells.get(column, "").casefold()
    if cell and cell not in YES | NO:
        raise WrongCell(column, "Vul ja of nee in, of laat dit leeg.")
    return cell in YES


def _wrong_field(wrong: ValidationError) -> WrongCell:
    first = wrong.errors()[0]
    detail = dutch_message(dict(first))
    return WrongCell(column_of("/".join(map(str, first["loc"]))), detail[:1].upper() + detail[1:] + ".")


def column_of(pointer: str) -> str:
    """The column that fills the field at a JSON pointer: /qh/2026-S1 is uren 2026-S1."""
    field, *within = pointer.strip("/").split("/")
    column = COLUMN_OF.get(field, field)
    return f"{column} {within[0]}" if within and field in ("qh", "seats") else column
