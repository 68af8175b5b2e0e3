"""The bytes of a mail: the same for every try, so that a mail that arrives twice can be recognised as one."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notifier.domain.delivery import Mail

LIST_NAMES = {
    "lost": "Leerplek: plaatsing vervallen",
    "unplaced": "Leerplek: student zonder leerwerkplek",
    "mismatch": "Leerplek: student en plek passen niet",
}
NO_ANSWERS = "OOF, AutoReply, RN, NRN, DR"
"""Everything that Exchange may suppress except reports of non-delivery, which we want."""


def build_message(mail: Mail, sender: Address) -> EmailMessage:
    """The whole message; the id, the date and the boundary come from the row, never from the moment of sending."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(clean_name(mail.name or ""), addr_spec=mail.email)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = message_id(mail, sender)
    thread = f"<{mail.thread}.thread@{sender.domain}>"
    message["In-Reply-To"] = thread
    message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = NO_ANSWERS
    message["List-Id"] = f'"{LIST_NAMES[mail.kind]}" <{mail.kind}.{_label(mail.region)}.{sender.domain}>'
    message.set_content(mail.full_text, cte="quoted-printable")
    message.add_alternative(mail.full_html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = "nl"  # only now: set_content moves such headers into a part
    message.set_boundary(f"=_{mail.id}")
    return message


def message_id(mail: Mail, sender: Address) -> str:
    """The Message-ID that every try of this mail carries."""
    return f"<{mail.id}@{sender.domain}>"


def clean_name(name: str) -> str:
    """A name as one line of readable characters: nothing in it can end a header or turn the reading direction."""
    readable = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(readable.split())[:100]


def _label(region: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", region.lower())
