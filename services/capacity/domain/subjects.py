"""Which subjects a region knows: what its schools offer and what its settings relate. Another one may be a slip of the pen."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from services.capacity.domain.regions import Region


def known_subjects(region: Region, offered: Iterable[str]) -> frozenset[str]:
    """The subjects of a region; `offered` are those of its workplaces."""
    related = region.terms.settings.related
    return frozenset([*offered, *(each.student for each in related), *(each.place for each in related)])


def doubt_about(subjects: Iterable[str], known: Collection[str]) -> str:
    """What to look at once more, in Dutch; empty when all are known, or when the region knows none yet."""
    strange = next((each for each in subjects if each not in known), None) if known else None
    if strange is None:
        return ""
    meant = get_close_matches(strange, known, 1, 0.75)
    asked = f"Bedoelt u {meant[0]}?" if meant else "Klopt de spelling?"
    return f"Het vak {strange} kennen we nog niet in deze regio. {asked}"
