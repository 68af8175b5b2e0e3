"""Hands one mail after another to the mail server: claim, send, record, each its own short step."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import uuid_utils

from services.notifier.domain.delivery import Claim, Mail, Outcome, RetryPolicy, settle
from services.notifier.ports import Sender, Store
from shared.clock import Clock
from shared.messaging.retry import until_possible

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
    outcome = await delivery.sender.send(claim.mail)
    # what was sent must be written down
    after = await until_possible(
        f"database, for the outcome of mail {claim.mail.id}", lambda: _record(delivery, claim, outcome)
    )
    return Attempt(claim, outcome, after)


async def _record(delivery: Delivery, claim: Claim, outcome: Outcome) -> Mail | None:
    async with delivery.transaction() as store:
        held = await store.claimed_mail(claim.mail.id, claim.token)
        if held is None:
            return None
        after = settle(held, outcome, delivery.clock(), delivery.policy, delivery.jitter())
        await store.save_mail(after)
    return after
