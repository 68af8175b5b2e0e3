"""What comes back by mail: a report that a mail did not arrive."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from services.notifier.domain.bounces import Bounce, outcome_of
from services.notifier.domain.delivery import Mail, MailState, RetryPolicy, settle
from services.notifier.handlers.giving_up import give_up
from services.notifier.ports import Store


@dataclass(frozen=True, slots=True)
class Returns:
    """How what comes back is dealt with."""

    policy: RetryPolicy
    jitter: Callable[[], float]


async def take_bounce(store: Store, mail: str, bounce: Bounce, now: datetime, returns: Returns) -> Mail | None:
    """The mail after the report: waiting again, or failed; None when it changes nothing, as the second report does."""
    outcome = outcome_of(bounce)
    held = await store.mail(mail) if outcome is not None else None
    if held is None or outcome is None or held.state is not MailState.SENT:
        return None
    after = replace(settle(held, outcome, now, returns.policy, returns.jitter()), sent_at=None)
    await store.save_mail(after)
    if after.state is MailState.FAILED:
        await give_up(store, after, outcome, now, bounce.status)
    return after
