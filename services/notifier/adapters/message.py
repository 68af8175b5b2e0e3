"""What a mail says of itself in its headers, and its parts: the same for every try, so that one that arrives twice is recognised."""

import base64
import re
import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import format_datetime
from functools import lru_cache

from services.notifier.adapters.mime import Headers, Part, attached, folded, many, readable, written
from services.notifier.domain.alerts import AlertKind, Channel
from services.notifier.domain.bounces import Box, return_address
from services.notifier.domain.contacts import Language
from services.notifier.domain.delivery import Mail
from services.notifier.domain.links import LinkPurpose, Links
from services.notifier.domain.phrases import PHRASES

NO_ANSWERS = "OOF, AutoReply, RN, NRN, DR"
"""Everything that Exchange may suppress except reports of non-delivery, which we want."""


_HTML_LANGUAGE = re.compile(r'<html lang="(nl|en)"')
_PICTURE = re.compile(r'src="data:image/png;base64,([A-Za-z0-9+/=]+)"')


@dataclass(frozen=True, slots=True)
class Letterhead:
    """From whom mails come, where their links go, and the domain that reports of non-delivery come back to ("": none)."""

    sender: Address
    links: Links
    return_domain: str = ""

    def envelope_sender(self, mail: Mail) -> str:
        """MAIL FROM: an address that says which mail comes back, where there is a mailbox for that."""
        return self._returns(Box.BOUNCES, mail) or self.sender.addr_spec

    def unsubscribing(self, mail: Mail) -> str:
        """List-Unsubscribe: by https, and by mail where there is a mailbox for it."""
        page = self.links.of(LinkPurpose.UNSUBSCRIBE, mail.id, mail.created_at)
        box = self._returns(Box.UNSUBSCRIBE, mail)
        return f"<{page}>, <mailto:{box}?subject=afmelden>" if box else f"<{page}>"

    def _returns(self, box: Box, mail: Mail) -> str:
        return return_address(box, mail.id, self.return_domain, self.links.signer) if self.return_domain else ""


def build_message(mail: Mail, head: Letterhead) -> bytes:
    """The whole message; the id, the date and the boundaries come from the row, never from the moment of sending."""
    domain = head.sender.domain
    html, pictures = _with_pictures_apart(mail.sent_html(head.links), mail.id, domain)
    shown = readable("html", html)
    if pictures:
        beside = [_picture(picture, mail.id, number, domain) for number, picture in enumerate(pictures, 1)]
        shown = many("related", [shown, *beside])
    versions = [readable("plain", mail.sent_text(head.links)), shown]
    if mail.invitation:
        versions.insert(1, _invitation(mail))
    body = many("alternative", versions)
    if mail.invitation:  # twice: some programs look at the one place only, some at the other
        body = many("mixed", [body, _invitation(mail, "gesprek.ics")])
    return written(_headers(mail, head), body, mail.id)


def _headers(mail: Mail, head: Letterhead) -> Headers:
    domain, thread = head.sender.domain, f"<{mail.thread}.thread@{head.sender.domain}>"
    found = [
        ("From", _mailbox("From", head.sender.display_name, head.sender.addr_spec)),
        ("To", _mailbox("To", clean_name(mail.name or ""), mail.email)),
        ("Subject", folded("Subject", mail.subject)),
        ("Date", format_datetime(mail.created_at)),
        ("Message-ID", message_id(mail, head.sender)),
        ("In-Reply-To", thread),
        ("References", thread),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", NO_ANSWERS),
        ("Content-Language", _language(mail)),
    ]
    if mail.channel is Channel.PARTING:  # it is of no list, and there is nothing to leave
        return found
    found += [
        ("List-Id", f'"{_list_name(mail)}"\r\n <{".".join(filter(None, _list_labels(mail)))}.{domain}>'),
        ("List-Unsubscribe", head.unsubscribing(mail).replace(", ", ",\r\n ")),
    ]
    if head.links.are_private:
        found.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return found


def _mailbox(header: str, name: str, address: str) -> str:
    """A name and an address; a name that is no plain ASCII is encoded, one with signs in it is quoted."""
    if not address.isprintable():
        raise ValueError("an address of more than one line would be a header of its own")
    if not name:
        return address
    if name.isascii():
        return f"{str(Address(name, username='x')).removesuffix('<x>').rstrip()}\r\n <{address}>"
    return f"{folded(header, name)}\r\n <{address}>"


def message_id(mail: Mail, sender: Address) -> str:
    """The Message-ID that every try of this mail carries."""
    return f"<{mail.id}@{sender.domain}>"


def clean_name(name: str) -> str:
    """A name as one line of readable characters: nothing in it can end a header or turn the reading direction."""
    readable = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(readable.split())[:100]


def _with_pictures_apart(html: str, identifier: str, domain: str) -> tuple[str, list[bytes]]:
    """The HTML as it is kept shows pictures by itself; in a mail they are parts beside it, which every mail program shows."""
    pictures: list[bytes] = []

    def take(found: re.Match[str]) -> str:
        pictures.append(base64.b64decode(found[1]))
        return f'src="cid:{identifier}.{len(pictures)}@{domain}"'

    return _PICTURE.sub(take, html), pictures


def _picture(picture: bytes, mail: str, number: int, domain: str) -> Part:
    name = f"grafiek-{number}.png"
    headers = [("Content-ID", f"<{mail}.{number}@{domain}>"), ("Content-Disposition", f'inline; filename="{name}"')]
    return attached("image/png", picture, headers)


def _invitation(mail: Mail, name: str = "") -> Part:
    """How a calendar file travels: its method is said in the header as well."""
    method = "CANCEL" if "\nMETHOD:CANCEL" in mail.invitation else "PUBLISH"
    headers = [("Content-Disposition", f'attachment; filename="{name}"')] if name else []
    return attached(f'text/calendar; charset="utf-8"; method={method}', mail.invitation.encode(), headers)


def _language(mail: Mail) -> Language:
    """The language that its HTML is in."""
    found = _HTML_LANGUAGE.search(mail.html)
    return Language(found[1]) if found else Language.DUTCH


def _list_name(mail: Mail) -> str:
    return _name_of(_language(mail), mail.kind, mail.channel)


@lru_cache
def _name_of(language: Language, kind: AlertKind | None, channel: Channel) -> str:
    """What a stream is called, in plain letters: a header has no others without being encoded."""
    phrases = PHRASES[language]
    of_channel = {Channel.DIGEST: phrases.framing.digest_subject, Channel.WEEKLY: phrases.weekly.subject}
    name = phrases.subjects[kind] if kind else of_channel.get(channel, phrases.framing.overflow_subject)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"Leerplek: {plain}"


def _list_labels(mail: Mail) -> tuple[str, str]:
    """One stream for each kind in each region, for digests, for weeks."""
    return mail.kind or mail.channel, re.sub(r"[^a-z0-9-]", "-", mail.region.lower())
