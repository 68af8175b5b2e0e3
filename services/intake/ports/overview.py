"""What the pages for institutes look up, and the log of who saw what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.intake.domain.overview import View
from services.intake.ports import Outcome
from shared.audited import Change


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody (or a system: no `person`) saw personal data; `subject` is a fingerprint of whom it was about, empty for a list."""

    at: datetime
    activity: str
    person: str
    position: str
    institute: str
    subject: str
    trace: str


class Overview(Protocol):
    """Within one transaction, as one institute sees it."""

    async def regions(self, institute: str) -> Mapping[str, str]:
        """The regions in which an institute can register somebody."""
        ...

    async def institutes(self) -> Sequence[str]:
        """Every institute that has registered somebody."""
        ...

    async def students(self, view: View | None, begins: str, after: str | None, limit: int) -> Sequence[Outcome]:
        """The first students of a view (None: all that are registered), by id, whose reference begins like this."""
        ...

    async def counts(self) -> Mapping[View, int]:
        """How many students each view has."""
        ...

    async def open_mismatches(self, students: Collection[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The id and kind of the reports that are open, by student."""
        ...

    async def history(self, student: str) -> Sequence[Change]:
        """Who changed what about a student of the institute, newest first."""
        ...

    async def site_names(self, sites: Collection[str]) -> Mapping[str, str]:
        """What sites are called; a site of which nothing is known is not there."""
        ...

    async def schools_in(self, town: str) -> Sequence[tuple[float, float]]:
        """Where the schools of a town are, in degrees north and east; capitals do not matter."""
        ...

    async def log_read(self, read: Read) -> None:
        """Notes that somebody saw something."""
        ...

    async def reads(self, limit: int) -> Sequence[Read]:
        """What was seen last, of this institute's students."""
        ...
