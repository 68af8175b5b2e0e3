"""Sends invitations and links; any number of processes may do so side by side."""

from datetime import timedelta

import structlog

from services.capacity.bootstrap import Parts
from services.capacity.domain.sessions import INVITATION_LASTS, LINK_LASTS
from services.capacity.handlers.signing_in import link_for
from services.capacity.ports.people import AccessMail, Letterbox, MailKind
from shared.errors import TransientError
from shared.messaging.retry import Backoff

log = structlog.get_logger(__name__)

POLL_S = 2.0
LEASE = timedelta(seconds=60)
PAUSES_S = (5, 15, 60, 300)
"""Between tries; the last goes on until a link would be of no use any more."""
GIVE_UP_AFTER = {
    MailKind.LINK: LINK_LASTS,
    MailKind.INVITATION: INVITATION_LASTS,
    MailKind.WITHDRAWN: timedelta(days=1),
    MailKind.BOARD: timedelta(days=7),
}


class AccessMailer:
    """One worker. A link is made when its mail is about to go: nowhere lies one that works."""

    def __init__(self, parts: Parts, letterbox: Letterbox) -> None:
        self._parts = parts
        self._letterbox = letterbox

    async def run(self) -> None:
        """Sends until cancelled; waits while the database is away."""
        backoff = Backoff()
        while True:
            try:
                while await self.send_one():
                    backoff.reset()
            except TransientError as problem:
                log.warning("access mail waits", problem=str(problem)[:300])
                await backoff.pause()
            await self._parts.access.mail_waits.wait(POLL_S)

    async def send_one(self) -> bool:
        """Sends the next mail that is due; False when there is none."""
        access, name, now = self._parts.access, self._parts.runtime.name, self._parts.clock()
        async with self._parts.runtime.database.transaction() as tx:
            people = access.people(tx, name)
            mail = await people.take_mail(now, now + LEASE)
            if mail is None:
                return False
            link = await link_for(people, mail, now) if mail.kind.has_link else ""
            is_over = now - mail.created_at > GIVE_UP_AFTER[mail.kind]
            is_gone = mail.kind is MailKind.BOARD and await people.with_address(mail.email) is None  # erased meanwhile
            if link is None or is_over or is_gone:
                await people.forget_mail(mail.id)
                return True
        await self._finish(mail, is_done=await self._letterbox.send(mail, link))
        return True

    async def _finish(self, mail: AccessMail, *, is_done: bool) -> None:
        async with self._parts.runtime.database.transaction() as tx:
            people = self._parts.access.people(tx, self._parts.runtime.name)
            if is_done:
                await people.forget_mail(mail.id)
            else:
                pause = PAUSES_S[min(mail.attempts, len(PAUSES_S) - 1)]
                await people.postpone_mail(mail.id, self._parts.clock() + timedelta(seconds=pause))
