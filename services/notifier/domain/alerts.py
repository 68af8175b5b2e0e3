"""The life of an alert: opened, told or told otherwise, cleared, and opened anew; older events change nothing."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.placements import MoveCause


class AlertKind(StrEnum):
    """What people are told about."""

    LOST = "lost"
    UNPLACED = "unplaced"
    MISMATCH = "mismatch"


class AlertState(StrEnum):
    """Open until everybody who must hear of it has been mailed, or has heard of it by another alert."""

    OPEN = "open"
    MAILED = "mailed"
    INHIBITED = "inhibited"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Case:
    """What an alert is about. `reason` is a value of MoveCause, UnplacedReason or MismatchKind, by the kind of alert."""

    region: str
    student: str
    institute: str
    reason: str
    subject: str | None = None
    site: str | None = None
    periods: tuple[str, ...] = ()
    starts: date | None = None
    reported_by: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert per kind and subject; `episode` counts how often it was opened, and each episode is told once."""

    id: str
    kind: AlertKind
    case: Case
    state: AlertState
    episode: int
    sequence: int
    opened_at: datetime

    @property
    def is_withdrawal(self) -> bool:
        """The student asks no place any more: the institute said so itself, only the school has yet to hear."""
        return self.kind is AlertKind.LOST and self.case.reason == MoveCause.STUDENT_WITHDRAWN


def alert_id(kind: AlertKind, subject: str) -> str:
    """The id of the one alert of this kind about this subject."""
    return f"{kind}/{subject}"


def withdrawal_id(student: str, site: str) -> str:
    """The id of the alert that this school has a place free again since this student withdrew."""
    return alert_id(AlertKind.LOST, _withdrawal(student, site))


def new_withdrawal(case: Case, sequence: int, now: datetime) -> Alert:
    """The alert for the site of the case that its student withdrew; its sequence is that of the student's place."""
    return new_alert(AlertKind.LOST, _withdrawal(case.student, case.site or ""), case, sequence, now)


def open_alert(held: Alert | None, new: Alert) -> Alert:
    """The alert after it was raised or worsened; what was told already is not told again before it has been cleared."""
    if held is None:
        return new
    if new.sequence <= held.sequence:
        return held
    if held.state is AlertState.CLEARED:
        return replace(new, episode=held.episode + 1)
    return replace(held, case=new.case, sequence=new.sequence)


def new_alert(kind: AlertKind, subject: str, case: Case, sequence: int, now: datetime) -> Alert:
    """An alert in its first episode."""
    return Alert(alert_id(kind, subject), kind, case, AlertState.OPEN, 1, sequence, now)


def clear_alert(held: Alert, sequence: int | None = None) -> Alert:
    """The alert after its cause is gone; `sequence` is None when another aggregate's event says so."""
    if sequence is None:
        return replace(held, state=AlertState.CLEARED)
    if sequence <= held.sequence:
        return held
    return replace(held, state=AlertState.CLEARED, sequence=sequence)


def conclude_alert(held: Alert, *, was_mailed: bool) -> Alert:
    """The alert when nobody is left to be told."""
    if held.state is not AlertState.OPEN:
        return held
    return replace(held, state=AlertState.MAILED if was_mailed else AlertState.INHIBITED)


def _withdrawal(student: str, site: str) -> str:
    return f"withdrawn-{site}-{student}"
