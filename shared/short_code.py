"""A code that people can read aloud and find again in a long list of ids."""

from typing import Final

GROUP: Final = 4


def short_code(identifier: str) -> str:
    """The last eight letters and digits of an id, four and four: 3F2A-91BC. An id of at most eight is its own code.

    Leerplek's ids end in random digits, so that among 2,000 students two share a code once in some two thousand
    regions; the whole id stands beside it.
    """
    characters = "".join(character for character in identifier if character.isalnum())
    if len(characters) <= 2 * GROUP:
        return identifier
    return f"{characters[-2 * GROUP : -GROUP]}-{characters[-GROUP:]}".upper()
