"""Writes down who was told by which mail, and what that makes of the alerts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.notifier.domain.alerts import Alert
from services.notifier.domain.delivery import Mail
from services.notifier.domain.inhibiting import Dropped
from services.notifier.domain.life import conclude_alert, tell
from services.notifier.domain.notices import Draft, Notice, Told
from services.notifier.domain.rules import Rules
from services.notifier.handlers.handing import hand_over
from services.notifier.handlers.writing import WritingDesk
from services.notifier.ports import Store


async def record_mails(store: Store, written: Iterable[tuple[Draft, Mail]], now: datetime) -> list[Told]:
    """Keeps the mails, and by them who was told of what; where an organisation wants no mail its system is told."""
    pairs = await hand_over(store, written)
    await store.add_mails([mail for _, mail in pairs])
    told = [
        (_told(notice, mail.id, now), "stand-in" if notice.stands_in_for else "responsible")
        for draft, mail in pairs
        for notice in draft.notices
    ]
    await store.save_told(told)
    return [heard for heard, _ in told]


async def record_dropped(store: Store, dropped: Iterable[Dropped], told: Collection[Told], now: datetime) -> list[Told]:
    """Keeps who needs no mail, and why; `told` is what is known already."""
    done = {(each.alert, each.revision, each.role, each.contact) for each in told}
    recorded: list[tuple[Told, str]] = []
    for each in dropped:
        heard = _told(each.notice, None, now)
        key = (heard.alert, heard.revision, heard.role, heard.contact)
        if key not in done:
            done.add(key)
            recorded.append((heard, each.reason))
    await store.save_told(recorded)
    return [heard for heard, _ in recorded]


async def leave_out_doubles(store: Store, desk: WritingDesk) -> None:
    """A round that stopped halfway wrote to some people already: what came since waits for their next digest."""
    known = await store.known_keys([mail.dedupe_key for _, mail in desk.written])
    desk.written = [(draft, mail) for draft, mail in desk.written if mail.dedupe_key not in known]


def settled(
    alerts: Sequence[Alert],
    told: Sequence[Told],
    waiting: Mapping[str, datetime | None],
    rules: Rules,
    now: datetime,
    dropped: Iterable[Dropped] = (),
) -> list[Alert]:
    """The alerts after a pass: told, and done unless somebody still waits, who is looked at when `waiting` says.

    Of what was `dropped` for some since they know of many, the next role hears in its time.
    """
    of_many = {each.notice.alert.id for each in dropped if each.is_one_of_many}
    mailed = {(each.alert, each.revision) for each in told if each.mail is not None}
    after: list[Alert] = []
    for alert in alerts:
        was_mailed = (alert.id, alert.revision) in mailed
        known = tell(alert, now) if was_mailed else alert
        at = rules.escalation(alert, now)
        if alert.id in waiting:
            due = known.escalate_at or at if was_mailed else known.escalate_at
            after.append(replace(known, look_at=waiting[alert.id], escalate_at=due))
        else:
            is_one = alert.id in of_many
            after.append(conclude_alert(known, now, was_mailed=was_mailed, escalate_at=at, is_one_of_many=is_one))
    return after


def _told(notice: Notice, mail: str | None, now: datetime) -> Told:
    return Told(notice.alert.id, notice.alert.revision, notice.addressee.role, notice.contact.id, mail, now)
