"""The bytes of a mail: the same for every try, so that a mail that arrives twice can be recognised as one."""

import base64
import re
import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from services.notifier.domain.alerts import Channel
from services.notifier.domain.bounces import Box, return_address
from services.notifier.domain.contacts import Language
from services.notifier.domain.delivery import Mail
from services.notifier.domain.links import LinkPurpose, Links
from services.notifier.domain.phrases import PHRASES

NO_ANSWERS = "OOF, AutoReply, RN, NRN, DR"
"""Everything that Exchange may suppress except reports of non-delivery, which we want."""


class _MailPolicy(EmailPolicy):
    """Lines end as SMTP wants; a link stays whole, where the standard library would write it as an encoded word."""

    def fold(self, name: str, value: str) -> str:
        if name.casefold() != "list-unsubscribe":
            folded: str = super().fold(name, value)
            return folded
        return f"{name}: {str(value).replace(', ', f',{self.linesep} ')}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.casefold() != "list-unsubscribe":
            return super().fold_binary(name, value)
        return self.fold(name, value).encode()


POLICY = _MailPolicy(linesep="\r\n")
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


def build_message(mail: Mail, head: Letterhead) -> EmailMessage:
    """The whole message; the id, the date and the boundaries come from the row, never from the moment of sending."""
    message, domain = EmailMessage(policy=POLICY), head.sender.domain
    message["From"] = head.sender
    message["To"] = Address(clean_name(mail.name or ""), addr_spec=mail.email)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = message_id(mail, head.sender)
    thread = f"<{mail.thread}.thread@{domain}>"
    message["In-Reply-To"] = thread
    message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = NO_ANSWERS
    message["List-Id"] = f'"{_list_name(mail)}" <{".".join(filter(None, _list_labels(mail)))}.{domain}>'
    message["List-Unsubscribe"] = head.unsubscribing(mail)
    if head.links.are_private:
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    html, pictures = _with_pictures_apart(mail.sent_html(head.links), mail.id, domain)
    message.set_content(mail.sent_text(head.links), cte="quoted-printable")
    if mail.invitation:
        message.add_alternative(mail.invitation, **_invitation(mail))
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for number, picture in enumerate(pictures, 1):
        _add_picture(message, picture, f"{mail.id}.{number}@{domain}", f"grafiek-{number}.png")
    if mail.invitation:  # twice: some programs look at the one place only, some at the other
        message.add_attachment(mail.invitation, filename="gesprek.ics", **_invitation(mail))
    message["Content-Language"] = _language(mail)  # only now: set_content moves such headers into a part
    _set_boundaries(message, mail.id)
    return message


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


def _add_picture(message: EmailMessage, picture: bytes, cid: str, name: str) -> None:
    html = list(message.iter_parts())[-1]
    assert isinstance(html, EmailMessage)
    html.add_related(picture, "image", "png", cid=f"<{cid}>", filename=name, disposition="inline")


def _invitation(mail: Mail) -> dict[str, Any]:
    """How a calendar file travels: its method is said in the header as well."""
    method = "CANCEL" if "\nMETHOD:CANCEL" in mail.invitation else "PUBLISH"
    return {"subtype": "calendar", "cte": "base64", "params": {"method": method}}


def _set_boundaries(message: EmailMessage, identifier: str) -> None:
    for number, part in enumerate(each for each in message.walk() if each.is_multipart()):
        part.set_boundary(f"=_{number}_{identifier}")


def _language(mail: Mail) -> Language:
    """The language that its HTML is in."""
    found = _HTML_LANGUAGE.search(mail.html)
    return Language(found[1]) if found else Language.DUTCH


def _list_name(mail: Mail) -> str:
    """What its stream is called, in plain letters: a header has no others without being encoded."""
    phrases = PHRASES[_language(mail)]
    of_channel = {Channel.DIGEST: phrases.framing.digest_subject, Channel.WEEKLY: phrases.weekly.subject}
    name = phrases.subjects[mail.kind] if mail.kind else of_channel.get(mail.channel, phrases.framing.overflow_subject)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"Leerplek: {plain}"


def _list_labels(mail: Mail) -> tuple[str, str]:
    """One stream for each kind in each region, for digests, for weeks."""
    return mail.kind or mail.channel, re.sub(r"[^a-z0-9-]", "-", mail.region.lower())
