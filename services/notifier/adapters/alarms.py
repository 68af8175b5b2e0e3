"""The roads by which the operator hears that mails were given up; none is the mail server that they should have gone by."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import aiosmtplib
import structlog
from aiosmtplib.errors import SMTPException

from services.notifier.adapters.metrics import DEAD_LETTERS
from services.notifier.adapters.smtp import SmtpServer
from services.notifier.domain.dead_letters import DeadLetter
from shared.errors import TransientError

log = structlog.get_logger(__name__)

IN_FULL = 20
"""So many mails are told one by one in a mail to the operator; of the rest only how many there are of each kind."""


class CountedRoad:
    """The metric and the log."""

    name = "count"

    async def tell(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            DEAD_LETTERS.labels(letter.kind).inc()
            log.error("mail given up", **_facts(letter))


class FileRoad:
    """One line of JSON for each mail that was given up, for whatever watches the file."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def tell(self, letters: Sequence[DeadLetter]) -> None:
        lines = "".join(json.dumps(_facts(letter), ensure_ascii=False) + "\n" for letter in letters)
        try:
            await asyncio.to_thread(self._append, lines)
        except OSError as problem:
            raise TransientError(f"alarm file: {problem!r}") from problem

    def _append(self, lines: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(lines)


class MailRoad:
    """A mail to the operator by another mail server."""

    name = "mail"

    def __init__(self, server: SmtpServer, sender: Address, to: str) -> None:
        self._server = server
        self._sender = sender
        self._to = to

    async def tell(self, letters: Sequence[DeadLetter]) -> None:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = self._sender, self._to
        message["Subject"] = "Leerplek: berichten zijn niet aangekomen"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(_told(letters))
        server = self._server
        try:
            await aiosmtplib.send(message, hostname=server.host, port=server.port, timeout=server.timeout_s)
        except (SMTPException, OSError, TimeoutError) as problem:
            raise TransientError(f"alarm by mail: {problem!r}") from problem


def _facts(letter: DeadLetter) -> dict[str, object]:
    """What may be told of a mail: no person, no address."""
    return {name: value for name, value in asdict(letter).items() if name not in {"at", "gone"}}


def _told(letters: Sequence[DeadLetter]) -> str:
    """What the operator reads."""
    paragraphs = [
        "Deze berichten zijn opgegeven. Wie ze moest krijgen, weet het dus niet.",
        *("\n".join(f"{name}: {value}" for name, value in _facts(each).items()) for each in letters[:IN_FULL]),
    ]
    rest = Counter(each.kind for each in letters[IN_FULL:])
    if rest:
        counts = "\n".join(f"{kind}: {count}" for kind, count in sorted(rest.items()))
        paragraphs.append(f"En {rest.total()} andere, per soort:\n{counts}")
    return "\n\n".join(paragraphs) + "\n"
