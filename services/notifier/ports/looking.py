"""What the pages ask of the store: alerts by what one looks for, who did what, and which organisations are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.notifier.domain.alerts import Alert, AlertKind, Level
from services.notifier.domain.notices import Told


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts to list, the newest first, at most `limit`, from after the one that opened at `before`.

    `is_over`: those that have ended, instead of those that go on; what is told once and over is listed where its `kind` is
    asked for. `organisation` narrows down to whom it concerns, `concerns` does too and is not for the reader to choose;
    `told_to` is an organisation of which somebody was told.
    """

    is_over: bool = False
    region: str | None = None
    kind: AlertKind | None = None
    level: Level | None = None
    organisation: str | None = None
    concerns: str | None = None
    told_to: str | None = None
    before: tuple[datetime, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did with an alert; `by` is a contact, or who acted on the pages."""

    at: datetime
    action: str
    by: str


class LookingStore(Protocol):
    """What people look at, within one transaction."""

    async def alerts_where(self, wanted: AlertFilter) -> Sequence[Alert]:
        """The alerts that fit, the newest first."""
        ...

    async def told_by(self, mail: str) -> Sequence[Told]:
        """Who was told of what by this mail, in a fixed order."""
        ...

    async def done_with(self, alert: str) -> Sequence[Done]:
        """What people did with an alert, in order."""
        ...

    async def organisations(self, begin: str, limit: int, own: str | None = None) -> Sequence[str]:
        """The organisations that have contacts or that events named and whose code begins so, in order; all, or those of `own`."""
        ...

    async def organisations_in(self, region: str) -> Sequence[str]:
        """The institutes and schools that events named in a region, in order."""
        ...
