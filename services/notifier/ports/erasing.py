"""What erasing a student asks of the store."""

from collections.abc import Sequence
from typing import Protocol

from services.notifier.domain.erasing import Written


class ErasingStore(Protocol):
    """What names a student, within one transaction."""

    async def written_about(self, student: str) -> Sequence[Written]:
        """The mails that name this student, whatever became of them."""
        ...

    async def rewrite(self, written: Written) -> None:
        """The mail says this from now on."""
        ...

    async def erase_mail(self, mail: str) -> None:
        """Deletes a mail, with whom it mentions."""
        ...

    async def erase_alerts(self, student: str) -> None:
        """Deletes the alerts about this student, and who was told of them."""
        ...
