"""What routing and composing need to know about some alerts."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.notifier.domain.alerts import Alert
from services.notifier.domain.contacts import PLATFORM
from services.notifier.domain.inhibiting import COVERING, measured_levers
from services.notifier.domain.knowledge import Knowledge
from services.notifier.ports import Store
from shared.dutch import dutch_day

MANY = 300
"""Of more organisations than this, all contacts are read at once."""


async def gather_knowledge(
    store: Store, alerts: Sequence[Alert], now: datetime, related: Iterable[Alert] = ()
) -> Knowledge:
    """The regions, and the sites, places and contacts that these alerts concern; what helps is told by `related` ones."""
    places = await store.places({alert.case.student for alert in alerts if alert.case.student})
    wanted = {alert.case.site for alert in alerts} | {alert.case.previous_site for alert in alerts}
    wanted |= {place.site for place in places.values()}
    wanted |= {alert.case.organisation for alert in alerts if alert.case.organisation}
    organisations = wanted | {alert.case.institute for alert in alerts} | {alert.case.region for alert in alerts}
    named = {each for each in organisations if each} | {PLATFORM}
    contacts = await (store.contacts_of(named) if len(named) <= MANY else store.contacts())
    sites = await store.sites({site for site in wanted if site})
    return Knowledge(dutch_day(now), await store.regions(), sites, places, contacts, measured_levers(related))


async def gather_related(store: Store, alerts: Sequence[Alert]) -> list[Alert]:
    """These alerts, the other live ones about their students, and those that may say more about many."""
    found = {alert.id: alert for alert in alerts}
    for other in await store.live_alerts({alert.case.student for alert in alerts if alert.case.student}):
        found.setdefault(other.id, other)
    for other in await store.live_of_kinds(COVERING, {alert.case.region for alert in alerts}):
        found.setdefault(other.id, other)
    return list(found.values())
