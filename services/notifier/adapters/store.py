"""The notifier's store on SQL: alerts, who was told, and mails; with contacts and read models beside them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.rows import alert_of, case_columns, unwritten_of, unwritten_row
from services.notifier.adapters.seals import ContactSeals
from services.notifier.adapters.statements import chunks
from services.notifier.adapters.store_contacts import SqlContacts
from services.notifier.adapters.store_knowledge import SqlKnowledge
from services.notifier.adapters.store_mails import SqlMails
from services.notifier.adapters.tables import AlertRow, NoticeRow, UnwrittenRow
from services.notifier.domain.alerts import Alert, AlertState
from services.notifier.domain.contacts import Role
from services.notifier.domain.notices import Told
from services.notifier.domain.unwritten import Unwritten
from shared.security.sealing import Sealer


class SqlAlerts:
    """One transaction's view of alerts and of who was told."""

    _tx: AsyncSession
    _rows: HeldRows
    _now: datetime
    _locks: bool

    async def alert(self, alert: str) -> Alert | None:
        row = await self._rows.read(AlertRow, alert)
        return None if row is None else alert_of(row)

    async def alerts_of(self, student: str) -> Sequence[Alert]:
        live = (
            select(AlertRow)
            .where(col(AlertRow.student) == student, col(AlertRow.state) != AlertState.CLEARED)
            .order_by(col(AlertRow.id))
            .with_for_update()
        )
        return [alert_of(row) for row in await self._tx.exec(live)]

    async def open_alerts(self) -> Sequence[Alert]:
        still_open = select(AlertRow).where(col(AlertRow.state) == AlertState.OPEN)
        if self._locks:
            still_open = still_open.with_for_update()
        ordered = still_open.order_by(col(AlertRow.opened_at), col(AlertRow.id))
        return [alert_of(row) for row in await self._tx.exec(ordered)]

    async def live_alerts(self, students: Collection[str]) -> Sequence[Alert]:
        found: list[Alert] = []
        for ids in chunks(students):
            live = select(AlertRow).where(col(AlertRow.student).in_(ids), col(AlertRow.state) != AlertState.CLEARED)
            found.extend(alert_of(row) for row in await self._tx.exec(live.order_by(col(AlertRow.id))))
        return found

    async def save_alert(self, alert: Alert) -> None:
        row = AlertRow(
            id=alert.id,
            kind=alert.kind,
            region=alert.case.region,
            student=alert.case.student,
            case=case_columns(alert.case),
            state=alert.state,
            revision=alert.revision,
            sequence=alert.sequence,
            opened_at=alert.opened_at,
        )
        await self._rows.keep(row, alert.id)

    async def save_states(self, alerts: Sequence[Alert]) -> None:
        for state in AlertState:
            for ids in chunks([alert.id for alert in alerts if alert.state is state]):
                await self._tx.exec(update(AlertRow).where(col(AlertRow.id).in_(ids)).values(state=state))

    async def told(self, alerts: Collection[str]) -> Sequence[Told]:
        found: list[Told] = []
        for ids in chunks(alerts):
            rows = await self._tx.exec(select(NoticeRow).where(col(NoticeRow.alert).in_(ids)))
            found.extend(Told(row.alert, row.revision, Role(row.role), row.contact or None) for row in rows)
        return found

    async def save_told(self, told: Told, mail: str | None, reason: str) -> None:
        self._tx.add(
            NoticeRow(
                alert=told.alert,
                revision=told.revision,
                role=told.role,
                contact=told.contact or "",
                mail=mail,
                reason=reason,
                at=self._now,
            )
        )

    async def untell(self, mails: Collection[str]) -> None:
        for ids in chunks(mails):
            by_these = col(NoticeRow.mail).in_(ids)
            revisions = {(row.alert, row.revision) for row in await self._tx.exec(select(NoticeRow).where(by_these))}
            await self._tx.exec(delete(NoticeRow).where(by_these))
            for alert, revision in sorted(revisions):
                # who heard of it otherwise, may have heard of it by such a mail
                otherwise = (col(NoticeRow.revision) == revision, col(NoticeRow.contact) == "")
                await self._tx.exec(delete(NoticeRow).where(col(NoticeRow.alert) == alert, *otherwise))
                was_told = (col(AlertRow.revision) == revision, col(AlertRow.state) == AlertState.MAILED)
                reopened = update(AlertRow).where(col(AlertRow.id) == alert, *was_told)
                await self._tx.exec(reopened.values(state=AlertState.OPEN))

    async def unwritten(self) -> Sequence[Unwritten]:
        rows = select(UnwrittenRow).order_by(col(UnwrittenRow.since), col(UnwrittenRow.id))
        return [unwritten_of(row) for row in await self._tx.exec(rows)]

    async def keep_unwritten(self, unwritten: Sequence[Unwritten]) -> None:
        await self._tx.exec(delete(UnwrittenRow))
        self._tx.add_all([unwritten_row(each) for each in unwritten])
        await self._tx.flush()


class SqlStore(SqlContacts, SqlKnowledge, SqlAlerts, SqlMails):
    """One transaction's view of everything; `now` stamps what is written, `actor` is who asked; without `locks` it only reads."""

    def __init__(self, tx: AsyncSession, sealer: Sealer, now: datetime, actor: str, *, locks: bool = True) -> None:
        self._tx = tx
        self._seals = ContactSeals(tx, sealer)
        self._now = now
        self._actor = actor
        self._locks = locks
        self._rows = HeldRows(tx, locks=locks)
