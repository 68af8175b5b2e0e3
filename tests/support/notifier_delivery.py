"""Delivery without its loop: turn after turn, as `Deliverer` takes them, until nothing is due."""

from collections.abc import Sequence

from services.notifier.handlers.delivering import Attempt, Delivery, Tried, take_turn, try_one
from services.notifier.ports.posting import Sender


async def deliver_one(delivery: Delivery, sender: Sender) -> Attempt | None:
    """Tries one mail that is due; None when there is none."""
    attempts = await deliver_due(delivery, sender, most=1)
    return attempts[0] if attempts else None


async def deliver_due(
    delivery: Delivery, sender: Sender, *, side_by_side: int = 1, most: int = 10_000
) -> list[Attempt]:
    """Tries what is due, so many mails between two transactions, at most so many in all."""
    attempts: list[Attempt] = []
    tried: Sequence[Tried] = []
    while True:
        turn = await take_turn(delivery, tried, min(side_by_side, most - len(attempts) - len(tried)))
        attempts += turn.attempts
        if not turn.claims:
            return attempts
        tried = [await try_one(sender, claim) for claim in turn.claims]
