"""The notifier's store on SQL: alerts, who was told, and mails; with contacts and read models beside them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.rows import alert_of, case_columns, mail_of
from services.notifier.adapters.store_knowledge import SqlContacts, SqlKnowledge, chunks
from services.notifier.adapters.tables import AlertRow, MailRow, NoticeRow
from services.notifier.domain.alerts import Alert, AlertState
from services.notifier.domain.contacts import Role
from services.notifier.domain.delivery import Claim, Mail, MailState
from services.notifier.domain.stages import Told
from services.notifier.ports import MailFilter


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
            episode=alert.episode,
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
            found.extend(Told(row.alert, row.episode, Role(row.role), row.contact or None) for row in rows)
        return found

    async def save_told(self, told: Told, mail: str | None, reason: str) -> None:
        self._tx.add(
            NoticeRow(
                alert=told.alert,
                episode=told.episode,
                role=told.role,
                contact=told.contact or "",
                mail=mail,
                reason=reason,
                at=self._now,
            )
        )


class SqlMails:
    """One transaction's view of mails."""

    _tx: AsyncSession
    _locks: bool

    async def add_mail(self, mail: Mail) -> None:
        fields = {name: getattr(mail, name) for name in MailRow.model_fields if hasattr(mail, name)}
        self._tx.add(MailRow(**fields))
        await self._tx.flush()

    async def mail(self, mail: str) -> Mail | None:
        row = await self._tx.get(MailRow, mail)
        return None if row is None else mail_of(row)

    async def mails(self, wanted: MailFilter) -> Sequence[Mail]:
        found = select(MailRow).order_by(col(MailRow.id).desc()).limit(wanted.limit)
        if wanted.state is not None:
            found = found.where(col(MailRow.state) == wanted.state)
        if wanted.kind is not None:
            found = found.where(col(MailRow.kind) == wanted.kind)
        if wanted.organisation is not None:
            found = found.where(col(MailRow.organisation) == wanted.organisation)
        if wanted.before is not None:
            found = found.where(col(MailRow.id) < wanted.before)
        return [mail_of(row) for row in await self._tx.exec(found)]

    async def claim_mail(self, now: datetime, lease_until: datetime, token: str) -> Claim | None:
        is_due = and_(col(MailRow.state) == MailState.WAITING, col(MailRow.next_try_at) <= now)
        is_abandoned = and_(col(MailRow.state) == MailState.SENDING, col(MailRow.lease_until) < now)
        next_one = (
            select(MailRow)
            .where(or_(is_due, is_abandoned))
            .order_by(col(MailRow.next_try_at), col(MailRow.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = (await self._tx.exec(next_one)).first()
        if row is None:
            return None
        is_repeat = row.state == MailState.SENDING
        row.state, row.attempts, row.claim, row.lease_until = MailState.SENDING, row.attempts + 1, token, lease_until
        self._tx.add(row)
        return Claim(mail_of(row), token, is_repeat)

    async def claimed_mail(self, mail: str, token: str) -> Mail | None:
        row = await self._tx.get(MailRow, mail, with_for_update=True)
        if row is None or row.state != MailState.SENDING or row.claim != token:
            return None
        return mail_of(row)

    async def save_mail(self, mail: Mail) -> None:
        row = await self._tx.get(MailRow, mail.id)
        if row is None:
            raise LookupError(f"mail {mail.id} is not there")
        row.state, row.reason, row.sent_at, row.next_try_at = mail.state, mail.reason, mail.sent_at, mail.next_try_at
        row.claim, row.lease_until = None, None
        self._tx.add(row)


class SqlStore(SqlContacts, SqlKnowledge, SqlAlerts, SqlMails):
    """One transaction's view of everything; `now` stamps what is written, `actor` is who asked; without `locks` it only reads."""

    def __init__(self, tx: AsyncSession, now: datetime, actor: str, *, locks: bool = True) -> None:
        self._tx = tx
        self._now = now
        self._actor = actor
        self._locks = locks
        self._rows = HeldRows(tx, locks=locks)
