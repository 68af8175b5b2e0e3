"""The rules of how fast people hear: one place to read them, and to set them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertState, Level
from services.notifier.domain.asking import asks
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.domain.routing import chain

REMIND_AFTER_DAYS = 7
"""Unchanged: at most once a week."""


@dataclass(frozen=True, slots=True)
class Rules:
    """New or worse and critical: after `group_wait`; else in the digest. Not taken on: after so many school days the next role."""

    group_wait: timedelta = timedelta(seconds=1)
    mails_per_day: int = 5
    critical_escalates_after: int = 2
    warning_escalates_after: int = 5
    calendar: SchoolCalendar = field(default_factory=SchoolCalendar)

    def escalation(self, alert: Alert, now: datetime) -> datetime | None:
        """When the next role hears of what is told now; None when there is none, or nothing has to be done."""
        if alert.is_fact or alert.level is Level.INFO or not goes_further(alert):
            return None
        days = self.critical_escalates_after if alert.is_critical else self.warning_escalates_after
        return self.calendar.after_school_days(alert.case.region, now, days)


def goes_further(alert: Alert) -> bool:
    """Whether there is a next role that it asks something of."""
    return any(asks(alert, each.role) for each in chain(alert)[alert.care.step :])


REMINDED = (AlertState.MAILED, AlertState.ACKNOWLEDGED)
"""Who heard of it hears once a week that it still goes on."""
