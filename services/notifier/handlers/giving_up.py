"""A mail failed for good: the operator must hear, and who had to hear by it must hear otherwise."""

from datetime import datetime

from services.notifier.domain.dead_letters import dead_letter
from services.notifier.domain.delivery import Mail, Outcome, Refused
from services.notifier.handlers.contacts import stop_address
from services.notifier.handlers.untelling import untell_facts
from services.notifier.ports import Store


async def give_up(store: Store, failed: Mail, outcome: Outcome, now: datetime, code: str = "") -> None:
    """All that follows from a mail that failed: where its address is no good, nothing more goes there; `code` is kept as why.

    Otherwise what goes on is escalated when nobody takes it on, and a fact, which nobody could take on, goes in the next digest.
    """
    await store.add_dead_letter(dead_letter(failed, now))
    if isinstance(outcome, Refused) and outcome.stops_address:
        await stop_address(store, failed, code or _code(outcome.reason), now)
    else:
        await untell_facts(store, [failed.id], now)


def _code(reason: str) -> str:
    """Of a refusal only its code is kept with the contact."""
    return reason.split(maxsplit=1)[0] if reason else "5"
