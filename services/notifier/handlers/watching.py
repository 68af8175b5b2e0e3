"""What the operator must know of Leerplek itself, told as alerts: messages put aside, and regions whose day does not begin any more."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.notifier.domain.alerts import AlertKind, Case, alert_id
from services.notifier.domain.contacts import PLATFORM
from services.notifier.domain.life import new_alert
from services.notifier.handlers.raising import end_alert, raise_alert
from services.notifier.ports import Store

SILENT_AFTER = timedelta(hours=26)
"""Capacity begins every region's day once a day; two hours more is no reason to wake anybody."""
WORSE, WORSE_AFTER, FAR_WORSE = 2, timedelta(days=1), 10
"""Twice as much as was told a day ago is worse, and ten times as much at any time: each message more is no reason for a mail."""


async def note_parked(store: Store, counts: Mapping[str, int], now: datetime) -> None:
    """By topic how many messages lie put aside: raised at the first, worse when there are far more, over when there are none."""
    for topic, parked in sorted(counts.items()):
        held = await store.alert(alert_id(AlertKind.PARKED, topic))
        before = held.case.figures if held and held.is_live else {}
        sequence = held.sequence + 1 if held else 1
        told = before.get("parked-told", before.get("parked", 0))
        if parked and parked != before.get("parked"):
            is_old = held is not None and held.news_at is not None and now - held.news_at >= WORSE_AFTER
            is_worse = bool(told) and parked >= told * (WORSE if is_old else FAR_WORSE)
            figures = {"parked": parked, "parked-told": told if told and not is_worse else parked}
            case = Case(PLATFORM, reason=topic, figures=figures)
            new = new_alert(AlertKind.PARKED, topic, case, sequence, now)
            await raise_alert(store, new, is_worse=is_worse)
        elif not parked and before:
            await end_alert(store, alert_id(AlertKind.PARKED, topic), now, sequence)


async def note_silence(store: Store, now: datetime) -> None:
    """A region whose day began before and has not for more than a day: whatever sends its events is silent."""
    for region in (await store.regions()).values():
        if region.heard_at is None:
            continue
        held = await store.alert(alert_id(AlertKind.SILENT, region.id))
        is_live, sequence = held is not None and held.is_live, held.sequence + 1 if held else 1
        hours = int((now - region.heard_at) / timedelta(hours=1))
        if now - region.heard_at <= SILENT_AFTER:
            if is_live:
                await end_alert(store, alert_id(AlertKind.SILENT, region.id), now, sequence)
        elif not is_live:
            case = Case(region.id, reason="day.started", figures={"hours": hours})
            await raise_alert(store, new_alert(AlertKind.SILENT, region.id, case, sequence, now))
