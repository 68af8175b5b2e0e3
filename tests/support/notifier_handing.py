"""Systems of organisations in memory: there are none."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.notifier.domain.delivery import Mail
from services.notifier.domain.handing import Took


class MemoryHanding:
    """No organisation has a system, so every mail goes as a mail."""

    async def has_system(self, organisation: str) -> bool:
        return False

    async def tell_system(self, organisation: str, told: Mapping[str, Any]) -> None:
        raise AssertionError(f"{organisation} has no system")

    async def handed_mails(self) -> Sequence[Mail]:
        return []

    async def took(self, mail: str) -> Took:
        return Took.REFUSED
