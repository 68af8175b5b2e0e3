"""Hands mails to a mail server over SMTP, and says what an answer means for the next try."""

import asyncio
import re
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib.errors import SMTPException, SMTPResponseException, SMTPServerDisconnected

from services.notifier.adapters.message import Letterhead, build_message
from services.notifier.domain.bounces import VAGUE, refusal
from services.notifier.domain.delivery import Accepted, Later, Mail, Outcome, Refused

_STATUS = re.compile(r"([45]\.\d{1,3}\.\d{1,3})\b")
"""The enhanced status code (RFC 3463) with which a server may begin its answer."""
_AROUND = "<>()[]{}\"',.;:"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where the mail server is and how it is spoken to; `security` is none, starttls or tls."""

    host: str
    port: int
    security: str
    username: str
    password: str
    timeout_s: float


class SmtpSender:
    """One connection to the mail server, kept while there is something to send."""

    def __init__(self, server: SmtpServer, head: Letterhead) -> None:
        self._server = server
        self._head = head
        self._connection: aiosmtplib.SMTP | None = None

    async def send(self, mail: Mail) -> Outcome:
        """Tries once. What no try can cure is refused; all else is tried again."""
        raw = build_message(mail, self._head)
        try:
            connection = await self._connected()
        except (SMTPException, OSError, TimeoutError) as problem:
            return Later(f"mailserver niet bereikbaar ({_short(problem, mail)})", is_server_away=True)
        was_handed_over = False
        try:
            async with asyncio.timeout(self._server.timeout_s):
                await connection.mail(self._head.envelope_sender(mail), options=await _wishes(connection))
                await connection.rcpt(mail.email)
                was_handed_over = True
                await connection.data(raw)
        except SMTPServerDisconnected as problem:
            await self._drop()
            return Later(f"verbinding verbroken ({_short(problem, mail)})", is_uncertain=was_handed_over)
        except SMTPResponseException as answer:
            await self._drop()
            return _meaning(answer, mail)
        except (SMTPException, OSError, TimeoutError) as problem:
            await self._drop()
            return Later(f"geen antwoord van de mailserver ({_short(problem, mail)})", is_uncertain=was_handed_over)
        except BaseException:
            await self._drop()  # nobody knows how far the conversation came
            raise
        return Accepted()

    async def rest(self) -> None:
        """Says goodbye to the server, if there is a connection."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.is_connected:
            try:
                await connection.quit(timeout=2)
            except (SMTPException, OSError, TimeoutError):
                connection.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._connection is not None and self._connection.is_connected:
            return self._connection
        server = self._server
        connection = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.username or None,
            password=server.password or None,
            timeout=server.timeout_s,
        )
        async with asyncio.timeout(server.timeout_s):
            await connection.connect()
        self._connection = connection
        return connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


async def _wishes(connection: aiosmtplib.SMTP) -> list[str]:
    """A report of non-delivery brings back the headers, not what the mail says, where the server knows of that (RFC 3461)."""
    if connection.last_ehlo_response is None:
        await connection.ehlo()
    return ["RET=HDRS"] if connection.supports_extension("dsn") else []


def _meaning(answer: SMTPResponseException, mail: Mail) -> Outcome:
    """5xx about the address or the mail is final; about us or the connection it is somebody's mistake that can be mended.

    An address is stopped when the status code says that it is no good; an address that is refused without one is in doubt.
    """
    reason = f"{answer.code} {_one_line(answer.message, mail)}"
    status = _STATUS.match(answer.message)
    if not 500 <= answer.code < 600:
        return Later(reason)
    if isinstance(answer, aiosmtplib.SMTPRecipientRefused):
        return refusal(reason, status[1] if status else f"{VAGUE}0")
    if isinstance(answer, aiosmtplib.SMTPDataError):
        return refusal(reason, status[1]) if status else Refused(reason)
    return Later(reason)


def _short(problem: BaseException, mail: Mail) -> str:
    return f"{type(problem).__name__}: {_one_line(str(problem), mail)}" if str(problem) else type(problem).__name__


def _one_line(text: str, mail: Mail) -> str:
    """What a server said, without addresses and without the name or mailbox of the recipient: it is kept, shown and logged."""
    personal = {mail.email.partition("@")[0].casefold(), *(mail.name or "").casefold().split()} - {""}
    words = ("…" if "@" in word or word.strip(_AROUND).casefold() in personal else word for word in text.split())
    return " ".join(words)[:200]
