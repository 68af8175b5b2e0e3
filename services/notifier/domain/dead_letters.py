"""A mail that was given up, as the operator is told of it: without any person or address."""

from dataclasses import dataclass
from datetime import datetime

from services.notifier.domain.delivery import Mail


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One mail that failed for good; `kind` is "several" where it was about several, `gone` the roads by which it was told."""

    mail: str
    kind: str
    channel: str
    region: str
    role: str
    organisation: str
    attempts: int
    reason: str
    at: datetime
    gone: frozenset[str] = frozenset()


def dead_letter(mail: Mail, now: datetime) -> DeadLetter:
    """What the operator is told of a mail that was given up now."""
    return DeadLetter(
        mail.id,
        mail.kind or "several",
        mail.channel,
        mail.region,
        mail.role,
        mail.organisation,
        mail.attempts,
        mail.reason or "",
        now,
    )
