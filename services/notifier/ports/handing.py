"""What giving mails to the systems of organisations asks of the store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from services.notifier.domain.delivery import Mail
from services.notifier.domain.handing import Took


class HandingStore(Protocol):
    """Messages to the systems of organisations, within one transaction."""

    async def has_system(self, organisation: str) -> bool:
        """Whether there is an address of this organisation, its school or its board that wants to be told."""
        ...

    async def tell_system(self, organisation: str, told: Mapping[str, Any]) -> None:
        """Puts a message in the queue for each address of this organisation, its school or its board that wants it."""
        ...

    async def handed_mails(self, now: datetime, limit: int) -> Sequence[tuple[Mail, Took]]:
        """Of the mails that were given to systems those that each of these took, or that one will not take, and those that are
        due as a mail: at most so many of either, locked for change.
        """
        ...
