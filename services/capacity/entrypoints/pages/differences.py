"""What a change changed, in the words of a school: for each thing how it was and how it is now."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from services.capacity.entrypoints.pages.words import DAYS, KINDS, TIERS, words_of
from shared.dutch import dutch_hours, short_dutch_date
from shared.phases import phase_words

Difference = tuple[str, str, str]
"""What, how it was, how it is now; "niets" where there is nothing."""
NOTHING = "niets"


def _words(value: Any) -> str:
    return ", ".join(map(words_of, value))


def _day(value: Any) -> str:
    return short_dutch_date(date.fromisoformat(value)) if value else ""


def _absences(value: Any) -> str:
    return ", ".join(
        f"{_day(each['start'])} tot en met {_day(each['end'])}" if each["end"] else f"vanaf {_day(each['start'])}"
        for each in value
    )


FIELDS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "tier": ("Rol", lambda value: TIERS[value]),
    "kind": ("Soort", lambda value: KINDS[value]),
    "sites": ("Vestigingen", ", ".join),
    "subjects": ("Vakken", _words),
    "subject": ("Vak", words_of),
    "phases": ("Fasen", lambda value: ", ".join(map(phase_words, value))),
    "days": ("Dagen", lambda value: ", ".join(DAYS[each] for each in value)),
    "max_students": ("Hoogstens studenten", lambda value: "" if value is None else str(value)),
    "starter": ("Starter", lambda value: "ja" if value else "nee"),
    "lendable": ("Uitlenen", lambda value: "ja" if value else "nee"),
    "absences": ("Afwezig", _absences),
    "departs": ("Weg vanaf", _day),
}
BY_PERIOD: Mapping[str, tuple[str, Callable[[int], str]]] = {"qh": ("Uren", dutch_hours), "seats": ("Plaatsen", str)}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """Between two versions of a supervisor or a workplace as they are kept, in the order of the forms."""
    for field, (label, write) in BY_PERIOD.items():
        was, now = before.get(field) or {}, after.get(field) or {}
        for period in sorted({*was, *now}):
            if was.get(period, 0) != now.get(period, 0):
                yield f"{label} {period}", write(was.get(period, 0)), write(now.get(period, 0))
    for field, (label, written) in FIELDS.items():
        if field in after and before.get(field) != after[field]:
            yield label, _or_nothing(written(before[field])), _or_nothing(written(after[field]))


def _or_nothing(text: str) -> str:
    return text or NOTHING
