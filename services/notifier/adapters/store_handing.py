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
_TOLD = select(HandedRow.mail, HandedRow.organisation, DeliveryRow.status).join(DeliveryRow, _OWN_MESSAGE, isouter=True)
"""Of each message the mail, for whom it was, and how far it is; no status where its address was taken away."""
_OUTCOMES: Mapping[str, bool | None] = {DeliveryStatus.DELIVERED: True, DeliveryStatus.WAITING: None}


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
        outcomes: dict[str, dict[str, list[bool | None]]] = {}
        for ids in chunks(mails):
            held = select(MailRow).where(col(MailRow.id).in_(ids), is_handed).order_by(col(MailRow.id))
            rows += await self._tx.exec(held.with_for_update())
            for mail, organisation, status in await self._tx.exec(_TOLD.where(col(HandedRow.mail).in_(ids))):
                kept = outcomes.setdefault(mail, {}).setdefault(organisation, [])
                kept += [] if status is None else [_OUTCOMES.get(status, False)]
        return [(mail, took_of(outcomes.get(mail.id, {}))) for mail in await self._mails_in(rows)]

    async def _ended(self, limit: int) -> Sequence[str]:
        """The mails of which no message is tried any more, or one never will be taken; what others still try is not read."""
        tried = func.sum(case((col(DeliveryRow.status) == DeliveryStatus.WAITING, 1), else_=0))
        failed = func.sum(case((col(DeliveryRow.status) == DeliveryStatus.FAILED, 1), else_=0))
        kept = func.count(col(DeliveryRow.id))
        of_each = (
            select(
                HandedRow.mail, tried.label("tried"), case((or_(failed > 0, kept == 0), 1), else_=0).label("refused")
            )
            .join(DeliveryRow, _OWN_MESSAGE, isouter=True)
            .group_by(col(HandedRow.mail), col(HandedRow.organisation))
            .subquery()
        )
        decided = or_(func.sum(of_each.c.tried) == 0, func.sum(of_each.c.refused) > 0)
        ended = select(of_each.c.mail).group_by(of_each.c.mail).having(decided)
        return (await self._tx.exec(ended.order_by(of_each.c.mail).limit(limit))).all()
