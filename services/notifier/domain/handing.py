"""What an organisation that wants no mail is told by its own system instead, and when it is mailed after all."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.notifier.domain.alerts import Alert
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.notices import Draft
from shared.short_code import short_code

ALERT_TOLD = "nl.leerplek.alert.told.v1"
"""The type of these messages."""
URGENT_AFTER = timedelta(minutes=10)
"""What is told at once waits no longer for a system to take it; the rest until the system is given up, after a day."""


class Took(StrEnum):
    """Whether each address that had to be told took it: all did, one never will, or it is still tried.

    An address that its organisation took away need not take it, as long as another of them is left.
    """

    TAKEN = "taken"
    REFUSED = "refused"
    TRIED = "tried"


def told_by_system(draft: Draft, mail: Mail) -> Mapping[str, Mapping[str, Any]]:
    """By organisation what its system is told: of its own alerts only, and of no person but by number."""
    found: dict[str, list[Alert]] = {}
    roles: dict[str, set[str]] = {}
    for notice in draft.notices:
        found.setdefault(notice.contact.organisation, []).append(notice.alert)
        roles.setdefault(notice.contact.organisation, set()).add(notice.contact.role)
    return {
        organisation: {
            "mail": mail.id,
            "organisation": organisation,
            "roles": sorted(roles[organisation]),
            "channel": mail.channel,
            "alerts": [_alert(each) for each in alerts],
        }
        for organisation, alerts in found.items()
    }


def handed(mail: Mail) -> Mail:
    """The mail that is given to a system; what is told at once is due as a mail when that takes too long."""
    due = mail.created_at + URGENT_AFTER if mail.rank == 0 else mail.next_try_at
    return replace(mail, state=MailState.HANDED, next_try_at=due)


def took_of(outcomes: Mapping[str, Collection[bool | None]]) -> Took:
    """What becomes of a mail whose messages were taken (True), are still tried (None), or will never be (False).

    By organisation, without those whose address was taken away.
    """
    if not outcomes or any(not each or False in each for each in outcomes.values()):
        return Took.REFUSED
    return Took.TRIED if any(None in each for each in outcomes.values()) else Took.TAKEN


def after_handing(mail: Mail, took: Took, now: datetime) -> Mail:
    """The mail that was given to systems: done, to be sent after all, or as it was."""
    if took is Took.TAKEN:
        return replace(mail, state=MailState.SENT, sent_at=now)
    if took is Took.REFUSED or (mail.rank == 0 and now >= mail.next_try_at):
        return replace(mail, state=MailState.WAITING, next_try_at=now, fell_back_at=now)
    return mail


def _alert(alert: Alert) -> dict[str, Any]:
    case = alert.case
    return {
        "id": alert.id,
        "kind": alert.kind,
        "level": alert.level,
        "news": alert.news,
        "revision": alert.revision,
        "region": case.region,
        "student": case.student,
        "code": short_code(case.student) if case.student else "",
        "institute": case.institute,
        "site": case.site,
        "supervisor": case.supervisor,
        "cause": case.reason,
        "opened_at": alert.opened_at.isoformat(),
    }
