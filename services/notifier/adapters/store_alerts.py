"""Alerts on SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, case, cast, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from services.notifier.adapters.held_rows import HeldRows
from services.notifier.adapters.rows import alert_columns, alert_of
from services.notifier.adapters.statements import chunks
from services.notifier.adapters.tables import AlertRow
from services.notifier.domain.alerts import FACTS, Alert, AlertKind, AlertState, Level
from services.notifier.domain.life import PENDING
from services.notifier.domain.rules import REMINDED

IS_PENDING = col(AlertRow.state).in_(sorted(PENDING))
IS_LIVE = col(AlertRow.state).not_in([AlertState.CLEARED, AlertState.CLOSED])
CRITICAL_FIRST = case((col(AlertRow.level) == Level.CRITICAL, 0), else_=1)


class SqlAlerts:
    """One transaction's view of alerts."""

    _tx: AsyncSession
    _rows: HeldRows
    _now: datetime
    _locks: bool

    async def alert(self, alert: str) -> Alert | None:
        row = await self._rows.read(AlertRow, alert)
        return None if row is None else alert_of(row)

    async def alerts_in(self, alerts: Collection[str]) -> Sequence[Alert]:
        found: list[Alert] = []
        for ids in chunks(alerts):
            found += await self._locked(select(AlertRow).where(col(AlertRow.id).in_(ids)).order_by(col(AlertRow.id)))
        return found

    async def alerts_under(self, prefix: str) -> Sequence[Alert]:
        named = select(AlertRow).where(col(AlertRow.id).startswith(prefix, autoescape=True))
        return await self._locked(named.order_by(col(AlertRow.id)))

    async def alerts_of(self, student: str) -> Sequence[Alert]:
        held = self._rows.group(AlertRow, student)
        if held is not None:
            return [alert_of(row) for row in held if row.state != AlertState.CLOSED]
        about = (col(AlertRow.student) == student, col(AlertRow.state) != AlertState.CLOSED)
        return await self._locked(select(AlertRow).where(*about).order_by(col(AlertRow.id)))

    async def taken_on_by(self, contact: str) -> Sequence[Alert]:
        named = cast(col(AlertRow.care), String).contains(f'"{contact}"', autoescape=True)
        found = await self._locked(select(AlertRow).where(IS_LIVE, named).order_by(col(AlertRow.id)))
        return [each for each in found if each.care.acknowledged_by == contact]

    async def open_alerts(self) -> Sequence[Alert]:
        still_open = select(AlertRow).where(IS_PENDING, col(AlertRow.kind).not_in(sorted(FACTS)))
        return await self._read(still_open.order_by(col(AlertRow.opened_at), col(AlertRow.id)))

    async def due_alerts(self, now: datetime, limit: int) -> Sequence[Alert]:
        is_due = col(AlertRow.look_at) <= now
        due = select(AlertRow).where(is_due)
        ordered = due.order_by(CRITICAL_FIRST, col(AlertRow.look_at), col(AlertRow.id)).limit(limit)
        found = await self._locked(ordered)
        if not found or len(found) == limit:
            return found
        beside = select(AlertRow).where(IS_PENDING, col(AlertRow.look_at) > now).limit(limit - len(found))
        return found + await self._locked(beside.order_by(col(AlertRow.look_at), col(AlertRow.id)))

    async def news_alerts(self) -> Sequence[Alert]:
        news = select(AlertRow).where(or_(IS_PENDING, col(AlertRow.state) == AlertState.CLEARED))
        return await self._read(news.order_by(col(AlertRow.opened_at), col(AlertRow.id)))

    async def unchanged_since(self, moment: datetime) -> Sequence[Alert]:
        matters = (col(AlertRow.state).in_(sorted(REMINDED)), col(AlertRow.level) != Level.INFO)
        long_ago = select(AlertRow).where(*matters, col(AlertRow.told_at) < moment)
        return await self._locked(long_ago.order_by(col(AlertRow.id)))

    async def hidden_alerts(self) -> Sequence[Alert]:
        is_untold = or_(col(AlertRow.told_at).is_(None), col(AlertRow.told_at) < col(AlertRow.news_at))
        is_hidden = (col(AlertRow.state) == AlertState.INHIBITED, is_untold)
        hidden = select(AlertRow).where(*is_hidden, col(AlertRow.level) != Level.INFO)
        return await self._locked(hidden.order_by(col(AlertRow.id)))

    async def live_alerts(self, students: Collection[str]) -> Sequence[Alert]:
        found: list[Alert] = []
        for ids in chunks(students):
            live = select(AlertRow).where(col(AlertRow.student).in_(ids), col(AlertRow.state) != AlertState.CLOSED)
            found += await self._read(live.order_by(col(AlertRow.id)))
        return found

    async def live_of_kinds(self, kinds: Collection[AlertKind], regions: Collection[str]) -> Sequence[Alert]:
        found: list[Alert] = []
        for ids in chunks(regions):
            of_kinds = (col(AlertRow.kind).in_(sorted(kinds)), col(AlertRow.region).in_(ids))
            found += await self._read(select(AlertRow).where(*of_kinds, IS_LIVE).order_by(col(AlertRow.id)))
        return found

    async def alerts_of_week(self, region: str, since: datetime) -> Sequence[Alert]:
        lately = or_(IS_LIVE, col(AlertRow.opened_at) >= since, col(AlertRow.ended_at) >= since)
        return await self._read(
            select(AlertRow).where(col(AlertRow.region) == region, lately).order_by(col(AlertRow.id))
        )

    async def save_alert(self, alert: Alert) -> None:
        await self._rows.keep(AlertRow(id=alert.id, **alert_columns(alert)), alert.id)

    async def save_alerts(self, alerts: Sequence[Alert]) -> None:
        if not alerts:
            return
        self._rows.forget()
        await self._tx.flush()
        table = AlertRow.__table__  # type: ignore[attr-defined]
        rows = [{"key": alert.id, **alert_columns(alert)} for alert in alerts]
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "key"}
        connection = await self._tx.connection()
        await connection.execute(update(table).where(table.c.id == bindparam("key")).values(values), rows)
        self._tx.expire_all()

    async def look_again(self) -> None:
        self._rows.forget()
        waits = update(AlertRow).where(IS_PENDING, col(AlertRow.kind).not_in(sorted(FACTS)))
        await self._tx.exec(waits.values(look_at=self._now))

    async def _read(self, wanted: SelectOfScalar[AlertRow]) -> list[Alert]:
        return [alert_of(row) for row in await self._tx.exec(wanted)]

    async def _locked(self, wanted: SelectOfScalar[AlertRow]) -> list[Alert]:
        return await self._read(wanted.with_for_update() if self._locks else wanted)
