"""What people ask: which mails were sent and why, which alerts reach nobody, and who hears what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import Addressee, Contact
from services.notifier.domain.decisions import Decision
from services.notifier.domain.delivery import Mail
from services.notifier.domain.routing import route
from services.notifier.domain.subscriptions import Hearing, Subscription, subscriptions, who_hears
from services.notifier.handlers.belonging import is_of
from services.notifier.handlers.contacts import find_contact
from services.notifier.handlers.gathering import gather_knowledge
from services.notifier.ports import Store
from shared.dutch import dutch_day
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Gap:
    """A role that nobody has, in a region where nobody can stand in: the alerts that therefore reach nobody."""

    kind: AlertKind
    region: str
    addressee: Addressee
    alerts: int
    since: datetime


async def find_mail(store: Store, mail: str, organisation: str | None = None) -> Mail:
    """A mail, for this organisation (None: for whoever runs Leerplek); raises NotFound, also for another's."""
    held = await store.mail(mail)
    if held is None or not await is_of(store, [held.organisation], organisation):
        raise NotFound("onbekend-bericht", "Dit bericht kennen we niet.")
    return held


async def find_gaps(store: Store, now: datetime) -> list[Gap]:
    """Where alerts reach nobody, the longest waiting first."""
    alerts = [alert for alert in await store.open_alerts() if alert.kind is not AlertKind.GAP]
    if not alerts:
        return []
    told = await store.told({alert.id for alert in alerts})
    decisions: list[Decision] = []
    return _gaps(route(alerts, told, await gather_knowledge(store, alerts, now), decisions).unreachable)


async def find_subscriptions(store: Store, contact: str) -> tuple[Contact, list[Subscription]]:
    """A contact, and everything that they hear of and why; raises NotFound."""
    held = await find_contact(store, contact)
    return held, subscriptions(held)


async def find_hearings(store: Store, organisation: str, now: datetime) -> list[Hearing]:
    """Who hears what in an organisation, and where nobody does; raises NotFound when no organisation has such a code."""
    found = who_hears(organisation, await store.contacts(organisation), dutch_day(now))
    if not found:
        raise NotFound("onbekende-organisatie", "Dit is geen code van een opleiding, school of regio.")
    return found


def _gaps(unreachable: Sequence[tuple[Alert, Addressee]]) -> list[Gap]:
    grouped: dict[tuple[AlertKind, str, Addressee], list[Alert]] = {}
    for alert, addressee in unreachable:
        grouped.setdefault((alert.kind, alert.case.region, addressee), []).append(alert)
    gaps = [
        Gap(kind, region, addressee, len(alerts), min(alert.opened_at for alert in alerts))
        for (kind, region, addressee), alerts in grouped.items()
    ]
    return sorted(gaps, key=lambda gap: gap.since)
