"""Turns alerts whose time has come into mails: the stages, then compose and record, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notifier.domain.alerts import Alert
from services.notifier.domain.calendar import start_of_day
from services.notifier.domain.delivery import Mail
from services.notifier.domain.inhibiting import rivals_of
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.life import PENDING, tick
from services.notifier.domain.modes import Modes, reader
from services.notifier.domain.muting import WITHIN
from services.notifier.domain.notices import Told
from services.notifier.domain.rules import Rules
from services.notifier.domain.stages import Plan, Situation, plan_mails
from services.notifier.domain.unwritten import Unwritten
from services.notifier.handlers.gathering import gather_knowledge, gather_related
from services.notifier.handlers.raising import raise_gaps
from services.notifier.handlers.recording import record_dropped, record_mails, settled
from services.notifier.handlers.writing import Failure, WritingDesk
from services.notifier.ports import Composer, Store

LOOKED_AT = 2_000
"""So many alerts in one pass, what is critical first; a flood takes several."""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What one pass did: the mails it wrote, the plan with its reasons, which drafts wait since a bug, and the new bugs."""

    mails: tuple[Mail, ...]
    plan: Plan
    unwritten: tuple[Unwritten, ...] = ()
    failures: tuple[Failure, ...] = ()


async def dispatch(store: Store, composer: Composer, now: datetime, rules: Rules) -> Dispatched:
    """Writes the mails that are due, and writes down who was told; what waits for the digest is left for that.

    A draft that meets a bug waits by itself, with its alerts open, and is tried again after a pause; the others go.
    """
    due = await store.due_alerts(now, LOOKED_AT)
    before = await _still_unwritten(store)
    if not due:
        return Dispatched((), Plan((), (), (), ()), tuple(before))
    ticked = [tick(alert, now) for alert in due]
    pending = [alert for alert in ticked if alert.state in PENDING]
    related = await gather_related(store, pending)
    told = await store.told({alert.id for alert in related})
    knowledge = await gather_knowledge(store, pending, now)
    modes = await store.modes()
    mailed = await mailed_lately(store, knowledge, modes, now)
    situation = Situation(now, rules.group_wait, pending, related, told, rules.mails_per_day, mailed, modes)
    plan, rivals = plan_mails(situation, knowledge), rivals_of(pending, related)
    desk = WritingDesk(composer, rivals, knowledge, now, modes, store.person_key, rules.calendar)
    desk.write(plan.drafts, before)
    unwritten = await _keep(store, before, desk, pending)
    recorded = await _record(store, plan, desk, told, now)
    waiting = {**plan.waiting, **{alert: each.next_try_at for each in unwritten for alert in each.alerts}}
    resting = [alert for alert in ticked if alert.state not in PENDING]
    before_pass = {alert.id: alert for alert in due}
    after = [*resting, *settled(pending, [*told, *recorded], waiting, rules, now)]
    await store.save_alerts([alert for alert in after if alert != before_pass[alert.id]])
    await raise_gaps(store, plan.missing, now)
    mails = tuple(mail for _, mail in desk.written)
    return Dispatched(mails, plan, tuple(unwritten), tuple(desk.failures))


async def mailed_lately(
    store: Store, knowledge: Knowledge, modes: Modes, now: datetime
) -> dict[str, Sequence[datetime]]:
    """When each reader was mailed today or within the last hour."""
    readers = {reader(contact, modes) for contact in knowledge.contacts}
    keys = {store.person_key(each): each for each in readers}
    found = await store.mailed_since(keys, min(start_of_day(now), now - WITHIN))
    return {keys[key]: moments for key, moments in found.items()}


async def _still_unwritten(store: Store) -> list[Unwritten]:
    """The mails that could not be written of which somebody must still hear."""
    held = await store.unwritten()
    if not held:
        return []
    alerts = await store.alerts_in({alert for each in held for alert in each.alerts})
    pending = {alert.id for alert in alerts if alert.state in PENDING}
    left = [each for each in held if pending & set(each.alerts)]
    if len(left) < len(held):
        await store.keep_unwritten(left)
    return left


async def _keep(
    store: Store, before: Sequence[Unwritten], desk: WritingDesk, looked_at: Sequence[Alert]
) -> list[Unwritten]:
    """Those that failed now, and those whose pause lasts."""
    seen = {alert.id for alert in looked_at}
    now_failed = {each.id for each in desk.unwritten}
    resting = [each for each in before if not seen & set(each.alerts) and each.id not in now_failed]
    after = [*resting, *desk.unwritten]
    if set(before) != set(after):
        await store.keep_unwritten(after)
    return after


async def _record(store: Store, plan: Plan, desk: WritingDesk, told: Sequence[Told], now: datetime) -> list[Told]:
    recorded = await record_mails(store, desk.written, now)
    heard = [each for each in plan.dropped if not desk.owes(each.notice)]
    return recorded + await record_dropped(store, heard, [*told, *recorded], now)
