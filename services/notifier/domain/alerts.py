"""What people are told about: the kinds of alert, how pressing each is, and what a text about one needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.placements import MoveCause
from shared.contracts.vocabulary import Sector, SignalLevel, Tier

Level = SignalLevel
"""How pressing: CRITICAL is told at once, WARNING and INFO in the digest."""


class AlertKind(StrEnum):
    """What people are told about. That something is solved is no kind: it is the news CLEARED of the kind it was."""

    PROPOSED = "proposed"
    CHANGED = "changed"
    SETTLED = "settled"
    LOST = "lost"
    UNPLACED = "unplaced"
    MISMATCH = "mismatch"
    DETECTED = "mismatch-detected"
    AT_RISK = "at-risk"
    SHORTAGE = "shortage"
    OVERLOADED = "overloaded"
    FAIRNESS = "fairness"
    GAP = "responsibility-gap"
    PARKED = "parked"
    SILENT = "silent-source"


FACTS = frozenset({AlertKind.PROPOSED, AlertKind.CHANGED, AlertKind.SETTLED})
"""What is told once and then over: nothing goes on that could be acknowledged, get worse or be solved."""

LEVELS: Mapping[AlertKind, Level] = {
    AlertKind.PROPOSED: Level.INFO,
    AlertKind.CHANGED: Level.INFO,
    AlertKind.SETTLED: Level.INFO,
    AlertKind.LOST: Level.CRITICAL,
    AlertKind.UNPLACED: Level.CRITICAL,
    AlertKind.MISMATCH: Level.CRITICAL,
    AlertKind.DETECTED: Level.INFO,
    AlertKind.AT_RISK: Level.WARNING,
    AlertKind.SHORTAGE: Level.WARNING,
    AlertKind.OVERLOADED: Level.WARNING,
    AlertKind.FAIRNESS: Level.WARNING,
    AlertKind.GAP: Level.WARNING,
    AlertKind.PARKED: Level.CRITICAL,
    AlertKind.SILENT: Level.CRITICAL,
}
"""The level of a kind where no signal says another."""


class News(StrEnum):
    """Why an alert is told now."""

    RAISED = "raised"
    WORSENED = "worsened"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    HANDED_OVER = "handed-over"
    RELEASED = "released"
    RESTLESS = "restless"
    CLEARED = "cleared"


class Channel(StrEnum):
    """How a mail came to be: one kind at once, the digest of a school day, what was over the day's limit, a week's summary; or the
    last to an address.
    """

    IMMEDIATE = "immediate"
    ESCALATION = "escalation"
    DIGEST = "digest"
    OVERFLOW = "overflow"
    WEEKLY = "weekly"
    PARTING = "parting"


class AlertState(StrEnum):
    """Where an alert is in its life; CLEARED is over but not told yet, CLOSED is over for everybody."""

    RAISED = "raised"
    WORSENED = "worsened"
    MAILED = "mailed"
    INHIBITED = "inhibited"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    SNOOZED = "snoozed"
    CLEARED = "cleared"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """What an alert is about; what does not apply is empty.

    `reason` is a value of MoveCause (changed, lost), UnplacedReason (unplaced), MismatchKind (mismatch, mismatch-detected),
    AtRiskRule (at-risk), FairnessGroup (fairness), Role (responsibility-gap), or the topic (parked) or tick (silent-source);
    of a shortage, what there is too little of. `cause` is the word that the matcher gives beside it. `site` of a lost or
    unplaced student is the site that was lost. `organisation` of a responsibility gap is where the role has nobody.
    """

    region: str
    student: str = ""
    institute: str = ""
    reason: str = ""
    subject: str | None = None
    site: str | None = None
    periods: tuple[str, ...] = ()
    starts: date | None = None
    reported_by: str | None = None
    previous_site: str | None = None
    supervisor: str | None = None
    sector: Sector | None = None
    tier: Tier | None = None
    group: str | None = None
    organisation: str | None = None
    cause: str | None = None
    since: date | None = None
    next_date: date | None = None
    levers: tuple[str, ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Care:
    """What people did with an alert: who took it on, how long it sleeps, to whom it was given, how far it was escalated.

    `acknowledged_for` is the organisation for which somebody did who is no contact, but signed in on the pages.
    """

    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: date | None = None
    handed_to: str | None = None
    step: int = 0
    acknowledged_for: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert per kind and subject; `revision` counts its news, and each revision is told once.

    `news_at` is when the newest news came, `told_at` when a mail last told of it, `look_at` when it may need a mail at once
    (None: no sooner than the digest), `escalate_at` when the next role hears unless somebody takes it on, `ended_at` when it
    was over. `turns` are the days on which it came back after it had been solved.
    """

    id: str
    kind: AlertKind
    case: Case
    state: AlertState
    revision: int
    sequence: int
    opened_at: datetime
    level: Level = Level.CRITICAL
    news: News = News.RAISED
    news_at: datetime | None = None
    told_at: datetime | None = None
    look_at: datetime | None = None
    care: Care = Care()
    turns: tuple[date, ...] = ()
    escalate_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_withdrawal(self) -> bool:
        """The student asks no place any more: the institute said so itself, only the school has yet to hear."""
        return self.kind is AlertKind.LOST and self.case.reason == MoveCause.STUDENT_WITHDRAWN

    @property
    def is_fact(self) -> bool:
        """Told once and then over."""
        return self.kind in FACTS or self.is_withdrawal

    @property
    def has_untold_news(self) -> bool:
        """Whether nobody was mailed of its newest news."""
        return self.told_at is None or (self.news_at is not None and self.told_at < self.news_at)

    @property
    def is_live(self) -> bool:
        """Whether what it is about still goes on."""
        return self.state not in {AlertState.CLEARED, AlertState.CLOSED}

    @property
    def is_critical(self) -> bool:
        """Whether it may be told at once."""
        return self.level is Level.CRITICAL


def alert_id(kind: AlertKind, subject: str) -> str:
    """The id of the one alert of this kind about this subject."""
    return f"{kind}/{subject}"
