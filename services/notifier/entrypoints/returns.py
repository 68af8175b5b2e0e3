"""The mailbox for what comes back: a small SMTP server behind the relay, which takes nothing but mail about mails of ours."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP

from services.notifier.adapters.bounce_reports import read_bounce
from services.notifier.adapters.metrics import RETURNED
from services.notifier.domain.bounces import Bounce, Box, mail_of_address
from services.notifier.domain.delivery import Mail
from shared.errors import TransientError
from shared.observability.bugs import bug_places
from shared.security.link_tokens import LinkSigner

log = structlog.get_logger(__name__)

MOST_BYTES = 2_000_000
"""A report holds our mail, which is below 102 kB, and sometimes as much again; larger is something else."""
NOBODY = "550 5.1.1 This mailbox takes reports about mails of ours only"
LATER = "451 4.3.0 Try again later"
TAKEN = "250 2.0.0 Taken"


class ReturnBox:
    """Which mails to take, and `take_bounce` and `unsubscribe` for what is in them; each in a transaction of its own."""

    def __init__(
        self,
        domain: str,
        signer: LinkSigner,
        take_bounce: Callable[[str, Bounce], Awaitable[Mail | None]],
        unsubscribe: Callable[[str], Awaitable[None]],
    ) -> None:
        self._domain = domain
        self._signer = signer
        self._take_bounce = take_bounce
        self._unsubscribe = unsubscribe

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Only addresses that we made; one a mail."""
        if mail_of_address(address, self._domain, self._signer) is None:
            RETURNED.labels("refused").inc()
            return NOBODY
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """What no try can make readable is taken too: sent back it would only come again."""
        found = mail_of_address(envelope.rcpt_tos[0], self._domain, self._signer)
        assert found is not None
        box, mail = found
        try:
            result = await (self._bounced(mail, envelope.content) if box is Box.BOUNCES else self._left(mail))
        except (TransientError, OSError) as problem:
            log.warning("what came back waits", mail=mail, problem=repr(problem)[:300])
            return LATER
        except Exception as bug:  # noqa: BLE001  # named in the log, counted; the next report is read
            log.error("what came back met a bug", mail=mail, bug=bug_places(bug))
            result = "bug"
        RETURNED.labels(result).inc()
        return TAKEN

    async def _left(self, mail: str) -> str:
        await self._unsubscribe(mail)
        log.info("unsubscribed by mail", mail=mail)
        return "unsubscribed"

    async def _bounced(self, mail: str, raw: bytes) -> str:
        bounce = read_bounce(raw)
        if bounce is None:
            log.info("what came back is no report", mail=mail)
            return "ignored"
        after = await self._take_bounce(mail, bounce)
        result = "nothing-new" if after is None else str(after.state)
        log.warning("mail came back", mail=mail, status=bounce.status, given_up=bounce.has_given_up, result=result)
        return result


async def serve_returns(box: ReturnBox, host: str, port: int) -> None:
    """Listens until cancelled."""

    def protocol() -> SMTP:
        return SMTP(box, hostname="leerplek", ident="Leerplek", data_size_limit=MOST_BYTES, enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(protocol, host, port)
    log.info("mailbox for returned mail listens", host=host, port=port)
    async with server:
        await server.serve_forever()
