"""A subject that a region does not know may be a slip of the pen: it is kept, and whoever sent it is asked."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches


def doubt_about(subjects: Iterable[str], known: Collection[str]) -> str:
    """What to look at once more, in Dutch; empty when all are known, or when the region knows none yet."""
    strange = next((each for each in subjects if each not in known), None) if known else None
    if strange is None:
        return ""
    meant = get_close_matches(strange, known, 1, 0.75)
    asked = f"Bedoelt u {meant[0]}?" if meant else "Klopt de spelling?"
    return f"Het vak {strange} kennen we nog niet in deze regio. {asked}"
