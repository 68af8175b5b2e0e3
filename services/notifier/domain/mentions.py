"""What a mail says of a person to call: kept beside its text, so that it goes when that person's contact is deleted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

GONE = "Wie u hierover kon bellen, staat niet meer in Leerplek."
_OPENS, _CLOSES = "\ue000", "\ue001"
"""Of the private use area: no name, address or phone that is accepted holds them."""
_MARK = re.compile(f"{_OPENS}([^{_CLOSES}]*){_CLOSES}")


@dataclass(frozen=True, slots=True)
class Mention:
    """One contact and the sentence that says how to reach them."""

    contact: str
    sentence: str


def mark(contact: str) -> str:
    """What stands in a text where the sentence about this contact belongs."""
    return f"{_OPENS}{contact}{_CLOSES}"


def fill_text(text: str, mentions: Iterable[Mention]) -> str:
    """The text with its sentences; where a contact is gone it says so."""
    sentences = {each.contact: each.sentence for each in mentions}
    return _MARK.sub(lambda found: sentences.get(found[1], GONE), text)


def fill_html(html: str, mentions: Iterable[Mention]) -> str:
    """The same for HTML: nothing in a sentence is read as a tag."""
    return fill_text(html, [Mention(each.contact, escape(each.sentence)) for each in mentions])
