"""What a region's week was like, counted from its alerts."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from services.notifier.domain.alerts import FACTS, Alert, AlertKind, AlertState, Level
from services.notifier.domain.calendar import SchoolCalendar
from services.notifier.domain.life import severity
from services.notifier.domain.notices import Week
from shared.dutch import dutch_day

OLDEST = 10
LONGEST = timedelta(weeks=12)
"""A summary looks back no further than this, whenever the last one was: longer than any holiday."""


def week_due(calendar: SchoolCalendar, region: str, today: date, told_until: date | None) -> tuple[date, date] | None:
    """First and last day of what is summarised today; None where nothing is.

    On the first school day of a week all is told since the last summary, so that the week before a holiday is told after it.
    What could not be told that day is told on the next school day. `told_until` None: there was no summary yet.
    """
    start, until = last_week(today)
    monday = until + timedelta(days=1)
    earlier = (monday + timedelta(days=number) for number in range(today.weekday()))
    if not calendar.is_school_day(region, today):
        return None
    if told_until is None and any(calendar.is_school_day(region, day) for day in earlier):
        return None
    if told_until is None:
        while until - start < LONGEST and not any(
            calendar.is_school_day(region, start + timedelta(days=number)) for number in range(7)
        ):
            start -= timedelta(days=7)
        return start, until
    if told_until >= until:
        return None
    return max(told_until + timedelta(days=1), until - LONGEST), until


def week_round(region: str) -> str:
    """Under what name is kept until which day this region was summarised."""
    return f"week/{region}"


def last_week(today: date) -> tuple[date, date]:
    """Monday and Sunday of the week before this one."""
    monday = today - timedelta(days=today.weekday() + 7)
    return monday, monday + timedelta(days=6)


def summarise_week(alerts: Sequence[Alert], region: str, start: date, until: date, mails: int) -> Week:
    """The week of this region; facts count as raised and are never live."""
    own = [alert for alert in alerts if alert.case.region == region]
    raised = [alert for alert in own if start <= dutch_day(alert.opened_at) <= until]
    ended = [alert for alert in own if alert.ended_at is not None and start <= dutch_day(alert.ended_at) <= until]
    live = [alert for alert in own if alert.is_live and alert.kind not in FACTS]
    days = Counter(dutch_day(alert.opened_at) for alert in raised)
    pressing = sorted(live, key=lambda each: (-severity(each.level), each.opened_at, each.id))
    return Week(
        region=region,
        start=start,
        until=until,
        raised=Counter(alert.kind for alert in raised),
        cleared=Counter(alert.kind for alert in ended if alert.kind not in FACTS),
        live=Counter(alert.kind for alert in live),
        by_day={
            day: days[day] for day in (start + timedelta(days=number) for number in range((until - start).days + 1))
        },
        unplaced_by_reason=Counter(alert.case.reason for alert in live if alert.kind is AlertKind.UNPLACED),
        shortages=[alert.case for alert in pressing if alert.kind is AlertKind.SHORTAGE],
        oldest=sorted(
            (alert for alert in live if alert.level is not Level.INFO), key=lambda each: (each.opened_at, each.id)
        )[:OLDEST],
        unacknowledged=sum(
            alert.is_critical and alert.state in {AlertState.MAILED, AlertState.ESCALATED} for alert in live
        ),
        mails=mails,
    )
