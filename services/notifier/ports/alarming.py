"""What telling the operator of mails that were given up needs from outside."""

from collections.abc import Collection, Sequence
from typing import Protocol

from services.notifier.domain.dead_letters import DeadLetter


class DeadLetterStore(Protocol):
    """The mails that were given up and of which the operator must still hear, within one transaction."""

    async def add_dead_letter(self, letter: DeadLetter) -> None:
        """Keeps that a mail was given up, in the transaction that gives it up; the same mail again changes nothing."""
        ...

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Those of which the operator must still hear, the oldest first."""
        ...

    async def save_gone(self, letters: Collection[DeadLetter]) -> None:
        """Keeps by which roads these were told."""
        ...

    async def drop_dead_letters(self, mails: Collection[str]) -> None:
        """The operator heard of these mails by every road."""
        ...


class Road(Protocol):
    """One way to the operator, not over the mail server that the mails go to; `name` is the same in every process."""

    name: str

    async def tell(self, letters: Sequence[DeadLetter]) -> None:
        """Tells of mails that were given up; raises TransientError while the road is closed."""
        ...
