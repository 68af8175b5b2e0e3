"""Turns open alerts into mails: the stages, then compose and record, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.domain.alerts import Alert, conclude_alert
from services.notifier.domain.delivery import Mail
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.notices import Told
from services.notifier.domain.stages import Plan, Situation, addressees, plan_mails, rivals_of
from services.notifier.domain.unwritten import Unwritten, owed_to
from services.notifier.handlers.writing import Failure, WritingDesk
from services.notifier.ports import Composer, Store
from shared.dutch import dutch_day


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What one pass did: the mails it wrote, the plan with its reasons, which drafts wait since a bug, and the new bugs."""

    mails: tuple[Mail, ...]
    plan: Plan
    unwritten: tuple[Unwritten, ...] = ()
    failures: tuple[Failure, ...] = ()


async def dispatch(store: Store, composer: Composer, now: datetime, group_wait: timedelta) -> Dispatched:
    """Writes the mails that are due, and writes down who was told; alerts that reach nobody stay open.

    A draft that meets a bug waits by itself, with its alerts open, and is tried again after a pause; the others go.
    """
    alerts = await store.open_alerts()
    before = await store.unwritten()
    if not alerts:
        await _keep(store, before, ())
        return Dispatched((), Plan((), (), (), ()))
    students = {alert.case.student for alert in alerts}
    related = await store.live_alerts(students)
    told = await store.told({alert.id for alert in related})
    knowledge = await gather_knowledge(store, alerts, now)
    plan = plan_mails(Situation(now, group_wait, alerts, related, told, owed_to(before)), knowledge)
    desk = WritingDesk(composer, rivals_of(alerts, related), knowledge, now)
    desk.write(plan.drafts, before)
    for _, mail in desk.written:
        await store.add_mail(mail)
    await _keep(store, before, desk.unwritten)
    recorded = await _record(store, plan, desk, told)
    waiting = {alert for each in desk.unwritten for alert in each.alerts}
    await _conclude(store, [each for each in alerts if each.id not in waiting], [*told, *recorded], knowledge)
    mails = tuple(mail for _, mail in desk.written)
    return Dispatched(mails, plan, tuple(desk.unwritten), tuple(desk.failures))


async def gather_knowledge(store: Store, alerts: Sequence[Alert], now: datetime) -> Knowledge:
    """What routing and composing need to know about these alerts."""
    places = await store.places({alert.case.student for alert in alerts})
    contacts = await store.contacts()
    wanted = {alert.case.site for alert in alerts} | {place.site for place in places.values()}
    wanted |= {contact.organisation for contact in contacts}
    sites = await store.sites({site for site in wanted if site})
    return Knowledge(dutch_day(now), await store.regions(), sites, places, contacts)


async def _keep(store: Store, before: Sequence[Unwritten], after: Sequence[Unwritten]) -> None:
    if set(before) != set(after):
        await store.keep_unwritten(after)


async def _record(store: Store, plan: Plan, desk: WritingDesk, told: Sequence[Told]) -> list[Told]:
    recorded: list[Told] = []
    for draft, mail in desk.written:
        for notice in draft.notices:
            heard = Told(notice.alert.id, notice.alert.revision, notice.addressee.role, draft.contact.id)
            await store.save_told(heard, mail.id, "stand-in" if notice.stands_in_for else "responsible")
            recorded.append(heard)
    done = {(each.alert, each.revision, each.role) for each in [*told, *recorded]}
    for dropped in plan.dropped:
        notice = dropped.notice
        heard = Told(notice.alert.id, notice.alert.revision, notice.addressee.role, None)
        if (heard.alert, heard.revision, heard.role) not in done and not desk.owes(notice):
            done.add((heard.alert, heard.revision, heard.role))
            await store.save_told(heard, None, dropped.reason)
            recorded.append(heard)
    return recorded


async def _conclude(store: Store, alerts: Sequence[Alert], told: Sequence[Told], knowledge: Knowledge) -> None:
    heard: dict[tuple[str, int], list[Told]] = {}
    for each in told:
        heard.setdefault((each.alert, each.revision), []).append(each)
    concluded: list[Alert] = []
    for alert in alerts:
        about_it = heard.get((alert.id, alert.revision), [])
        if {each.role for each in about_it} >= {each.role for each in addressees(alert, knowledge)}:
            was_mailed = any(each.contact is not None for each in about_it)
            concluded.append(conclude_alert(alert, was_mailed=was_mailed))
    await store.save_states(concluded)
