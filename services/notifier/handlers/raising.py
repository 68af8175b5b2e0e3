"""Opens and clears alerts in the store; of who was erased nobody ever hears again."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.notifier.domain.alerts import FACTS, Alert, AlertKind, Case, alert_id
from services.notifier.domain.contacts import Addressee, Contact, Role
from services.notifier.domain.life import clear_alert, close_alert, new_alert, open_alert
from services.notifier.handlers.gathering import gather_knowledge
from services.notifier.ports import Store


async def raise_alert(store: Store, new: Alert, *, is_worse: bool = False) -> None:
    """Opens an alert, unless its student was erased."""
    if new.case.student and await store.is_erased(new.case.student):
        return
    held = await store.alert(new.id)
    after = open_alert(held, new, is_worse=is_worse)
    if after != held:
        await store.save_alert(after)


async def end_alert(store: Store, alert: str, now: datetime, sequence: int | None) -> None:
    """Its cause is gone: who heard of it hears so."""
    held = await store.alert(alert)
    if held is not None and (after := clear_alert(held, now, sequence)) != held:
        await store.save_alert(after)


async def close_all_of(store: Store, student: str, now: datetime, *, but_withdrawals: bool = False) -> None:
    """Nobody needs to hear anything more about this student."""
    for alert in await store.alerts_of(student):
        if not (but_withdrawals and alert.is_withdrawal):
            await store.save_alert(close_alert(alert, now))


async def tell_fact(store: Store, kind: AlertKind, case: Case, sequence: int, now: datetime) -> None:
    """What is so now, in place of what was so before and nobody had heard yet: one line for a student, not three.

    Who had not heard of a first place hears of the place it has become as the first.
    """
    facts = [
        alert for alert in await store.alerts_of(case.student) if alert.kind in FACTS and alert.sequence < sequence
    ]
    if kind is AlertKind.CHANGED and any(each.kind is AlertKind.PROPOSED and each.told_at is None for each in facts):
        kind = AlertKind.PROPOSED
    for alert in facts:
        if alert.kind is not kind:
            await store.save_alert(close_alert(alert, now))
    await raise_alert(store, new_alert(kind, case.student, case, sequence, now))


async def withdraw_facts(store: Store, student: str, now: datetime) -> None:
    """What nobody had heard yet is so no longer."""
    for alert in await store.alerts_of(student):
        if alert.kind in FACTS:
            await store.save_alert(close_alert(alert, now))


async def raise_gaps(store: Store, missing: Iterable[tuple[Alert, Addressee]], now: datetime) -> None:
    """That nobody who can be reached has a role is an alert itself, once, until somebody comes."""
    for region, addressee in {(alert.case.region, addressee): None for alert, addressee in missing}:
        if addressee.role is Role.OPERATOR:
            continue
        subject = f"{addressee.role}.{addressee.organisation}.{region}"
        held = await store.alert(alert_id(AlertKind.GAP, subject))
        if held is not None and held.is_live:
            continue
        case = Case(region, reason=addressee.role, organisation=addressee.organisation)
        sequence = held.sequence + 1 if held else 1
        await raise_alert(store, new_alert(AlertKind.GAP, subject, case, sequence, now))


async def close_gaps_of(store: Store, contact: Contact, now: datetime) -> None:
    """The contact was kept: perhaps somebody can be reached for its role now."""
    under = await store.alerts_under(f"{AlertKind.GAP}/{contact.role}.{contact.organisation}.")
    await _close_reachable(store, [alert for alert in under if alert.is_live], now)


async def close_gaps(store: Store, now: datetime) -> None:
    """A day begins: perhaps somebody is back."""
    await _close_reachable(store, await store.live_of_kinds({AlertKind.GAP}, [*await store.regions()]), now)


async def _close_reachable(store: Store, gaps: Sequence[Alert], now: datetime) -> None:
    knowledge = await gather_knowledge(store, gaps, now) if gaps else None
    for gap in gaps:
        addressee = Addressee(Role(gap.case.reason), gap.case.organisation or "")
        if knowledge is not None and knowledge.reachable(addressee):
            await end_alert(store, gap.id, now, gap.sequence + 1)
