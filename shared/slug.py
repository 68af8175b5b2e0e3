"""A word of a region's own lists (subject, route, phase) from what people write, in the one way that every door uses."""

import re
import unicodedata

LONGEST = 60
_WHOLE_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that Unicode does not take apart into a letter and an accent."""


def unaccented(text: str) -> str:
    """A text in lower case without accents: Französisch becomes franzosisch, Straße strasse."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_WHOLE_LETTERS))
    return "".join(each for each in apart if not unicodedata.combining(each))


def slug_of(text: str) -> str:
    """Lower-case letters, digits and dashes, at most 60: Frans (havo) becomes frans-havo; empty when nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", unaccented(text)).strip("-")[:LONGEST].strip("-")
