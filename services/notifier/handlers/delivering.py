"""Hands mails to the mail server. Each turn is one transaction: what was tried is written down, and more is taken to be tried.

Between two turns every mail that was taken is offered once, each over a connection of its own. A process that dies there may
double the mails that its connections had just handed over, and no others.
"""

import asyncio
from collections.abc import Callable, Sequence
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
    RetryPolicy,
    settle,
)
from services.notifier.handlers.giving_up import give_up
from services.notifier.handlers.untelling import untell
from services.notifier.ports import Store
from services.notifier.ports.posting import Sender
from shared.clock import Clock
from shared.messaging.retry import until_possible
from shared.observability.bugs import bug_places

log = structlog.get_logger(__name__)

Transaction = Callable[[], AbstractAsyncContextManager[Store]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How mails are delivered."""

    transaction: Transaction
    policy: RetryPolicy
    lease: timedelta
    clock: Clock
    jitter: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Tried:
    """A mail that was offered to the mail server, and what the server said."""

    claim: Claim
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try as it was written down: the mail after it, None when somebody else had taken over."""

    claim: Claim
    outcome: Outcome
    mail: Mail | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What was written down, and what is to be tried now."""

    attempts: tuple[Attempt, ...]
    claims: tuple[Claim, ...]


async def take_turn(delivery: Delivery, tried: Sequence[Tried], room: int) -> Turn:
    """Writes down what was tried, and takes at most `room` mails that are due; raises TransientError only where nothing was tried."""
    if not tried:
        return await _turn(delivery, tried, room)
    # what was sent must be written down
    return await until_possible("database, for what was sent", lambda: _turn(delivery, tried, room))


async def try_one(sender: Sender, claim: Claim) -> Tried:
    """Offers a mail. A bug at one mail is told and that mail tried again later; the queue goes on."""
    if not claim.mail.email:
        return Tried(claim, Gone())
    try:
        return Tried(claim, await sender.send(claim.mail))
    except Exception as bug:  # noqa: BLE001  # named in the log, shown on the page, given up after a day
        log.error("mail met a bug", mail=claim.mail.id, kind=claim.mail.kind, bug=bug_places(bug))
        return Tried(claim, Later(f"onverwachte fout in Leerplek ({type(bug).__name__})", is_uncertain=True))


async def try_all(senders: Sequence[Sender], claims: Sequence[Claim]) -> list[Tried]:
    """Offers mails side by side, each over its own connection; there are at least as many senders as mails."""
    return list(await asyncio.gather(*(try_one(*each) for each in zip(senders, claims, strict=False))))


async def _turn(delivery: Delivery, tried: Sequence[Tried], room: int) -> Turn:
    now = delivery.clock()
    async with delivery.transaction() as store:
        attempts = await _record(delivery, store, tried)
        claims = await store.claim_mails(now, now + delivery.lease, str(uuid_utils.uuid7()), room) if room else ()
    return Turn(tuple(attempts), tuple(claims))


async def _record(delivery: Delivery, store: Store, tried: Sequence[Tried]) -> list[Attempt]:
    now = delivery.clock()
    accepted = [each.claim for each in tried if isinstance(each.outcome, Accepted)]
    ours = await store.mark_sent(accepted, now)
    attempts: list[Attempt] = []
    for each in tried:
        if isinstance(each.outcome, Accepted):
            sent = settle(each.claim.mail, each.outcome, now, delivery.policy, 0)
            after = sent if each.claim.mail.id in ours else None
        else:
            after = await _record_other(delivery, store, each)
        attempts.append(Attempt(each.claim, each.outcome, after))
    return attempts


async def _record_other(delivery: Delivery, store: Store, tried: Tried) -> Mail | None:
    """What was not accepted."""
    held = await store.claimed_mail(tried.claim.mail.id, tried.claim.token)
    if held is None:
        return None
    now = delivery.clock()
    after = settle(held, tried.outcome, now, delivery.policy, delivery.jitter())
    await store.save_mail(after)
    if after.state is MailState.CANCELLED:
        await untell(store, [after.id], now)
    elif after.state is MailState.FAILED:
        await give_up(store, after, tried.outcome, now)
    return after
