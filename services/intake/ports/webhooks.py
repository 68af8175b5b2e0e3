"""What is kept of webhooks, and how a message leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.intake.domain.webhooks import Delivery, DeliveryStatus, Secrets, Try, Webhook


class Webhooks(Protocol):
    """Webhooks and their messages within one transaction, as one institute sees them; raises NotFound for those of others."""

    async def add(self, webhook: Webhook) -> None:
        """A new one, with a secret of its own."""
        ...

    async def get(self, webhook: str) -> Webhook:
        """One of them."""
        ...

    async def listed(self, after: str | None, limit: int) -> Sequence[Webhook]:
        """The first ones, by id, of those with an id beyond `after`."""
        ...

    async def save(self, webhook: Webhook) -> None:
        """Another address, other types, or off."""
        ...

    async def delete(self, webhook: str) -> None:
        """It, its secrets and its messages."""
        ...

    async def secrets(self, webhook: str) -> Secrets:
        """What its messages are signed with."""
        ...

    async def rotate(self, webhook: str, until: datetime) -> None:
        """A new secret; the old one signs too, until then."""
        ...

    async def tell(self, institute: str | None, type_name: str, data: Mapping[str, Any], now: datetime) -> int:
        """Puts a message for each webhook that wants it in the queue, in this transaction; how many.

        Only of students that are registered here.
        """
        ...

    async def ping(self, webhook: str, now: datetime) -> Delivery:
        """A message to try it out."""
        ...

    async def deliveries(
        self, webhook: str, status: DeliveryStatus | None, before: str | None, limit: int
    ) -> Sequence[Delivery]:
        """Its messages, newest first, of those with an id below `before`."""
        ...

    async def delivery(self, webhook: str, delivery: str) -> tuple[Delivery, Sequence[Try]]:
        """One message and every try."""
        ...

    async def resend(self, webhook: str, delivery: str, now: datetime) -> Delivery:
        """Puts a message that was delivered or given up in the queue again; raises Conflict for another."""
        ...

    async def take(self, now: datetime, lease: timedelta, limit: int) -> Sequence[tuple[Delivery, Webhook, Secrets]]:
        """Messages whose time has come, nobody else's for the time of the lease."""
        ...

    async def record(self, delivery: str, tried: Try) -> None:
        """What came of a try: delivered, the next one, given up; an address that is gone is told nothing more."""
        ...

    async def forget(self, before: datetime) -> None:
        """Deletes messages that ended before that."""
        ...


class Post(Protocol):
    """Sends one message and tells how that went; never raises for what the receiver does."""

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Try:
        """`number` and `at` of the try are the caller's to fill in."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...
