"""Phases of an education as people say them (jaar 4, WPL 1) and as they are kept (year4, wpl1); a region's own words stay as they are."""

import re

from shared.slug import slug_of

_KEPT = re.compile(r"(year|wpl)-?(\d)")
_SAID = re.compile(r"(jaar|leerjaar|year|wpl|werkplekleren)-?(\d)|(\d)e-(?:jaar|leerjaar)")
_WORDS = {"year": "jaar", "wpl": "WPL"}
_SLUGS = {"jaar": "year", "leerjaar": "year", "year": "year", "wpl": "wpl", "werkplekleren": "wpl"}


def phase_words(slug: str) -> str:
    """year4 is jaar 4, wpl1 is WPL 1, lio is LIO."""
    found = _KEPT.fullmatch(slug)
    if found:
        return f"{_WORDS[found[1]]} {found[2]}"
    return "LIO" if slug == "lio" else slug


def phase_of(text: str) -> str:
    """jaar 4, 4e jaar and year4 are year4; WPL 1 is wpl1; anything else is a word as slug_of makes it."""
    slug = slug_of(text)
    found = _SAID.fullmatch(slug)
    if found is None:
        return slug
    return f"year{found[3]}" if found[3] else f"{_SLUGS[found[1]]}{found[2]}"
