"""Leaves out of an answer the students that whoever asks may not know of, and tells how many they are."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.matcher.domain.facts import Document

COMPETING = ("holders", "instead_of", "rivals")
EFFECTS = ("placed", "lost", "moved", "reguided")
"""Lists of students in an answer."""


def students_in(document: Document) -> Iterator[str]:
    """Every other student that an explanation names."""
    for part in _parts(document):
        for name in (*COMPETING, *EFFECTS):
            yield from part.get(name, ())
        yield from _partner(part.get("placement"))


def masked(document: Document, own: frozenset[str]) -> Document:
    """The explanation for somebody who may know of these students only; of each list also how many there are in all."""
    return {name: _masked(value, own) for name, value in document.items()}


def masked_placement(placement: Document, own: frozenset[str]) -> Document:
    """Whether it is a duo, but with whom only where that may be known."""
    partner = placement.get("duo_with")
    return {**placement, "duo_with": partner if partner in own else None, "is_duo": partner is not None}


def _masked(value: Any, own: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_masked(one, own) for one in value]
    if not isinstance(value, Mapping):
        return value
    found: dict[str, Any] = {}
    for name, one in value.items():
        if name in (*COMPETING, *EFFECTS) and isinstance(one, list):
            found[name] = [student for student in one if student in own]
            found[f"{name}_total"] = len(one)
        elif name == "placement" and isinstance(one, Mapping):
            found[name] = masked_placement(one, own)
        else:
            found[name] = _masked(one, own)
    return found


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for one in value.values():
            yield from _parts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _parts(one)


def _partner(placement: Any) -> Iterator[str]:
    if isinstance(placement, Mapping) and placement.get("duo_with"):
        yield str(placement["duo_with"])
