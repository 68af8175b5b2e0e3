"""What giving mails to the systems of organisations asks of the store."""

from collections.abc import Mapping, Sequence
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

    async def handed_mails(self) -> Sequence[Mail]:
        """The mails that were given to systems and that nobody took yet, locked for change."""
        ...

    async def took(self, mail: str) -> Took:
        """Whether somebody took what this mail tells each organisation."""
        ...
