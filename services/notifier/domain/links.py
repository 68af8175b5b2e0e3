"""The links of a mail: signed, good for a while, for this mail only. A GET shows what will happen, a POST does it.

In a mail as it is kept, marks stand for them: whoever reads it in Leerplek, or in the database, cannot act for its reader.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.security.link_tokens import LinkSigner

LINKS_LAST = timedelta(days=60)
"""Longer than anything in a mail is still true; short enough that an old mailbox opens nothing."""


class LinkPurpose(StrEnum):
    """What a link is for; also the path below the public address where it is answered."""

    ANSWER = "antwoord"
    UNSUBSCRIBE = "afmelden"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links of mails; `public_url` is where people find the pages, without a slash at its end."""

    public_url: str
    signer: LinkSigner

    def of(self, purpose: LinkPurpose, mail: str, written_at: datetime) -> str:
        """The link of a mail for this purpose: the same whenever it is asked."""
        return f"{self.public_url}/{purpose}/{self.signer.sign(purpose, mail, written_at + LINKS_LAST)}"

    def page(self, path: str) -> str:
        """The address of a page."""
        return f"{self.public_url}/{path}"

    @property
    def are_private(self) -> bool:
        """Nobody between the reader and us sees where they go; a mail program posts to no other."""
        return self.public_url.startswith("https://")


_OPENS, _CLOSES = "\ue002", "\ue003"
"""Of the private use area, as the marks of `mentions` are, and others than those."""
_MARK = re.compile(f"{_OPENS}([^{_CLOSES}]*){_CLOSES}")
HIDDEN = "…"


def mark_link(purpose: LinkPurpose) -> str:
    """What stands in a mail where its link for this purpose belongs."""
    return f"{_OPENS}{purpose}{_CLOSES}"


def fill_links(text: str, link: Callable[[LinkPurpose], str]) -> str:
    """The text with its links."""
    return _MARK.sub(lambda found: link(LinkPurpose(found[1])), text)


def hide_links(text: str) -> str:
    """The text as others may see it."""
    return _MARK.sub(HIDDEN, text)
