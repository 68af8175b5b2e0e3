"""All that intake keeps about one student, wherever it lies: to be given, and to be erased."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.intake.domain.registrations import Registration


class Records(Protocol):
    """The records of students, within one transaction."""

    async def copy(self, student: str) -> Mapping[str, object]:
        """Everything that is kept about a student beside the registration, by where it is kept."""
        ...

    async def erase(self, held: Registration) -> None:
        """Deletes all of it, and takes back what was published; the lines of the audit stay, and name nobody any more."""
        ...

    async def outlived(self, before: datetime, limit: int) -> Sequence[str]:
        """Students who ask for nothing any more, and of whom nothing was changed since then."""
        ...
