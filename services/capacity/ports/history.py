"""What capacity keeps of what was before, and of who said that all is right."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.capacity.domain.news import What
from shared.audited import Change


@dataclass(frozen=True, slots=True)
class Check:
    """When a school last said that what is known of a site is right, for a period."""

    site: str
    period: str
    at: datetime


class History(Protocol):
    """What was before, within one transaction."""

    async def version(self, aggregate: str, sequence: int) -> Mapping[str, object] | None:
        """What a version held, as JSON; None when it is not kept any more."""
        ...

    async def versions(self, aggregate: str, limit: int) -> Mapping[int, Mapping[str, object]]:
        """The newest versions that are kept, by number."""
        ...

    async def versions_of(self, aggregates: Collection[str]) -> Mapping[tuple[str, int], Mapping[str, object]]:
        """What is kept of all of these together, by aggregate and number."""
        ...

    async def last_changes(self, aggregates: Collection[str]) -> Mapping[str, Change]:
        """The last change of each of these."""
        ...

    async def change(self, aggregate: str, sequence: int) -> Change | None:
        """The change that made this version, once it was committed."""
        ...

    async def changes_of(self, aggregates: Collection[str], limit: int) -> Sequence[Change]:
        """The changes of all of these together, the newest first."""
        ...

    async def note(self, action: str, aggregate: str, sequence: int) -> None:
        """Puts in the audit what is told to nobody else."""
        ...

    async def is_told(self, aggregate: str) -> bool:
        """Whether all that is to be told of this has reached the stream."""
        ...

    async def news(self, site: str, since: datetime) -> Mapping[str, What]:
        """What the plan did at a site since then: the last of each student."""
        ...

    async def forget_old_news(self) -> None:
        """Deletes news of more than a week ago."""
        ...

    async def check_site(self, site: str, period: str) -> None:
        """Keeps that what is known of a site is right, for a period."""
        ...

    async def checks(self, sites: Collection[str]) -> Sequence[Check]:
        """What was checked of these sites."""
        ...
