"""A real mail server for tests: keeps what it takes, and refuses, breaks off or stays away when told to."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

from shared.child_process import free_port

BREAK_OFF = "break off"
"""Takes the mail and breaks the connection before its answer, as a network does at the worst moment."""


class MailServer:
    """`answers` are given to the coming mails in turn, `refusals` to addresses; without either it takes everything."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: list[str] = []
        self.refusals: dict[str, str] = {}
        self.port = free_port()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Transport] = set()

    async def start(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._protocol(), "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for transport in self._connections:
                transport.abort()
            await self._server.wait_closed()

    def _protocol(self) -> Callable[[], SMTP]:
        return lambda: SMTP(self, hostname="mail.example")

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self._connections.add(server.transport)
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 2.0.0 Kept"
        if answer == BREAK_OFF or answer.startswith("2"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.recipients.extend(envelope.rcpt_tos)
        if answer == BREAK_OFF:
            server.transport.abort()
        return answer
