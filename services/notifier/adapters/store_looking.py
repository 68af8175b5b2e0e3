"""What people look at, on SQL."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.rows import alert_of
from services.notifier.adapters.tables import AlertRow, ContactRow, KnownRegionRow, KnownSiteRow, NoticeRow
from services.notifier.domain.alerts import FACTS, Alert, AlertState
from services.notifier.domain.contacts import Role, is_part_of
from services.notifier.domain.notices import Told
from services.notifier.ports.looking import AlertFilter, Done
from shared.persistence.tables import AuditRow

OVER = (AlertState.CLEARED, AlertState.CLOSED)


class SqlLooking:
    """One transaction's view of what the pages show."""

    _tx: AsyncSession

    async def alerts_where(self, wanted: AlertFilter) -> Sequence[Alert]:
        found = select(AlertRow).where(*_conditions(wanted)).limit(wanted.limit)
        ordered = found.order_by(col(AlertRow.opened_at).desc(), col(AlertRow.id).desc())
        return [alert_of(row) for row in await self._tx.exec(ordered)]

    async def told_by(self, mail: str) -> Sequence[Told]:
        rows = select(NoticeRow).where(col(NoticeRow.mail) == mail)
        ordered = rows.order_by(col(NoticeRow.alert), col(NoticeRow.contact), col(NoticeRow.role))
        found = await self._tx.exec(ordered)
        return [Told(row.alert, row.revision, Role(row.role), row.contact, row.mail, row.at) for row in found]

    async def done_with(self, alert: str) -> Sequence[Done]:
        rows = select(AuditRow).where(col(AuditRow.aggregate) == f"alert/{alert}").order_by(col(AuditRow.id))
        return [Done(row.at, row.action, row.actor) for row in await self._tx.exec(rows)]

    async def organisations(self, begin: str, limit: int) -> Sequence[str]:
        columns = (ContactRow.organisation, KnownSiteRow.id, KnownRegionRow.id, AlertRow.institute, AlertRow.site)
        found: set[str] = set()
        for column in columns:
            names = select(column).where(_begins(col(column), begin), col(column) != "").distinct()
            found |= set(await self._tx.exec(names.order_by(col(column)).limit(limit)))
        return sorted(found)[:limit]

    async def organisations_in(self, region: str) -> Sequence[str]:
        sites = select(KnownSiteRow.id).where(col(KnownSiteRow.region) == region)
        found = set(await self._tx.exec(sites))
        for column in (AlertRow.institute, AlertRow.site):
            named = select(column).where(col(AlertRow.region) == region, col(column) != "").distinct()
            found |= set(await self._tx.exec(named))
        return sorted(found)


def _conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    state = col(AlertRow.state)
    found: list[ColumnElement[bool]] = [state.in_(OVER) if wanted.is_over else state.not_in(OVER)]
    if wanted.kind is None:
        found.append(col(AlertRow.kind).not_in(sorted(FACTS)))
    else:
        found.append(col(AlertRow.kind) == wanted.kind)
    if wanted.region is not None:
        found.append(col(AlertRow.region) == wanted.region)
    if wanted.level is not None:
        found.append(col(AlertRow.level) == wanted.level)
    found += [_concerns(each) for each in (wanted.organisation, wanted.concerns) if each is not None]
    if wanted.told_to is not None:
        found.append(_was_told(wanted.told_to))
    if wanted.before is not None:
        moment, alert = wanted.before
        opened = col(AlertRow.opened_at)
        found.append(or_(opened < moment, and_(opened == moment, col(AlertRow.id) < alert)))
    return found


def _concerns(organisation: str) -> ColumnElement[bool]:
    """Its region, its institute, its school (or one of its sites), or somebody of it was told."""
    is_of_it = (col(AlertRow.region) == organisation, col(AlertRow.institute) == organisation)
    return or_(*is_of_it, _is_part_of(col(AlertRow.site), organisation), _was_told(organisation))


def _was_told(organisation: str) -> ColumnElement[bool]:
    told = select(NoticeRow.alert).join(ContactRow, col(ContactRow.id) == col(NoticeRow.contact))
    return col(AlertRow.id).in_(told.where(_is_part_of(col(ContactRow.organisation), organisation)))


def _is_part_of(column: SQLColumnExpression[str], organisation: str) -> ColumnElement[bool]:
    return _begins(column, organisation) if is_part_of(f"{organisation}00", organisation) else column == organisation


def _begins(column: SQLColumnExpression[str], code: str) -> ColumnElement[bool]:
    """A school's code begins those of its sites; compared without what a database thinks of capitals."""
    return func.substr(column, 1, len(code)) == code
