"""What people do with an alert: take it on, put it off until a day, give it to somebody who is concerned."""

from datetime import date, datetime

from services.notifier.domain import life
from services.notifier.domain.alerts import Alert
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.routing import may_have
from services.notifier.handlers.contacts import find_contact
from services.notifier.handlers.gathering import gather_knowledge
from services.notifier.ports import Store
from shared.errors import DomainError, NotFound


async def find_alert(store: Store, alert: str) -> Alert:
    """An alert, locked for change; raises NotFound."""
    held = await store.alert(alert)
    if held is None:
        raise NotFound("onbekende-melding", "Deze melding kennen we niet.")
    return held


async def acknowledge(store: Store, alert: str, by: str, now: datetime, organisation: str | None = None) -> Alert:
    """The contact `by` takes it on, or somebody who signed in for an organisation; raises DomainError when it is over."""
    held = await find_alert(store, alert)
    return await _keep(store, held, life.acknowledge(held, by, now, organisation), "alert.acknowledged", by)


async def snooze(store: Store, alert: str, by: str, until: date, now: datetime) -> Alert:
    """Nobody hears of it before that morning, unless it gets worse; raises DomainError without a fair end."""
    held = await find_alert(store, alert)
    return await _keep(store, held, life.snooze(held, until, now, digest_time(until)), "alert.snoozed", by)


async def hand_over(store: Store, alert: str, by: str, to: str, now: datetime) -> Alert:
    """Not mine: `to` alone is told of it from now on; raises DomainError when that contact is not concerned by it."""
    held, contact = await find_alert(store, alert), await find_contact(store, to)
    if contact.organisation not in may_have(held, await gather_knowledge(store, [held], now)):
        detail = "Geef de melding aan iemand van de opleiding, de school of de regio waar het over gaat."
        raise DomainError("niet-betrokken", detail)
    return await _keep(store, held, life.hand_over(held, to, now), "alert.handed-over", by)


async def _keep(store: Store, held: Alert, after: Alert, action: str, by: str) -> Alert:
    if after != held:
        await store.save_alert(after)
        await store.note(action, held.id, by)
    return after
