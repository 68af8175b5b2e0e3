"""What people ask: which mails were sent and why, and which alerts reach nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import Addressee
from services.notifier.domain.delivery import Mail
from services.notifier.domain.stages import Decision, Situation, route
from services.notifier.handlers.dispatching import gather_knowledge
from services.notifier.ports import Store
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Gap:
    """A role that nobody has, in a region without a programme manager: the alerts that therefore reach nobody."""

    kind: AlertKind
    region: str
    addressee: Addressee
    alerts: int
    since: datetime


async def find_mail(store: Store, mail: str) -> Mail:
    """A mail; raises NotFound."""
    held = await store.mail(mail)
    if held is None:
        raise NotFound("onbekend-bericht", "Dit bericht kennen we niet.")
    return held


async def find_gaps(store: Store, now: datetime) -> list[Gap]:
    """Where alerts reach nobody, the longest waiting first."""
    alerts = await store.open_alerts()
    if not alerts:
        return []
    told = await store.told({alert.id for alert in alerts})
    decisions: list[Decision] = []
    situation = Situation(now, timedelta(0), alerts, (), told)
    _, unreachable = route(situation, await gather_knowledge(store, alerts, now), decisions)
    return _gaps(unreachable)


def _gaps(unreachable: Sequence[tuple[Alert, Addressee]]) -> list[Gap]:
    grouped: dict[tuple[AlertKind, str, Addressee], list[Alert]] = {}
    for alert, addressee in unreachable:
        grouped.setdefault((alert.kind, alert.case.region, addressee), []).append(alert)
    gaps = [
        Gap(kind, region, addressee, len(alerts), min(alert.opened_at for alert in alerts))
        for (kind, region, addressee), alerts in grouped.items()
    ]
    return sorted(gaps, key=lambda gap: gap.since)
