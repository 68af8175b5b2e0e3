"""What a rule finds, before it is known whether that is news."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.matcher.domain.ids import StudentId, WorkplaceId
from services.matcher.domain.signals.naming import signal_name
from services.matcher.domain.signals.table import RuleName
from services.matcher.domain.vocabulary import Tier
from shared.contracts.vocabulary import SignalLevel

PREFIXES: Mapping[RuleName, str] = {
    RuleName.OVERLOADED: "overloaded",
    RuleName.SHORTAGE: "shortage",
    RuleName.SHORTAGE_AT_SITE: "shortage",
    RuleName.FAIRNESS: "fairness",
    RuleName.REPORTED: "mismatch-reported",
    RuleName.MISFIT_SUBJECT: "mismatch-subject",
    RuleName.MISFIT_TRAVEL: "mismatch-travel",
    RuleName.MISFIT_DAYS: "mismatch-days",
    RuleName.MISFIT_GUIDANCE: "mismatch-guidance-match",
}


@dataclass(frozen=True, slots=True)
class Lack:
    """Whom levers would have to help: students without a place, or somebody at a workplace who lacks guidance of a tier."""

    students: tuple[StudentId, ...]
    at: WorkplaceId | None = None
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """How much of what a rule looks for there is, and what would be told of it.

    `about` are the fields that say what it is about: with others it is another case, though it has the same subject. `told` are
    the other fields of its event.
    """

    rule: RuleName
    subject: tuple[str, ...]
    measure: int
    level: SignalLevel
    about: Mapping[str, str | None]
    told: Mapping[str, str | int | float | None] = field(default_factory=dict)
    cause: str | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    next_date: date | None = None
    lack: Lack | None = None

    @property
    def id(self) -> str:
        """The id of the signal."""
        return signal_id(self.rule, *self.subject)


def signal_id(rule: RuleName, *subject: str) -> str:
    """The one id of a rule and what it is about."""
    return signal_name(PREFIXES.get(rule, f"risk-{rule}"), rule, *subject)
