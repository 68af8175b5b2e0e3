"""Messages to the systems of organisations, on SQL, with the webhooks that every service has."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_
from sqlmodel import col, select

from services.notifier.adapters.statements import chunks
from services.notifier.adapters.store_mails import SqlMails
from services.notifier.adapters.tables import HandedRow, KnownSiteRow, MailRow
from services.notifier.domain.contacts import PLATFORM, school_of
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.handing import ALERT_TOLD, Took, took_of
from shared.security.sealing import Sealer
from shared.webhooks.messages import DeliveryStatus
from shared.webhooks.store import SqlWebhooks
from shared.webhooks.tables import DeliveryRow, WebhookRow

_OWN_MESSAGE = col(DeliveryRow.id) == col(HandedRow.message)
_TOLD = select(HandedRow.mail, DeliveryRow.status).join(DeliveryRow, _OWN_MESSAGE, isouter=True)
"""Of each message the mail, and how far it is; no status where its address was taken away."""
_OUTCOMES: Mapping[str | None, bool | None] = {DeliveryStatus.DELIVERED: True, DeliveryStatus.WAITING: None}


class SqlHanding(SqlMails):
    """One transaction's view of what systems were given; the mails are read as all others."""

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
        owners = {organisation, school_of(organisation), site.board or "" if site is not None else ""} - {""}
        is_theirs: ColumnElement[bool] = col(WebhookRow.owner).in_(sorted(owners))
        if organisation == PLATFORM:
            is_theirs = or_(is_theirs, col(WebhookRow.owner).is_(None))
        rows = await self._tx.exec(select(WebhookRow).where(is_theirs, col(WebhookRow.is_active)))
        return [row.id for row in rows if not row.types or ALERT_TOLD in row.types]

    async def handed_mails(self, now: datetime, limit: int) -> Sequence[tuple[Mail, Took]]:
        is_handed = col(MailRow.state) == MailState.HANDED
        due = select(MailRow.id).where(is_handed, col(MailRow.rank) == 0, col(MailRow.next_try_at) <= now)
        mails = {*await self._tx.exec(due.order_by(col(MailRow.next_try_at)).limit(limit)), *await self._ended(limit)}
        rows: list[MailRow] = []
        outcomes: dict[str, list[bool | None]] = {}
        for ids in chunks(mails):
            held = select(MailRow).where(col(MailRow.id).in_(ids), is_handed).order_by(col(MailRow.id))
            rows += await self._tx.exec(held.with_for_update())
            for mail, status in await self._tx.exec(_TOLD.where(col(HandedRow.mail).in_(ids))):
                outcomes.setdefault(mail, []).append(_OUTCOMES.get(status, False))
        return [(mail, took_of(outcomes.get(mail.id, ()))) for mail in await self._mails_in(rows)]

    async def _ended(self, limit: int) -> Sequence[str]:
        """The mails of which no message is tried any more, or one never will be taken; what others still try is not read."""
        is_tried = col(DeliveryRow.status) == DeliveryStatus.WAITING
        is_refused = or_(col(DeliveryRow.status).is_(None), col(DeliveryRow.status) == DeliveryStatus.FAILED)
        ended = select(HandedRow.mail).join(DeliveryRow, _OWN_MESSAGE, isouter=True).group_by(col(HandedRow.mail))
        decided = or_(func.sum(case((is_tried, 1), else_=0)) == 0, func.sum(case((is_refused, 1), else_=0)) > 0)
        return (await self._tx.exec(ended.having(decided).order_by(col(HandedRow.mail)).limit(limit))).all()
