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
OUR_REASONS = frozenset({*UnplacedReason, *DeclineReason, *RefusalReason})
"""A `reason` from one of our closed lists tells nothing about health; any other might."""
_NINE_DIGITS = re.compile(r"(?<!\d)(\d{9})(?!\d)")

BSN_REFUSED = "burgerservicenummer"
HEALTH_REFUSED = "gezondheidsgegeven"


def is_bsn(text: str) -> bool:
    """Nine digits that pass the eleven test of citizen service numbers."""
    if len(text) != 9 or not text.isdigit() or text == "000000000":
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11 == 0


def refused_fields(document: Any) -> list[tuple[str, str]]:
    """(JSON pointer, kind) of every place in a document that holds what is refused; health words count only as field names."""
    return list(_walk(document, ""))


def _walk(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            where = f"{pointer}/{name}"
            word = re.sub(r"[^a-z]", "", str(name).lower())
            if word in BSN_WORDS:
                yield where, BSN_REFUSED
            elif word in HEALTH_WORDS or (word in REASON_WORDS and inner not in OUR_REASONS):
                yield where, HEALTH_REFUSED
            else:
                yield from _walk(inner, where)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{pointer}/{index}")
    elif isinstance(value, str | int) and any(is_bsn(number) for number in _NINE_DIGITS.findall(str(value))):
        yield pointer or "/", BSN_REFUSED


def forbidden_content(raw: bytes) -> str | None:
    """Why raw bytes may not be kept, or None; bytes that are no JSON are searched as text."""
    try:
        found = {kind for _, kind in refused_fields(json.loads(raw))} if raw else set()
    except ValueError:
        found = _kinds_in_text(raw.decode("utf-8", "replace"))
    return "holds " + " and ".join(sorted(found)) if found else None


def _kinds_in_text(text: str) -> set[str]:
    words = set(re.findall(r"[a-z]+", text.lower()))
    kinds = {HEALTH_REFUSED} if words & (HEALTH_WORDS | REASON_WORDS) else set()
    if words & BSN_WORDS or any(is_bsn(number) for number in _NINE_DIGITS.findall(text)):
        kinds.add(BSN_REFUSED)
    return kinds
