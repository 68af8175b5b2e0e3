"""Webhooks: an address that hears of what concerns its owner, the messages to it, and how long each is tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from shared.errors import Conflict

PING = "nl.leerplek.webhook.tested.v1"
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 300, 1_800, 7_200, 18_000, 28_800, 28_800))
"""Between one try and the next: nine tries in 24 hours."""
LONGEST_WAIT = timedelta(hours=8)
BOTH_VALID = timedelta(hours=24)
"""So long after a rotation messages are signed with the old secret too."""

GONE = 410


class DeliveryStatus(StrEnum):
    """Waiting for its next try, taken by the receiver, or given up."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told; `owner` is whose (None: of whoever runs Leerplek), `types` are the only ones it wants (empty: all)."""

    id: str
    owner: str | None
    url: str
    types: tuple[str, ...]
    is_active: bool
    version: int
    created_at: datetime

    def wants(self, type_name: str) -> bool:
        """Whether this is told to it."""
        return self.is_active and (not self.types or type_name in self.types)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What messages are signed with, newest first."""

    current: str
    previous: str | None
    previous_until: datetime | None

    def valid(self, now: datetime) -> Sequence[str]:
        """Those that sign now."""
        is_both = self.previous is not None and self.previous_until is not None and now < self.previous_until
        return [self.current, *([str(self.previous)] if is_both else [])]


@dataclass(frozen=True, slots=True)
class Try:
    """One try: what was answered, or what went wrong, and in how many milliseconds."""

    number: int
    at: datetime
    status: int | None
    error: Literal["", "address", "connect", "timeout", "answer"]
    ms: int
    retry_after_s: int | None = None

    @property
    def is_taken(self) -> bool:
        """The receiver has it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one webhook; its id stays the same however often it is sent."""

    id: str
    webhook: str
    type: str
    body: str
    status: DeliveryStatus
    tries: int
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None = None


def after(tried: Try) -> tuple[DeliveryStatus, datetime | None]:
    """What becomes of a message after this try, and when the next one is."""
    if tried.is_taken:
        return DeliveryStatus.DELIVERED, None
    if tried.status == GONE or tried.number > len(WAITS):
        return DeliveryStatus.FAILED, None
    wait = WAITS[tried.number - 1]
    if tried.retry_after_s is not None:
        wait = min(max(wait, timedelta(seconds=tried.retry_after_s)), LONGEST_WAIT)
    return DeliveryStatus.WAITING, tried.at + wait


def check_can_resend(delivery: Delivery) -> None:
    """Raises Conflict while it is on its way anyhow."""
    if delivery.status is DeliveryStatus.WAITING:
        raise Conflict("nog-onderweg", "Dit bericht wordt nog geprobeerd. Opnieuw sturen kan als dat klaar is.")
