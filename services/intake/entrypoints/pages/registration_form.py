"""A registration as a form: from what is held to fields, and from fields to what is asked, read as the columns of a file are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from services.intake.domain.columns import COLUMNS, ImportKind
from services.intake.domain.registrations import AskedNeeds
from services.intake.entrypoints.pages.showing import in_words
from shared.contracts.registrations import Student
from shared.contracts.vocabulary import Weekday
from shared.errors import DomainError
from shared.phases import phase_words
from shared.web.field_messages import dutch_message
from shared.web.forms import Form

M = TypeVar("M", bound=AskedNeeds)
CHOICES = (1, 2, 3)
"""An institute allows one set of periods, or another, or a third."""
FELLOWS = {"samen": "together", "apart": "apart"}
_FIELD_OF = {
    "reference": "kenmerk", "subject": "vak", "sector": "sector", "route": "leerroute", "phase": "fase",
    "support": "ondersteuningsklasse", "lat": "woont", "lon": "woont", "period_sets": "periode", "days": "dagen",
    "max_travel_min": "reistijd_max", "wishes": "wensen", "not_sites": "niet_vestigingen",
    "only_sites": "alleen_vestigingen", **{field: name for name, field in FELLOWS.items()}, "duo": "duo",
}  # fmt: skip
"""In the order in which they stand on the page."""
_ORDER = ("", *dict.fromkeys(_FIELD_OF.values()))
FIELDS = frozenset({*_FIELD_OF.values(), "regio"} - {"periode", "dagen"})
SEEN = "was-"
"""Begins the name of what a field held when the form was shown."""
PREFIXES = ("periode-", "dag-", SEEN)
LIMITS = frozenset({"wensen", "niet_vestigingen", "alleen_vestigingen", "reistijd_max", "samen", "apart", "duo"})
"""What most students have none of."""
_NEEDED = {
    "vak": "Vul het vak of de bouw in.",
    "leerroute": "Vul de leerroute in, bijvoorbeeld voltijd.",
    "fase": "Vul de fase in, bijvoorbeeld WPL 1 of jaar 3.",
    "sector": "Kies een sector.",
    "ondersteuningsklasse": "Kies hoeveel begeleiding nodig is.",
}
_TYPED = (*_NEEDED, "wensen", "niet_vestigingen", "alleen_vestigingen", "reistijd_max")
_COLUMNS = {each.name: each for each in COLUMNS[ImportKind.REGISTRATIONS]}
_ON_A_MAP = re.compile(r"(\d{1,2}(?:[.,]\d+)?)(?:\s*;\s*|,?\s+)(\d{1,2}(?:[.,]\d+)?)|(\d{1,2}\.\d+),(\d{1,2}\.\d+)")
FAR = "Dit ligt niet in of bij Nederland. Eerst het getal voor noord (ongeveer 52), dan dat voor oost (ongeveer 5)."
NO_HOME = "Vul een plaats in, of twee getallen van een kaart, bijvoorbeeld 52,09 5,11."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks, but for the students it names: those stand in `fellows`, as they were typed, by the field."""

    needs: Mapping[str, Any]
    fellows: Mapping[str, Sequence[str]]


def filled(student: Student, called: Mapping[str, str]) -> dict[str, str]:
    """The fields as they are now; `called` is how the institute calls its students."""
    values = {
        "vak": in_words(student.subject),
        "leerroute": in_words(student.route),
        "fase": phase_words(student.phase),
        "sector": student.sector.value,
        "ondersteuningsklasse": str(student.support),
        "woont": f"{student.lat} {student.lon}".replace(".", ","),
        "wensen": ", ".join(student.wishes),
        "niet_vestigingen": ", ".join(student.not_sites),
        "alleen_vestigingen": ", ".join(student.only_sites),
        "reistijd_max": "" if student.max_travel_min is None else str(student.max_travel_min),
    }
    for number, chosen in zip(CHOICES, student.period_sets, strict=False):
        values |= {f"periode-{number}-{period}": "ja" for period in chosen}
    values |= {f"dag-{day.value}": "ja" for day in student.days}
    for name, field in FELLOWS.items():
        values[name] = ", ".join(called.get(each, each) for each in getattr(student, field))
    return values | ({"duo": "ja"} if student.duo else {})


def home_of(text: str) -> tuple[float, float] | None:
    """The two numbers of a place on a map, north and east; None when these are no two numbers."""
    found = _ON_A_MAP.fullmatch(text.strip())
    if found is None:
        return None
    north, east = (float(each.replace(",", ".")) for each in found.groups() if each is not None)
    return north, east


def asked_in(form: Form, held: Student | None) -> Asked:
    """What the fields ask, on top of what is held where the form has no field for it; what is wrong is in `form.errors`.

    Where the student lives is not in it yet.
    """
    needs: dict[str, Any] = {"duo": form.is_on("duo"), "needs": held.needs if held else None}
    for name in _TYPED:
        text = form.text(name)
        if text:
            _read(form, name, text, needs)
        elif name in _NEEDED:
            form.errors.setdefault(name, _NEEDED[name])
    chosen = [
        [
            name.removeprefix(f"periode-{number}-")
            for name in sorted(form.values)
            if name.startswith(f"periode-{number}-")
        ]
        for number in CHOICES
    ]
    more = held.period_sets[len(CHOICES) :] if held else ()
    needs["period_sets"] = [*filter(None, chosen), *more]
    if not chosen[0]:
        form.errors["periode"] = "Kies minstens één periode bij de eerste keuze."
    needs["days"] = [day for day in Weekday if form.is_on(f"dag-{day.value}")]
    named = {name: [each.strip() for each in re.split("[,;]", form.text(name))] for name in FELLOWS}
    return Asked(needs, {name: [each for each in some if each] for name, some in named.items()})


def _read(form: Form, name: str, text: str, needs: dict[str, Any]) -> None:
    column = _COLUMNS[name]
    try:
        needs[column.field] = column.read(text)
    except ValueError as wrong:
        form.errors[name] = sentence(str(wrong))


def checked(form: Form, asked: Asked, about: Mapping[str, Any], model: type[M]) -> M | None:
    """What is asked as the API would take it; None when something is wrong, which is then in `form.errors`."""
    try:
        return model.model_validate({**asked.needs, **about})
    except ValidationError as invalid:
        for each in invalid.errors(include_url=False, include_input=False):
            name = _FIELD_OF.get(str(each["loc"][0]) if each["loc"] else "", "")
            form.errors.setdefault(name, FAR if name == "woont" else sentence(dutch_message(dict(each))))
        return None


def beside_fields(form: Form) -> Form:
    """What is wrong by the field of the form, where a rule named the field of the message, and in the order of the page."""
    told = {
        name if name in _ORDER else _FIELD_OF.get(name.partition("/")[0], ""): message
        for name, message in form.errors.items()
    }
    form.errors = {name: told[name] for name in _ORDER if name in told}
    return form


def sentence(words: str) -> str:
    """A phrase as a sentence of its own."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '?')) else '.'}"


def nobody_called(name: str, called: str) -> DomainError:
    """A student that the institute does not have."""
    return DomainError("onbekende-student", f"Met nummer {called} is bij u niemand ingeschreven.", pointer=f"/{name}")
