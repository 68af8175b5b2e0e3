"""Turns alerts whose time has come into mails: the stages, then compose and record, all in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.notifier.domain.alerts import Alert, AlertState
from services.notifier.domain.calendar import SchoolCalendar, start_of_day
from services.notifier.domain.contacts import Contact, Role
from services.notifier.domain.delivery import Mail
from services.notifier.domain.inhibiting import rivals_of
from services.notifier.domain.life import PENDING, tick
from services.notifier.domain.modes import Modes, reader
from services.notifier.domain.muting import WITHIN
from services.notifier.domain.notices import Told
from services.notifier.domain.rules import Rules
from services.notifier.domain.stages import Plan, Situation, plan_mails
from services.notifier.domain.unwritten import Unwritten
from services.notifier.domain.weeks import week_due, week_round
from services.notifier.handlers.gathering import gather_knowledge, gather_related
from services.notifier.handlers.raising import raise_gaps
from services.notifier.handlers.recording import record_dropped, record_mails, settled
from services.notifier.handlers.writing import Failure, WritingDesk
from services.notifier.ports import Store
from services.notifier.ports.posting import Composer
from shared.dutch import dutch_day

ROUND = "digest"
"""The round of a school day, by the name under which is kept when it was done."""
LOOKED_AT = 2_000
"""So many alerts in one pass, what is critical first; a flood takes several."""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What one pass did: the mails it wrote, the plan with its reasons, which drafts wait since a bug, and the new bugs.

    `look_again_at` is when the first of what it looked at is due again; None where nothing waits for its time. `looked_at` are
    the alerts that it looked at.
    """

    mails: tuple[Mail, ...]
    plan: Plan
    unwritten: tuple[Unwritten, ...] = ()
    failures: tuple[Failure, ...] = ()
    look_again_at: datetime | None = None
    looked_at: frozenset[str] = frozenset()


async def dispatch(store: Store, composer: Composer, now: datetime, rules: Rules) -> Dispatched:
    """Writes the mails that are due, and writes down who was told; what waits for the digest is left for that.

    A draft that meets a bug waits by itself, with its alerts open, and is tried again after a pause; the others go.
    """
    due = await store.due_alerts(now, LOOKED_AT)
    before = await _still_unwritten(store)
    if not due:
        return Dispatched((), Plan((), (), (), ()), tuple(before))
    ticked = [_tick(alert, rules.calendar, now) for alert in due]
    pending = [alert for alert in ticked if alert.state in PENDING]
    related = await gather_related(store, pending)
    told = await store.told({alert.id for alert in related})
    knowledge = await gather_knowledge(store, pending, now, related)
    modes = await store.modes()
    mailed = await mailed_lately(store, knowledge.contacts, modes, now)
    kept = await still_due(store, knowledge.contacts, modes, rules.calendar, dutch_day(now))
    situation = Situation(now, rules.group_wait, pending, related, told, rules.mails_per_day, mailed, modes, kept)
    plan, rivals = plan_mails(situation, knowledge), rivals_of(pending, related)
    desk = WritingDesk(composer, rivals, knowledge, now, modes, store.person_key, rules.calendar)
    desk.write(plan.drafts, before)
    unwritten = await _keep(store, before, desk, pending)
    recorded = await _record(store, plan, desk, told, now)
    waiting = {**plan.waiting, **{alert: each.next_try_at for each in unwritten for alert in each.alerts}}
    resting = [alert for alert in ticked if alert.state not in PENDING]
    before_pass = {alert.id: alert for alert in due}
    after = [*resting, *settled(pending, [*told, *recorded], waiting, rules, now, plan.dropped)]
    await store.save_alerts([alert for alert in after if alert != before_pass[alert.id]])
    await raise_gaps(store, plan.missing, now)
    mails = tuple(mail for _, mail in desk.written)
    again = min((at for at in waiting.values() if at is not None), default=None)
    return Dispatched(mails, plan, tuple(unwritten), tuple(desk.failures), again, frozenset(before_pass))


def _tick(alert: Alert, calendar: SchoolCalendar, now: datetime) -> Alert:
    """What was put off until a day without school sleeps until the next one."""
    region = alert.case.region
    is_over = alert.state is AlertState.SNOOZED and alert.look_at is not None and alert.look_at <= now
    if is_over and not calendar.is_school_day(region, dutch_day(now)):
        return replace(alert, look_at=calendar.next_digest(region, now))
    return tick(alert, now)


async def mailed_lately(
    store: Store, contacts: Sequence[Contact], modes: Modes, now: datetime
) -> dict[str, Sequence[datetime]]:
    """When each reader was mailed today or within the last hour."""
    readers = {reader(contact, modes) for contact in contacts}
    keys = {store.person_key(each): each for each in readers}
    found = await store.mailed_since(keys, min(start_of_day(now), now - WITHIN))
    return {keys[key]: moments for key, moments in found.items()}


async def still_due(
    store: Store, contacts: Sequence[Contact], modes: Modes, calendar: SchoolCalendar, today: date
) -> Mapping[str, int]:
    """How many mails this morning's round, until it is done, still has for each reader: a digest, and the weeks of their regions."""
    done = await store.round_done(ROUND)
    if done is not None and done >= today:
        return {}
    found = Counter({reader(contact, modes): 1 for contact in contacts})
    for contact in contacts:
        if contact.role is Role.PROGRAMME_MANAGER and contact.preferences.weekly:
            told_until = await store.round_done(week_round(contact.organisation))
            is_due = week_due(calendar, contact.organisation, today, told_until) is not None
            found[reader(contact, modes)] += is_due
    return found


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
