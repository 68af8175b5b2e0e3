"""Mails about access: composed as text and HTML, handed to a mail server over SMTP."""

from collections.abc import Callable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiosmtplib
import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.capacity.domain.sessions import INVITATION_LASTS, LINK_LASTS
from services.capacity.ports.people import AccessMail, MailKind

log = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
SUBJECTS = {
    MailKind.INVITATION: "U krijgt toegang tot Leerplek",
    MailKind.LINK: "Uw link om u aan te melden bij Leerplek",
    MailKind.WITHDRAWN: "Uw toegang tot Leerplek is gewijzigd",
    MailKind.BOARD: "Een school heeft een ander bestuur in Leerplek",
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where the mail server is and how it is spoken to; `security` is none, starttls or tls. `password` reads it when it is needed."""

    host: str
    port: int
    security: str
    username: str
    password: Callable[[], str]
    timeout_s: float
    sender: Address


class SmtpLetterbox:
    """Sends one mail on one connection: there are few."""

    def __init__(self, server: MailServer, public_url: str) -> None:
        self._server = server
        self._public_url = public_url
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    async def send(self, mail: AccessMail, link: str) -> bool:
        server = self._server
        try:
            await aiosmtplib.send(
                self.message(mail, link),
                hostname=server.host,
                port=server.port,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                username=server.username or None,
                password=server.password() or None,
                timeout=server.timeout_s,
            )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError) as refused:
            codes = [each.code for each in getattr(refused, "recipients", [refused])]
            is_final = all(500 <= code < 600 for code in codes)
            log.warning("access mail refused", mail=mail.id, codes=codes)
            return is_final
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as away:
            log.warning("access mail waits", mail=mail.id, problem=type(away).__name__)
            return False
        log.info("access mail sent", mail=mail.id, kind=mail.kind)
        return True

    def message(self, mail: AccessMail, link: str) -> EmailMessage:
        """The whole mail; its id and date come from the row, so that a second try is the same mail."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self._server.sender
        message["To"] = Address(_one_line(mail.name), addr_spec=mail.email)
        message["Subject"] = SUBJECTS[mail.kind]
        message["Date"] = format_datetime(mail.created_at)
        message["Message-ID"] = f"<{mail.id}@{self._server.sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "OOF, AutoReply, RN, NRN, DR"
        lasts = {"days": INVITATION_LASTS.days, "minutes": int(LINK_LASTS.total_seconds() // 60)}
        words: dict[str, Any] = {
            "kind": mail.kind.value,
            "subject": SUBJECTS[mail.kind],
            "name": _one_line(mail.name),
            "position": mail.position,
            "link": f"{self._public_url}/aanmelden/link?t={link}" if link else "",
            "home": self._public_url,
            **lasts,
        }
        text = self._environment.get_template("access.txt").render(words)
        html = self._environment.get_template("access.html").render(words)
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message["Content-Language"] = "nl"
        message.set_boundary(f"=_{mail.id}")
        return message


def _one_line(name: str) -> str:
    """A name in which nothing can end a header or turn the reading direction."""
    return " ".join("".join(each if each.isprintable() else " " for each in name).split())[:100]
