"""Removes closed alerts and mails that have outlived their use, on SQL."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.statements import chunks
from services.notifier.adapters.tables import AlertRow, HandedRow, MailRow, MentionRow, NoticeRow
from services.notifier.domain.alerts import AlertState
from services.notifier.domain.delivery import MailState

ON_THEIR_WAY = (MailState.WAITING, MailState.SENDING)


class SqlOutlived:
    """One transaction's view of what is old."""

    _tx: AsyncSession
    _rows: HeldRows

    async def forget_alerts(self, ended_before: datetime, limit: int) -> int:
        self._rows.forget()
        is_over = (col(AlertRow.state) == AlertState.CLOSED, col(AlertRow.ended_at) < ended_before)
        oldest = select(AlertRow.id).where(*is_over, ~_is_on_its_way()).order_by(col(AlertRow.ended_at)).limit(limit)
        alerts = (await self._tx.exec(oldest)).all()
        mails: set[str] = set()
        for some in chunks(alerts):
            of_these = col(NoticeRow.alert).in_(some)
            told = select(NoticeRow.mail).where(of_these, col(NoticeRow.mail).is_not(None)).distinct()
            mails |= {mail for mail in await self._tx.exec(told) if mail is not None}
            await self._tx.exec(delete(NoticeRow).where(of_these))
            await self._tx.exec(delete(AlertRow).where(col(AlertRow.id).in_(some)))
        for some in chunks(mails):  # with its alert goes the key by which a mail is written once
            untied = select(MailRow.id).where(col(MailRow.id).in_(some), ~_tells())
            await self._drop_mails((await self._tx.exec(untied)).all())
        return len(alerts)

    async def forget_mails(self, written_before: datetime, limit: int) -> int:
        is_done = (col(MailRow.created_at) < written_before, col(MailRow.state).not_in(ON_THEIR_WAY))
        oldest = select(MailRow.id).where(*is_done, ~_tells()).order_by(col(MailRow.created_at)).limit(limit)
        mails = (await self._tx.exec(oldest)).all()
        await self._drop_mails(mails)
        return len(mails)

    async def _drop_mails(self, mails: Collection[str]) -> None:
        for some in chunks(mails):
            await self._tx.exec(delete(HandedRow).where(col(HandedRow.mail).in_(some)))
            await self._tx.exec(delete(MentionRow).where(col(MentionRow.mail).in_(some)))
            await self._tx.exec(delete(MailRow).where(col(MailRow.id).in_(some)))


def _tells() -> ColumnElement[bool]:
    """Somebody was told of an alert by this mail."""
    return select(NoticeRow.alert).where(col(NoticeRow.mail) == col(MailRow.id)).exists()


def _is_on_its_way() -> ColumnElement[bool]:
    """A mail about this alert is yet to go."""
    waiting = select(MailRow.id).join(NoticeRow, col(NoticeRow.mail) == col(MailRow.id))
    return waiting.where(col(NoticeRow.alert) == col(AlertRow.id), col(MailRow.state).in_(ON_THEIR_WAY)).exists()
