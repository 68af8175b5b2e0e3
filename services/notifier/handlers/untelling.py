"""A mail that will not arrive told nobody: what it was about is open again, for the same people or for who comes in their place."""

from collections.abc import Collection, Sequence
from datetime import datetime

from services.notifier.domain.alerts import Alert
from services.notifier.domain.knowledge import StudentPlace
from services.notifier.domain.life import reopen
from services.notifier.ports import Store


async def untell(store: Store, mails: Collection[str], now: datetime) -> None:
    """Of everything in these mails somebody must hear anew, unless it is over or has other news since."""
    await _untell(store, mails, now, facts_alone=False)


async def untell_facts(store: Store, mails: Collection[str], now: datetime) -> None:
    """The facts in these mails are told anew in the next digest; what goes on is escalated by itself when nobody takes it on."""
    await _untell(store, mails, now, facts_alone=True)


async def _untell(store: Store, mails: Collection[str], now: datetime, *, facts_alone: bool) -> None:
    told = [each for mail in sorted(mails) for each in await store.told_by(mail)]
    alerts = await store.alerts_in({each.alert for each in told})
    wanted = [alert for alert in alerts if alert.is_fact or not facts_alone]
    await store.untell(mails, {alert.id for alert in wanted})
    newest = {(each.alert, each.revision) for each in told}
    open_again = [alert for alert in wanted if (alert.id, alert.revision) in newest]
    still_told = {(each.alert, each.revision) for each in await store.told({alert.id for alert in open_again})}
    places = await store.places({alert.case.student for alert in open_again if alert.is_fact})
    reopened = [
        reopen(alert, now, is_told=(alert.id, alert.revision) in still_told)
        for alert in open_again
        if not (alert.is_fact and _is_outdated(alert, places.get(alert.case.student)))
    ]
    before: Sequence[Alert] = open_again
    await store.save_alerts([alert for alert in reopened if alert not in before])


def _is_outdated(fact: Alert, place: StudentPlace | None) -> bool:
    """Whether the plan said something else of the student since; that a place is free until the student has it again."""
    if place is None:
        return False
    return place.site == fact.case.site if fact.is_withdrawal else place.sequence > fact.sequence
