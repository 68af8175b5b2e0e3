"""What is refused and never stored: citizen service numbers, diagnoses, reasons for an absence."""

import json
import re
from collections.abc import Iterator
from typing import Any

from shared.contracts.placements import UnplacedReason
from shared.contracts.vocabulary import DeclineReason, RefusalReason

BSN_WORDS = frozenset({"bsn", "burgerservicenummer", "sofinummer", "onderwijsnummer", "nationalidentitynumber", "pgn"})
HEALTH_WORDS = frozenset(
    {
        "absencereason", "afwezigheidsreden", "beperking", "burnout", "diagnose", "diagnosis", "disability", "handicap",
        "health", "illness", "medisch", "medical", "sick", "sickness", "verzuimreden", "ziek", "ziekte", "zwanger",
        "zwangerschap", "pregnancy",
    }
)  # fmt: skip
REASON_WORDS = frozenset({"reason", "reden"})
NOTE_WORDS = frozenset(
    {
        "aanleiding", "beschrijving", "cause", "comment", "description", "memo", "note", "notes", "notitie", "omschrijving",
        "oorzaak", "opmerking", "opmerkingen", "remark", "remarks", "toelichting", "verklaring",
    }
)  # fmt: skip
TELLING_WORDS = HEALTH_WORDS | REASON_WORDS | NOTE_WORDS
"""Fields in which people would write why somebody is away."""
OUR_REASONS = frozenset({*UnplacedReason, *DeclineReason, *RefusalReason})
"""A `reason` from one of our closed lists tells nothing about health; any other might."""
_NINE_DIGITS = re.compile(r"(?<!\d)(\d{9}|\d{3}([ .-])\d{3}\2\d{3}|\d{4}\.\d{2}\.\d{3})(?!\d)")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
"""One in eight hundred random UUIDs holds nine digits that pass the eleven test."""

_HEX = re.compile(r"(?<![0-9a-z])(?=[0-9]*[a-f])[0-9a-f]{16,}(?![0-9a-z])", re.IGNORECASE)
"""The same without dashes, and other keys in hexadecimal."""

BSN_REFUSED = "burgerservicenummer"
HEALTH_REFUSED = "gezondheidsgegeven"


def is_bsn(text: str) -> bool:
    """Nine digits that pass the eleven test of citizen service numbers."""
    if len(text) != 9 or not text.isdigit() or text == "000000000":
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11 == 0


def is_telling(field: str) -> bool:
    """Whether a field of this name would tell why somebody is away."""
    return re.sub(r"[^a-z]", "", field.lower()) in TELLING_WORDS


def holds_bsn(text: str) -> bool:
    """Whether a citizen service number stands somewhere in a text, also when written with dots, dashes or spaces."""
    without_ids = _HEX.sub(" ", _UUID.sub(" ", text))
    return any(is_bsn(re.sub(r"\D", "", found[0])) for found in _NINE_DIGITS.finditer(without_ids))


def refused_fields(document: Any) -> list[tuple[str, str]]:
    """(JSON pointer, kind) of every place in a document that holds what is refused; health words count only as field names."""
    return list(_walk(document))


def _walk(document: Any) -> Iterator[tuple[str, str]]:
    """In document order, without recursion: a document may be nested deeper than Python's stack."""
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        pointer, value = stack.pop()
        if isinstance(value, dict):
            fields = [(f"{pointer}/{name}", inner, _refused_name(str(name), inner)) for name, inner in value.items()]
            yield from ((where, kind) for where, _, kind in fields if kind)
            stack.extend((where, inner) for where, inner, kind in reversed(fields) if not kind)
        elif isinstance(value, list | tuple):
            stack.extend((f"{pointer}/{index}", inner) for index, inner in reversed(list(enumerate(value))))
        elif holds_bsn(_written(value)):
            yield pointer or "/", BSN_REFUSED


def _refused_name(name: str, inner: Any) -> str | None:
    word = re.sub(r"[^a-z]", "", name.lower())
    if word in BSN_WORDS or holds_bsn(name):
        return BSN_REFUSED
    is_ours = inner is None or (isinstance(inner, str) and inner in OUR_REASONS)
    return HEALTH_REFUSED if word in HEALTH_WORDS or (word in REASON_WORDS and not is_ours) else None


def _written(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ""
    return str(value) if isinstance(value, str | int) else ""


def forbidden_content(raw: bytes) -> str | None:
    """Why raw bytes may not be kept, or None; bytes that are no JSON are searched as text."""
    try:
        document = json.loads(raw, object_pairs_hook=_with_all_values) if raw else None
        found = {kind for _, kind in refused_fields(document)}
    except (ValueError, RecursionError):
        found = _kinds_in_text(raw.decode("utf-8", "replace"))
    return "holds " + " and ".join(sorted(found)) if found else None


def _with_all_values(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which a name that comes twice has both values: a reader sees the last, the bytes hold them all."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        values[name] = [values[name], value] if name in values else value
    return values


def _kinds_in_text(text: str) -> set[str]:
    words = set(re.findall(r"[a-z]+", text.lower()))
    kinds = {HEALTH_REFUSED} if words & (HEALTH_WORDS | REASON_WORDS) else set()
    if words & BSN_WORDS or holds_bsn(text):
        kinds.add(BSN_REFUSED)
    return kinds
