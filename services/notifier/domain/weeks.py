"""What a region's week was like, counted from its alerts."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from services.notifier.domain.alerts import FACTS, Alert, AlertKind, AlertState
from services.notifier.domain.life import severity
from services.notifier.domain.notices import Week
from shared.dutch import dutch_day

OLDEST = 10


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
        oldest=pressing[:OLDEST],
        unacknowledged=sum(alert.state in {AlertState.MAILED, AlertState.ESCALATED} for alert in live),
        mails=mails,
    )
