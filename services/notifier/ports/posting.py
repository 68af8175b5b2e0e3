"""What lays mails out and hands them to the mail server."""

from datetime import datetime
from typing import Protocol

from services.notifier.domain.delivery import Mail, Outcome
from services.notifier.domain.letters import Letter


class Composer(Protocol):
    """Lays a letter out."""

    def compose(self, letter: Letter, page: str) -> tuple[str, str]:
        """The letter as plain text and as HTML; `page` is where its reader finds it: a path below the pages, "" for all alerts."""
        ...

    def invite(self, letter: Letter, written_at: datetime) -> str:
        """The meetings of a letter as a calendar file; empty when it has none."""
        ...


class Sender(Protocol):
    """Hands mails to the mail server."""

    async def send(self, mail: Mail) -> Outcome:
        """Tries once; never raises for what a mail server may do."""
        ...

    async def rest(self) -> None:
        """Nothing to send for now: lets go of the connection."""
        ...
