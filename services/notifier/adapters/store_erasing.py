"""What names a student who is erased, on SQL."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.tables import AlertRow, HandedRow, MailRow, MentionRow, NoticeRow
from services.notifier.domain.erasing import Written
from shared.short_code import short_code
from shared.webhooks.naming import forget_messages_naming


class SqlErasing:
    """One transaction's view of what is to go."""

    _tx: AsyncSession
    _rows: HeldRows

    async def written_about(self, student: str) -> Sequence[Written]:
        await self._tx.flush()
        about = select(AlertRow.id).where(col(AlertRow.student) == student)
        told = select(NoticeRow.mail).where(col(NoticeRow.alert).in_(about), col(NoticeRow.mail).is_not(None))
        others = select(NoticeRow.mail).where(col(NoticeRow.alert).not_in(about), col(NoticeRow.mail).in_(told))
        shared = set(await self._tx.exec(others))
        found = [
            Written(row.id, row.text, row.html, row.invitation, row.id in shared)
            for row in await self._tx.exec(select(MailRow).where(col(MailRow.id).in_(told)).order_by(col(MailRow.id)))
        ]
        untied = select(MailRow).where(_is_untied(), _names(student)).order_by(col(MailRow.id))
        return [
            *found,
            *(
                Written(row.id, row.text, row.html, row.invitation, row.students != 1)
                for row in await self._tx.exec(untied)
            ),
        ]

    async def rewrite(self, written: Written) -> None:
        row = await self._tx.get(MailRow, written.id)
        if row is not None:
            row.text, row.html, row.invitation = written.text, written.html, written.invitation
            self._tx.add(row)

    async def erase_mail(self, mail: str) -> None:
        await self._tx.exec(delete(MentionRow).where(col(MentionRow.mail) == mail))
        await self._tx.exec(delete(HandedRow).where(col(HandedRow.mail) == mail))
        await self._tx.exec(update(NoticeRow).where(col(NoticeRow.mail) == mail).values(mail=None))
        await self._tx.exec(delete(MailRow).where(col(MailRow.id) == mail))

    async def erase_alerts(self, student: str) -> None:
        await self._tx.flush()
        about = select(AlertRow.id).where(col(AlertRow.student) == student)
        await self._tx.exec(delete(NoticeRow).where(col(NoticeRow.alert).in_(about)))
        await self._tx.exec(delete(AlertRow).where(col(AlertRow.student) == student))
        await forget_messages_naming(self._tx, student)
        self._rows.forget()


def _is_untied() -> ColumnElement[bool]:
    """A summary of a week tells of alerts without telling anybody; of what did not arrive nobody was told."""
    return ~select(NoticeRow.mail).where(col(NoticeRow.mail) == col(MailRow.id)).exists()


def _names(student: str) -> ColumnElement[bool]:
    names = (student, short_code(student))
    return or_(
        *(
            col(column).contains(each, autoescape=True)
            for each in names
            for column in (MailRow.text, MailRow.invitation)
        )
    )
