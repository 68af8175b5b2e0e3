"""Messages to the systems of organisations, on SQL, with the webhooks that every service has."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.tables import HandedRow, KnownSiteRow
from services.notifier.domain.handing import ALERT_TOLD, Took
from shared.security.sealing import Sealer
from shared.webhooks.messages import DeliveryStatus
from shared.webhooks.store import SqlWebhooks
from shared.webhooks.tables import DeliveryRow, WebhookRow

SCHOOL = slice(4)
"""Of the code of a site, the code of its school."""


class SqlHanding:
    """One transaction's view of what systems were given."""

    _tx: AsyncSession
    _sealer: Sealer
    _now: datetime

    async def has_system(self, organisation: str) -> bool:
        return bool(await self._wanting(organisation))

    async def tell_system(self, organisation: str, told: Mapping[str, Any]) -> None:
        wanting = await self._wanting(organisation)
        messages = await SqlWebhooks(self._tx, None, self._sealer).tell(wanting, ALERT_TOLD, told, self._now)
        self._tx.add_all([HandedRow(mail=told["mail"], organisation=organisation, message=each) for each in messages])

    async def _wanting(self, organisation: str) -> list[str]:
        """The addresses that want it."""
        site = await self._tx.get(KnownSiteRow, organisation)
        owners = {organisation, *((organisation[SCHOOL], site.board or "") if site is not None else ())} - {""}
        rows = await self._tx.exec(
            select(WebhookRow).where(col(WebhookRow.owner).in_(sorted(owners)), col(WebhookRow.is_active))
        )
        return [row.id for row in rows if not row.types or ALERT_TOLD in row.types]

    async def took(self, mail: str) -> Took:
        message = select(HandedRow.organisation, DeliveryRow.status).join(
            DeliveryRow, col(DeliveryRow.id) == col(HandedRow.message), isouter=True
        )
        by_organisation: dict[str, set[str | None]] = {}
        for organisation, status in await self._tx.exec(message.where(col(HandedRow.mail) == mail)):
            by_organisation.setdefault(organisation, set()).add(status)
        if by_organisation and all(DeliveryStatus.DELIVERED in each for each in by_organisation.values()):
            return Took.TAKEN
        is_tried = all(each & {DeliveryStatus.DELIVERED, DeliveryStatus.WAITING} for each in by_organisation.values())
        return Took.TRIED if by_organisation and is_tried else Took.REFUSED
