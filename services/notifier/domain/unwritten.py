"""A mail that cannot be written: it waits by itself, its alerts stay open, and it is tried again after a pause that grows."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import RetryPolicy
from services.notifier.domain.notices import Draft

PAUSES = RetryPolicy(timedelta(seconds=5), timedelta(minutes=10), timedelta.max, factor=2)
"""At least every ten minutes: a mended cause should not wait longer, and a try costs some milliseconds."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """One draft, by contact, role, kind and region, that could not become a mail."""

    id: str
    contact: str
    role: Role
    organisation: str
    kind: AlertKind | None
    region: str
    alerts: tuple[str, ...]
    students: tuple[str, ...]
    attempts: int
    since: datetime
    next_try_at: datetime


def draft_id(draft: Draft) -> str:
    """The same for every draft of one kind, channel and region for one contact in one role, whatever alerts are in it."""
    parts = (draft.contact.id, draft.role, draft.kind or draft.channel, draft.region)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def put_off(draft: Draft, before: Unwritten | None, now: datetime) -> Unwritten:
    """The draft after a try that failed."""
    attempts = before.attempts + 1 if before else 1
    return Unwritten(
        id=draft_id(draft),
        contact=draft.contact.id,
        role=draft.role,
        organisation=draft.contact.organisation,
        kind=draft.kind,
        region=draft.region,
        alerts=_alerts(draft),
        students=_students(draft),
        attempts=attempts,
        since=before.since if before else now,
        next_try_at=now + PAUSES.pause(attempts, 1.0),
    )


def still_put_off(draft: Draft, before: Unwritten) -> Unwritten:
    """The draft while its pause lasts, with the alerts that are in it now."""
    return replace(before, alerts=_alerts(draft), students=_students(draft))


def _alerts(draft: Draft) -> tuple[str, ...]:
    return tuple(notice.alert.id for notice in draft.notices)


def _students(draft: Draft) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notice.alert.case.student for notice in draft.notices))
