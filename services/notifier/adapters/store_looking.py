"""What people look at, on SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, func, or_, true
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.adapters.rows import alert_of, shelf
from services.notifier.adapters.tables import AlertRow, ContactRow, KnownRegionRow, KnownSiteRow, NoticeRow
from services.notifier.domain.alerts import FACTS, Alert
from services.notifier.domain.contacts import Role, is_board, is_part_of, is_region
from services.notifier.domain.notices import Told
from services.notifier.ports.looking import AlertFilter, Done
from shared.persistence.tables import AuditRow

FEW = 2_000
"""Who was told of no more than this is looked up by what they were told of; who was told of more, by going through the alerts."""


class SqlLooking:
    """One transaction's view of what the pages show.

    Whom an alert concerns is found in several ways, each with an index in the order in which alerts are shown: of each the
    first so many are read, and of those together the first are shown. So it does not matter how many there are.
    """

    _tx: AsyncSession

    async def alerts_where(self, wanted: AlertFilter) -> Sequence[Alert]:
        narrowest = _narrowest(wanted)
        found: set[tuple[datetime, str]] = set()
        if wanted.told_to is not None:
            found |= await self._first(wanted, await self._told_to(wanted.told_to), wanted.told_to)
        elif narrowest is None:
            found |= await self._first(wanted, true(), None)
        else:
            for column in (AlertRow.region, AlertRow.institute):
                found |= await self._first(wanted, col(column) == narrowest, narrowest)
            found |= await self._at_sites(wanted, narrowest)
            found |= await self._first(wanted, await self._told_to(narrowest), narrowest)
        shown = [alert for _, alert in sorted(found, reverse=True)[: wanted.limit]]
        rows = await self._tx.exec(select(AlertRow).where(col(AlertRow.id).in_(shown)))
        by_id = {row.id: alert_of(row) for row in rows}
        return [by_id[alert] for alert in shown]

    async def _first(
        self, wanted: AlertFilter, way: ColumnElement[bool] | None, known: str | None
    ) -> set[tuple[datetime, str]]:
        """The first of what fits and concerns an organisation in this way, which is `known` to concern it; None is no way."""
        if way is None:
            return set()
        opened, alert = col(AlertRow.opened_at), col(AlertRow.id)
        found = select(opened, alert).where(way, *_conditions(wanted, known)).limit(wanted.limit)
        return {(at, one) for at, one in await self._tx.exec(found.order_by(opened.desc(), alert.desc()))}

    async def _at_sites(self, wanted: AlertFilter, organisation: str) -> set[tuple[datetime, str]]:
        """What fits at a school: all of it, since in order SQLite would rather go through everything; a school has few."""
        there = (is_of(col(AlertRow.site), organisation), *_conditions(wanted, organisation))
        return {
            (at, one)
            for at, one in await self._tx.exec(select(col(AlertRow.opened_at), col(AlertRow.id)).where(*there))
        }

    async def _told_to(self, organisation: str) -> ColumnElement[bool] | None:
        """The condition that somebody of this organisation was told; None where nobody was."""
        people = select(ContactRow.id).where(is_of(col(ContactRow.organisation), organisation))
        contacts = (await self._tx.exec(people.order_by(col(ContactRow.id)))).all()
        by_them = col(NoticeRow.contact).in_(contacts)
        some = select(NoticeRow.alert).where(by_them).distinct().limit(FEW + 1) if contacts else None
        told = (await self._tx.exec(some)).all() if some is not None else []
        if not told:
            return None
        return col(AlertRow.id).in_(told) if len(told) <= FEW else _was_told(by_them)

    async def told_by(self, mail: str) -> Sequence[Told]:
        rows = select(NoticeRow).where(col(NoticeRow.mail) == mail)
        ordered = rows.order_by(col(NoticeRow.alert), col(NoticeRow.contact), col(NoticeRow.role))
        found = await self._tx.exec(ordered)
        return [Told(row.alert, row.revision, Role(row.role), row.contact, row.mail, row.at) for row in found]

    async def done_with(self, alert: str) -> Sequence[Done]:
        rows = select(AuditRow).where(col(AuditRow.aggregate) == f"alert/{alert}").order_by(col(AuditRow.id))
        return [Done(row.at, row.action, row.actor) for row in await self._tx.exec(rows)]

    async def organisations(self, begin: str, limit: int, own: str | None = None) -> Sequence[str]:
        columns = (ContactRow.organisation, KnownSiteRow.id, KnownRegionRow.id, AlertRow.institute, AlertRow.site)
        found: set[str] = set()
        for column in columns:
            names = select(column).where(_begins(col(column), begin), col(column) != "").distinct()
            if own is not None:
                names = names.where(is_of(col(column), own))
            found |= set(await self._tx.exec(names.order_by(col(column)).limit(limit)))
        return sorted(found)[:limit]

    async def organisations_in(self, region: str) -> Sequence[str]:
        sites = select(KnownSiteRow.id).where(col(KnownSiteRow.region) == region)
        found = set(await self._tx.exec(sites))
        for column in (AlertRow.institute, AlertRow.site):
            named = select(column).where(col(AlertRow.region) == region, col(column) != "").distinct()
            found |= set(await self._tx.exec(named))
        return sorted(found)


def _narrowest(wanted: AlertFilter) -> str | None:
    """By whom to look: what is asked for, unless that is a region and whoever looks is not."""
    if wanted.concerns is not None and (wanted.organisation is None or is_region(wanted.organisation)):
        return wanted.concerns
    return wanted.organisation


def _conditions(wanted: AlertFilter, known: str | None) -> list[ColumnElement[bool]]:
    """What an alert must be; that it concerns `known` needs no looking up."""
    is_fact = wanted.kind in FACTS if wanted.kind is not None else False
    found: list[ColumnElement[bool]] = [col(AlertRow.shelf) == shelf(is_over=wanted.is_over, is_fact=is_fact)]
    if wanted.kind is not None:
        found.append(col(AlertRow.kind) == wanted.kind)
    if wanted.region is not None:
        found.append(col(AlertRow.region) == wanted.region)
    if wanted.level is not None:
        found.append(col(AlertRow.level) == wanted.level)
    found += [_concerns(each) for each in (wanted.organisation, wanted.concerns) if each not in (None, known)]
    if wanted.before is not None:
        moment, alert = wanted.before
        opened = col(AlertRow.opened_at)
        found += [opened <= moment, or_(opened < moment, col(AlertRow.id) < alert)]
    return found


def _concerns(organisation: str) -> ColumnElement[bool]:
    """Its region, its institute, its school (or one of its sites, or a site of its board), or somebody of it was told."""
    is_of_it = (col(AlertRow.region) == organisation, col(AlertRow.institute) == organisation)
    people = select(ContactRow.id).where(is_of(col(ContactRow.organisation), organisation))
    return or_(*is_of_it, is_of(col(AlertRow.site), organisation), _was_told(col(NoticeRow.contact).in_(people)))


def _was_told(by_them: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(NoticeRow.alert).where(col(NoticeRow.alert) == col(AlertRow.id), by_them).exists()


def is_of(column: SQLColumnExpression[str], organisation: str) -> ColumnElement[bool]:
    """Whether the code in a column is of an organisation: itself, a site of the school (each by name, so that an index helps),
    a site of the board.
    """
    if is_board(organisation):
        return column.in_(select(KnownSiteRow.id).where(col(KnownSiteRow.board) == organisation))
    sites = [f"{organisation}{number:02}" for number in range(100)]
    return column.in_([organisation, *sites]) if is_part_of(sites[0], organisation) else column == organisation


def _begins(column: SQLColumnExpression[str], code: str) -> ColumnElement[bool]:
    """Compared without what a database thinks of capitals."""
    return func.substr(column, 1, len(code)) == code
