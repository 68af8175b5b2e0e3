"""Tells the operator that a mail was given up, by other roads than the mail server that it should have gone by."""

import asyncio
import json
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import aiosmtplib
import structlog
from aiosmtplib.errors import SMTPException

from services.notifier.adapters.metrics import DEAD_LETTERS
from services.notifier.adapters.smtp import SmtpServer
from services.notifier.domain.delivery import Mail
from services.notifier.ports import Alarm

log = structlog.get_logger(__name__)


def facts_of(mail: Mail) -> dict[str, object]:
    """What may be told of a mail: no person, no address."""
    return {
        "mail": mail.id,
        "kind": mail.kind or "several",
        "channel": mail.channel,
        "region": mail.region,
        "role": mail.role,
        "organisation": mail.organisation,
        "attempts": mail.attempts,
        "reason": mail.reason,
    }


class LoudAlarm:
    """Counts, logs as an error, and goes every road; one that is closed keeps none of the others."""

    def __init__(self, roads: Sequence[Alarm]) -> None:
        self._roads = roads

    async def dead_letter(self, mail: Mail) -> None:
        DEAD_LETTERS.labels(mail.kind or "several").inc()
        log.error("mail given up", **facts_of(mail))
        for road in self._roads:
            try:
                await road.dead_letter(mail)
            except (OSError, SMTPException, TimeoutError) as problem:
                log.error("alarm did not go", mail=mail.id, road=type(road).__name__, problem=repr(problem)[:200])


class FileAlarm:
    """One line of JSON for each mail that was given up, for whatever watches the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def dead_letter(self, mail: Mail) -> None:
        await asyncio.to_thread(self._append, json.dumps(facts_of(mail), ensure_ascii=False) + "\n")

    def _append(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)


class MailAlarm:
    """A mail to the operator by another mail server."""

    def __init__(self, server: SmtpServer, sender: Address, to: str) -> None:
        self._server = server
        self._sender = sender
        self._to = to

    async def dead_letter(self, mail: Mail) -> None:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = self._sender, self._to
        message["Subject"] = "Leerplek: een bericht is niet aangekomen"
        message["Auto-Submitted"] = "auto-generated"
        facts = "\n".join(f"{name}: {value}" for name, value in facts_of(mail).items())
        message.set_content(f"Dit bericht is opgegeven. Wie het moest krijgen, weet het dus niet.\n\n{facts}\n")
        server = self._server
        await aiosmtplib.send(message, hostname=server.host, port=server.port, timeout=server.timeout_s)
