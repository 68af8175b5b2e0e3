"""Systems of organisations in memory, and what they were told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.notifier.domain.contacts import PLATFORM, school_of
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.handing import Took, took_of
from services.notifier.domain.knowledge import KnownSite
from shared.webhooks.messages import DeliveryStatus
from tests.support.notifier_mails import MemoryMails

_OUTCOMES: Mapping[str, bool | None] = {DeliveryStatus.DELIVERED: True, DeliveryStatus.WAITING: None}


@dataclass
class System:
    """An address that is told, and whose it is (None: of whoever runs Leerplek)."""

    id: str
    owner: str | None
    is_active: bool = True


@dataclass
class Message:
    """What one address is told of one mail."""

    mail: str
    system: str
    told: Mapping[str, Any]
    status: str = DeliveryStatus.WAITING


class MemoryHanding(MemoryMails):
    """Keeps addresses and their messages; nothing is sent."""

    systems: dict[str, System]
    messages: list[Message]
    sites_by_id: dict[str, KnownSite]

    async def has_system(self, organisation: str) -> bool:
        return bool(self._wanting(organisation))

    async def tell_system(self, organisation: str, told: Mapping[str, Any]) -> None:
        self.messages += [Message(told["mail"], each.id, told) for each in self._wanting(organisation)]

    async def handed_mails(self, now: datetime, limit: int) -> Sequence[tuple[Mail, Took]]:
        found: list[tuple[Mail, Took]] = []
        for mail in sorted(self.mails_by_id.values(), key=lambda each: each.id):
            outcomes: dict[str, list[bool | None]] = {}
            for each in (each for each in self.messages if each.mail == mail.id):
                kept = outcomes.setdefault(each.told["organisation"], [])
                kept += [_OUTCOMES.get(each.status, False)] if each.system in self.systems else []
            took = took_of(outcomes)
            is_due = took is not Took.TRIED or (mail.rank == 0 and mail.next_try_at <= now)
            if mail.state is MailState.HANDED and is_due:
                found.append((mail, took))
        return found

    def _wanting(self, organisation: str) -> list[System]:
        site = self.sites_by_id.get(organisation)
        owners = {organisation, school_of(organisation), site.board if site else None} - {None}
        owners |= {None} if organisation == PLATFORM else set()
        return [each for each in self.systems.values() if each.is_active and each.owner in owners]
