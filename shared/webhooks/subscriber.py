"""Who asks about webhooks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who asks: the name by which Idempotency-Keys are told apart, and whose webhooks there are for them (None: everybody's)."""

    name: str
    owner: str | None


Asks = Callable[..., Awaitable[Subscriber]]
"""A dependency that gives whoever asks, when their token is good for webhooks."""
