"""The forms of a region's settings: from what holds to fields, and from fields to what is to hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.capacity.domain.regions import Region, RegionTerms
from services.capacity.entrypoints.bodies import RegionBody
from services.capacity.entrypoints.pages.setting_fields import (
    COSTS,
    FAIRNESS,
    GROUPS,
    HOURS,
    LEVERS,
    NORM,
    PERIOD,
    PHASES,
    RELATED,
    STEP,
    Field,
    put_at,
    value_at,
)
from shared.contracts.region import RegionChanged
from shared.web.field_messages import dutch_message
from shared.web.forms import Form

BLANK_ROWS = 2
MAY_BE_EMPTY = (PHASES, HOURS)
MOST_ROWS = 120


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the settings with a form of its own: rows of the same fields at `rows`, single fields, or levers."""

    name: str
    title: str
    intro: str
    rows: str = ""
    columns: Sequence[Field] = ()
    fields: Sequence[Field] = ()


SECTIONS = {
    each.name: each
    for each in (
        Section(
            "periodes",
            "Periodes",
            "Wanneer studenten op school zijn. Een periode die al gebruikt wordt kan niet weg.",
            "periods",
            PERIOD,
        ),
        Section(
            "normen",
            "Normen",
            "Hoeveel uren begeleiding een student per week nodig heeft. De eerste regel die past telt; * is alle.",
            "settings.norms",
            NORM,
        ),
        Section(
            "vakken",
            "Verwante vakken",
            "Bij welk ander vak een student ook terecht kan, en wat dat kost. Werkt als de hefboom Verwante vakken aanstaat.",
            "settings.related",
            RELATED,
        ),
        Section(
            "hefbomen",
            "Hefbomen",
            "Wat kan helpen als er te weinig begeleiding is. Elke hefboom staat uit tot u haar aanzet.",
        ),
        Section(
            "kosten",
            "Kosten en grenzen",
            "Waar het plan op let, in punten. Hoe meer punten, hoe zwaarder het telt.",
            fields=COSTS,
        ),
        Section(
            "eerlijk",
            "Eerlijk verdelen",
            "Zorgt dat een tekort niet bij één groep terechtkomt.",
            "settings.fairness.steps",
            STEP,
            FAIRNESS,
        ),
    )
}


def document_of(terms: RegionTerms | RegionChanged) -> dict[str, Any]:
    """The terms as a body of the API has them."""
    return {
        "name": terms.name,
        "institutes": list(terms.institutes),
        "periods": [each.model_dump(mode="json") for each in terms.periods],
        "settings": terms.settings.model_dump(mode="json"),
    }


def filled(section: Section, document: dict[str, Any]) -> dict[str, str]:
    """The fields of a section as they are now."""
    values = {
        f"veld-{each.path}": each.kind.write(value_at(document["settings"], each.path)) for each in _fields(section)
    }
    for number, row in enumerate(value_at(document, section.rows) if section.rows else ()):
        cells = row if isinstance(row, dict) else {str(place): cell for place, cell in enumerate(row)}
        values |= {f"rij-{number}-{each.path}": each.kind.write(cells[each.path]) for each in section.columns}
    if section.name == "hefbomen":
        values |= {f"aan-{each.name}": "ja" for each in LEVERS if document["settings"]["levers"][each.name]["on"]}
    if section.name == "eerlijk":
        values |= {f"groep-{each}": "ja" for each in document["settings"]["fairness"]["groups"]}
    return values


def row_count(section: Section, values: dict[str, str]) -> int:
    """How many rows a form shows: those that are filled in, and some to add."""
    numbers = [int(each.split("-")[1]) for each in values if each.startswith("rij-")]
    filled_in = [int(name.split("-")[1]) for name, value in values.items() if name.startswith("rij-") and value]
    return (
        max([*(each + 1 + BLANK_ROWS for each in filled_in), *(each + 1 for each in numbers), 1]) if section.rows else 0
    )


def terms_from(section: Section, form: Form, region: Region) -> RegionTerms:
    """The terms with what the form says; what is wrong is in `form.errors`, and then they are as they were."""
    document = document_of(region.terms)
    if section.rows:
        rows = _rows(section, form)
        put_at(document, section.rows, [list(each.values()) for each in rows] if section.columns is STEP else rows)
    for field in _fields(section):
        name = f"veld-{field.path}"
        found = _read(form, name, field)
        if name not in form.errors:
            put_at(document["settings"], field.path, found)
    if section.name == "hefbomen":
        for lever in LEVERS:
            document["settings"]["levers"][lever.name]["on"] = form.is_on(f"aan-{lever.name}")
    if section.name == "eerlijk":
        document["settings"]["fairness"]["groups"] = [each for each in GROUPS if form.is_on(f"groep-{each}")]
    if form.errors:
        return region.terms
    try:
        return RegionBody.model_validate(document).terms()
    except ValidationError as wrong:
        _tell(wrong, section, form)
        return region.terms


def _fields(section: Section) -> Sequence[Field]:
    return section.fields if section.name != "hefbomen" else [each for lever in LEVERS for each in lever.fields]


def _rows(section: Section, form: Form) -> list[dict[str, Any]]:
    """The rows that have something in them; an empty row is no row, which is how one is taken away."""
    numbers = sorted({int(name.split("-")[1]) for name in form.values if _is_row(name)})
    rows = []
    for number in numbers[:MOST_ROWS]:
        names = {field: f"rij-{number}-{field.path}" for field in section.columns}
        if any(form.text(name) for name in names.values()):
            rows.append({field.path: _read(form, name, field) for field, name in names.items()})
    return rows


def _is_row(name: str) -> bool:
    parts = name.split("-")
    return parts[0] == "rij" and len(parts) == 3 and parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 4


def _read(form: Form, name: str, field: Field) -> Any:
    text = form.text(name)
    read: Callable[[str], Any] = field.kind.read
    try:
        if not text and field.kind not in MAY_BE_EMPTY:
            raise ValueError(name)
        return read(text)
    except ValueError:
        form.errors[name] = f"{field.label}: {field.kind.hint}"
        return None


def _tell(wrong: ValidationError, section: Section, form: Form) -> None:
    """What a rule says about the settings as a whole, beside the field that it is about where there is one."""
    for error in wrong.errors():
        path = ".".join(str(step) for step in error["loc"])
        detail = dutch_message(dict(error))
        detail = detail[:1].upper() + detail[1:] + "."
        names = [
            f"rij-{number}-{field.path}"
            for number in range(MOST_ROWS)
            for field in section.columns
            if path == f"{section.rows}.{number}.{field.path}"
        ]
        names += [f"veld-{field.path}" for field in _fields(section) if path.startswith(f"settings.{field.path}")]
        form.errors.setdefault(names[0] if names else "", detail)
