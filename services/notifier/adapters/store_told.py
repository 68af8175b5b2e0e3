"""Who was told of what, who did what, and of whom nobody is told any more, on SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.seals import ContactSeals
from services.notifier.adapters.statements import chunks
from services.notifier.adapters.tables import ErasedRow, NoticeRow
from services.notifier.domain.contacts import Role
from services.notifier.domain.notices import Told
from shared.persistence.statements import insert_rows
from shared.persistence.tables import AuditRow


class SqlTold:
    """One transaction's view of who was told."""

    _tx: AsyncSession
    _rows: HeldRows
    _seals: ContactSeals
    _now: datetime
    _actor: str

    async def told(self, alerts: Collection[str]) -> Sequence[Told]:
        found: list[Told] = []
        for ids in chunks(alerts):
            columns = (NoticeRow.alert, NoticeRow.revision, NoticeRow.role, NoticeRow.contact)
            wanted = select(*columns, NoticeRow.mail, NoticeRow.at).where(col(NoticeRow.alert).in_(ids))  # type: ignore[call-overload]
            for alert, revision, role, contact, mail, at in await self._tx.exec(wanted):
                found.append(Told(alert, revision, Role(role), contact, mail, at))
        return found

    async def save_told(self, told: Sequence[tuple[Told, str]]) -> None:
        rows = [
            {
                "alert": each.alert,
                "revision": each.revision,
                "role": each.role,
                "contact": each.contact,
                "mail": each.mail,
                "reason": reason,
                "at": each.at or self._now,
            }
            for each, reason in told
        ]
        await insert_rows(self._tx, NoticeRow, rows)

    async def untell(self, mails: Collection[str], alerts: Collection[str]) -> None:
        await self._tx.flush()
        for ids in chunks(mails):
            by_these = col(NoticeRow.mail).in_(ids)
            found = await self._tx.exec(select(NoticeRow.alert, NoticeRow.revision).where(by_these))
            for alert, revision in sorted({(alert, revision) for alert, revision in found if alert in alerts}):
                await self._tx.exec(delete(NoticeRow).where(by_these, col(NoticeRow.alert) == alert))
                # who heard of it otherwise, may have heard of it by such a mail
                otherwise = (col(NoticeRow.revision) == revision, col(NoticeRow.mail).is_(None))
                await self._tx.exec(delete(NoticeRow).where(col(NoticeRow.alert) == alert, *otherwise))

    async def is_erased(self, student: str) -> bool:
        return await self._rows.read(ErasedRow, self._seals.fingerprint(student)) is not None

    async def remember_erased(self, student: str) -> None:
        if not await self.is_erased(student):
            key = self._seals.fingerprint(student)
            await self._rows.keep(ErasedRow(student_key=key, at=self._now), key)
            await self._tx.flush()

    async def note(self, action: str, alert: str, by: str) -> None:
        self._tx.add(AuditRow(at=self._now, actor=by, action=action, aggregate=f"alert/{alert}", sequence=0))
