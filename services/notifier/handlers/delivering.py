"""Hands one mail after another to the mail server: claim, send, record, each its own short step."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import structlog
import uuid_utils

from services.notifier.domain.delivery import (
    Accepted,
    Claim,
    Gone,
    Later,
    Mail,
    MailState,
    Outcome,
    Refused,
    RetryPolicy,
    settle,
)
from services.notifier.handlers.contacts import stop_address
from services.notifier.ports import Alarm, Sender, Store
from shared.clock import Clock
from shared.messaging.retry import until_possible
from shared.observability.bugs import bug_places

log = structlog.get_logger(__name__)

Transaction = Callable[[], AbstractAsyncContextManager[Store]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How mails are delivered."""

    transaction: Transaction
    sender: Sender
    policy: RetryPolicy
    lease: timedelta
    clock: Clock
    jitter: Callable[[], float]
    alarm: Alarm


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: what was claimed, what the server said, and the mail after it (None: somebody else had taken over)."""

    claim: Claim
    outcome: Outcome
    mail: Mail | None


async def deliver_one(delivery: Delivery) -> Attempt | None:
    """Tries one mail that is due; None when there is none."""
    now = delivery.clock()
    async with delivery.transaction() as store:
        claim = await store.claim_mail(now, now + delivery.lease, str(uuid_utils.uuid7()))
    if claim is None:
        return None
    outcome = await _send(delivery.sender, claim.mail) if claim.mail.email else Gone()
    # what was sent must be written down
    after = await until_possible(
        f"database, for the outcome of mail {claim.mail.id}", lambda: _record(delivery, claim, outcome)
    )
    if after is not None and after.state is MailState.FAILED:
        await delivery.alarm.dead_letter(after)
    return Attempt(claim, outcome, after)


async def _send(sender: Sender, mail: Mail) -> Outcome:
    """A bug at one mail is told and that mail tried again later; the queue goes on."""
    try:
        return await sender.send(mail)
    except Exception as bug:  # noqa: BLE001  # named in the log, shown on the page, given up after a day
        log.error("mail met a bug", mail=mail.id, kind=mail.kind, bug=bug_places(bug))
        return Later(f"onverwachte fout in Leerplek ({type(bug).__name__})", is_uncertain=True)


async def _record(delivery: Delivery, claim: Claim, outcome: Outcome) -> Mail | None:
    now = delivery.clock()
    async with delivery.transaction() as store:
        if isinstance(outcome, Accepted):
            is_ours = await store.mark_sent(claim.mail.id, claim.token, now)
            return settle(claim.mail, outcome, now, delivery.policy, 0) if is_ours else None
        held = await store.claimed_mail(claim.mail.id, claim.token)
        if held is None:
            return None
        after = settle(held, outcome, now, delivery.policy, delivery.jitter())
        await store.save_mail(after)
        if after.state is MailState.CANCELLED:
            await store.untell([after.id])
        elif isinstance(outcome, Refused) and outcome.stops_address:
            await stop_address(store, after, _code(outcome.reason))
    return after


def _code(reason: str) -> str:
    """Of a refusal only its code is kept with the contact."""
    return reason.split(maxsplit=1)[0] if reason else "5"
