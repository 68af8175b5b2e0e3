"""Turns open alerts into mails: the stages, then compose and record, all in one transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import uuid_utils

from services.notifier.domain.alerts import Alert, conclude_alert
from services.notifier.domain.delivery import Mail
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters import write_letter
from services.notifier.domain.stages import (
    Draft,
    Plan,
    Situation,
    Told,
    addressees,
    plan_mails,
    rivals_of,
)
from services.notifier.ports import Composer, Store
from shared.dutch import dutch_day


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What one pass did: the mails it wrote and the plan with its reasons."""

    mails: tuple[Mail, ...]
    plan: Plan


async def dispatch(store: Store, composer: Composer, now: datetime, group_wait: timedelta) -> Dispatched:
    """Writes the mails that are due, and writes down who was told; alerts that reach nobody stay open."""
    alerts = await store.open_alerts()
    if not alerts:
        return Dispatched((), Plan((), (), (), ()))
    students = {alert.case.student for alert in alerts}
    related = await store.live_alerts(students)
    told = await store.told({alert.id for alert in related})
    knowledge = await gather_knowledge(store, alerts, now)
    plan = plan_mails(Situation(now, group_wait, alerts, related, told), knowledge)
    rivals = rivals_of(alerts, related)
    mails = [await _write(store, composer, draft, rivals, knowledge, now=now) for draft in plan.drafts]
    recorded = await _record(store, plan, mails)
    await _conclude(store, alerts, [*told, *recorded], knowledge)
    return Dispatched(tuple(mails), plan)


async def gather_knowledge(store: Store, alerts: Sequence[Alert], now: datetime) -> Knowledge:
    """What routing and composing need to know about these alerts."""
    places = await store.places({alert.case.student for alert in alerts})
    contacts = await store.contacts()
    wanted = {alert.case.site for alert in alerts} | {place.site for place in places.values()}
    wanted |= {contact.organisation for contact in contacts}
    sites = await store.sites({site for site in wanted if site})
    return Knowledge(dutch_day(now), await store.regions(), sites, places, contacts)


async def _write(
    store: Store, composer: Composer, draft: Draft, rivals: Mapping[str, Alert], knowledge: Knowledge, *, now: datetime
) -> Mail:
    letter = write_letter(draft, rivals, knowledge)
    contact = draft.contact
    mail = Mail(
        id=str(uuid_utils.uuid7()),
        dedupe_key=_dedupe_key(draft),
        kind=draft.kind,
        region=draft.region,
        role=contact.role,
        organisation=contact.organisation,
        contact=contact.id,
        email=contact.email,
        name=contact.name,
        subject=letter.subject,
        text=composer.text(letter),
        html=composer.html(letter),
        because=letter.because,
        thread=_digest(draft.kind, draft.region, contact.role, contact.organisation)[:32],
        students=len(draft.notices),
        created_at=now,
        next_try_at=now,
    )
    await store.add_mail(mail)
    return mail


def _dedupe_key(draft: Draft) -> str:
    """The same alerts in the same episodes for the same contact are the same mail."""
    parts = sorted(f"{notice.alert.id}@{notice.alert.episode}" for notice in draft.notices)
    return _digest(draft.contact.id, draft.role, *parts)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


async def _record(store: Store, plan: Plan, mails: Sequence[Mail]) -> list[Told]:
    recorded: list[Told] = []
    for draft, mail in zip(plan.drafts, mails, strict=True):
        for notice in draft.notices:
            told = Told(notice.alert.id, notice.alert.episode, notice.addressee.role, draft.contact.id)
            await store.save_told(told, mail.id, "stand-in" if notice.stands_in_for else "responsible")
            recorded.append(told)
    done = {(each.alert, each.episode, each.role) for each in recorded}
    for dropped in plan.dropped:
        notice = dropped.notice
        told = Told(notice.alert.id, notice.alert.episode, notice.addressee.role, None)
        if (told.alert, told.episode, told.role) not in done:
            done.add((told.alert, told.episode, told.role))
            await store.save_told(told, None, dropped.reason)
            recorded.append(told)
    return recorded


async def _conclude(store: Store, alerts: Sequence[Alert], told: Sequence[Told], knowledge: Knowledge) -> None:
    heard: dict[tuple[str, int], list[Told]] = {}
    for each in told:
        heard.setdefault((each.alert, each.episode), []).append(each)
    concluded: list[Alert] = []
    for alert in alerts:
        about_it = heard.get((alert.id, alert.episode), [])
        if {each.role for each in about_it} >= {each.role for each in addressees(alert, knowledge)}:
            was_mailed = any(each.contact is not None for each in about_it)
            concluded.append(conclude_alert(alert, was_mailed=was_mailed))
    await store.save_states(concluded)
