"""What the pages for institutes look up, on SQL."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, false, func
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.store import outcome_of
from services.intake.adapters.tables import DecisionRow, KnownRegionRow, MismatchRow, PlaceRow, StudentRow, SwitchRow
from services.intake.adapters.tables_pages import KnownSiteRow
from services.intake.domain.access import Who
from services.intake.domain.overview import View
from services.intake.domain.registrations import RegistrationStatus
from services.intake.ports import Outcome
from services.intake.ports.overview import Read
from shared.audited import Change
from shared.contracts.vocabulary import PlacementState
from shared.persistence.tables import AuditRow, ReadRow


def _is_registered() -> ColumnElement[bool]:
    return col(StudentRow.status) == RegistrationStatus.REGISTERED


def _in_place(*names: str) -> Any:
    found: Any = col(PlaceRow.body)["placement"]
    for name in names:
        found = found[name]
    return found.as_string()


def _decided(name: str) -> Any:
    decided: Any = col(DecisionRow.body)
    return decided[name].as_string()


def _is_proposed() -> ColumnElement[bool]:
    """The plan proposes a place, and the institute did not answer yet."""
    same = and_(_decided("workplace") == _in_place("workplace"), _decided("periods") == _in_place("periods"))
    of_the_place = and_(_decided("offer").is_(None), same)
    answered = case(
        (col(DecisionRow.student).is_(None), false()), else_=of_the_place
    )  # most have none: no JSON is read
    is_proposal = col(PlaceRow.state) == PlacementState.PROPOSED.value
    return and_(_is_registered(), col(PlaceRow.status) == "placed", is_proposal, ~func.coalesce(answered, False))


def _is_offered() -> ColumnElement[bool]:
    """Another place is offered, and the institute did not answer yet."""
    decided: Any = col(DecisionRow.body)
    answered = decided["offer"].as_integer() == col(SwitchRow.sequence)
    return and_(_is_registered(), col(SwitchRow.status) == "offered", ~func.coalesce(answered, False))


def _is_mismatched() -> ColumnElement[bool]:
    opened = select(MismatchRow.student).where(col(MismatchRow.is_open))
    return and_(_is_registered(), col(StudentRow.id).in_(opened))


def _has(status: str) -> Callable[[], ColumnElement[bool]]:
    return lambda: and_(_is_registered(), col(PlaceRow.status) == status)


_VIEWS: Mapping[View, Callable[[], ColumnElement[bool]]] = {
    View.PROPOSED: _is_proposed,
    View.OFFERED: _is_offered,
    View.UNPLACED: _has("unplaced"),
    View.MISMATCHED: _is_mismatched,
    View.PLACED: _has("placed"),
    View.WAITING: lambda: and_(_is_registered(), or_(col(PlaceRow.status).is_(None), _has("withdrawn")())),
    View.ENDED: _has("ended"),
    View.WITHDRAWN: lambda: col(StudentRow.status) == RegistrationStatus.WITHDRAWN,
}


class SqlOverview:
    """One transaction's view, as one institute sees it."""

    def __init__(self, tx: AsyncSession, who: Who) -> None:
        self._tx, self._who = tx, who

    async def regions(self, institute: str) -> Mapping[str, str]:
        found = await self._tx.exec(select(KnownRegionRow).order_by(col(KnownRegionRow.id)))
        theirs = [row for row in found if not row.institutes or institute in row.institutes]
        return {row.id: row.name or f"Regio {row.id}" for row in theirs}

    async def institutes(self) -> Sequence[str]:
        found = select(StudentRow.institute).distinct().where(*self._own()).order_by(col(StudentRow.institute))
        return (await self._tx.exec(found)).all()

    async def students(self, view: View | None, begins: str, after: str | None, limit: int) -> Sequence[Outcome]:
        found = select(StudentRow, PlaceRow, SwitchRow, DecisionRow).where(*self._own())
        found = found.where(_is_registered() if view is None and not begins else _wanted(view))
        for table in (PlaceRow, SwitchRow, DecisionRow):
            found = found.outerjoin(table, col(table.student) == col(StudentRow.id))
        if begins:
            found = found.where(col(StudentRow.reference).startswith(begins, autoescape=True))
        if after is not None:
            found = found.where(col(StudentRow.id) > after)
        rows = (await self._tx.exec(found.order_by(col(StudentRow.id)).limit(limit))).all()
        return [outcome_of(*row) for row in rows]

    async def counts(self) -> Mapping[View, int]:
        counted = [func.coalesce(func.sum(_one(view())), 0) for view in _VIEWS.values()]
        found: Any = select(*counted).select_from(StudentRow).where(*self._own())
        for table in (PlaceRow, SwitchRow, DecisionRow):
            found = found.outerjoin(table, col(table.student) == col(StudentRow.id))
        row = (await self._tx.exec(found)).one()
        return {view: int(number) for view, number in zip(_VIEWS, row, strict=True)}

    async def open_mismatches(self, students: Collection[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
        found = select(MismatchRow).where(col(MismatchRow.student).in_(students), col(MismatchRow.is_open))
        opened: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in await self._tx.exec(found.order_by(col(MismatchRow.id))):
            opened[row.student].append((row.id, row.kind))
        return opened

    async def history(self, student: str) -> Sequence[Change]:
        own = (await self._tx.exec(select(StudentRow.id).where(col(StudentRow.id) == student, *self._own()))).first()
        if own is None:
            return []
        mismatches = select(MismatchRow.id).where(col(MismatchRow.student) == student)
        about = [f"student/{student}", f"institute-decision/{student}"]
        about += [f"mismatch/{each}" for each in await self._tx.exec(mismatches)]
        found = select(AuditRow).where(col(AuditRow.aggregate).in_(about)).order_by(col(AuditRow.id).desc())
        return [
            Change(row.at, row.actor, row.action, row.aggregate, row.sequence) for row in await self._tx.exec(found)
        ]

    async def site_names(self, sites: Collection[str]) -> Mapping[str, str]:
        found = select(KnownSiteRow).where(col(KnownSiteRow.id).in_(sites))
        return {row.id: ", ".join(filter(None, (row.name, row.town))) for row in await self._tx.exec(found) if row.name}

    async def schools_in(self, town: str) -> Sequence[tuple[float, float]]:
        found = select(KnownSiteRow.lat, KnownSiteRow.lon).where(func.lower(KnownSiteRow.town) == town.lower())
        return (await self._tx.exec(found)).all()

    async def log_read(self, read: Read) -> None:
        self._tx.add(
            ReadRow(
                at=read.at,
                activity=read.activity,
                person=read.person,
                position=read.position,
                site=read.institute,
                subject=read.subject,
                trace=read.trace,
            )
        )

    async def reads(self, limit: int) -> Sequence[Read]:
        found = select(ReadRow).order_by(col(ReadRow.id).desc()).limit(limit)
        if self._who.institute is not None:
            of_a_system = col(ReadRow.position) == f"institute/{self._who.institute}"
            found = found.where(or_(col(ReadRow.site) == self._who.institute, of_a_system))
        return [
            Read(row.at, row.activity, row.person, row.position, row.site, row.subject, row.trace)
            for row in await self._tx.exec(found)
        ]

    def _own(self) -> list[ColumnElement[bool]]:
        return [] if self._who.institute is None else [col(StudentRow.institute) == self._who.institute]


def _wanted(view: View | None) -> ColumnElement[bool]:
    """A search without a view finds who is withdrawn too."""
    return col(StudentRow.id).is_not(None) if view is None else _VIEWS[view]()


def _one(condition: ColumnElement[bool]) -> Any:
    return case((condition, 1), else_=0)
