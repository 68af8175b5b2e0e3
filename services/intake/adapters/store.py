"""Intake's store on SQL."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.known import SqlKnown
from services.intake.adapters.records import SqlRecords
from services.intake.adapters.tables import (
    DecisionRow,
    MismatchRow,
    PlaceRow,
    SignalRow,
    StudentRow,
    SwitchRow,
)
from services.intake.adapters.ties import SqlTies, registration_of
from services.intake.domain.access import Who
from services.intake.domain.decisions import MODELS, Decision, Verdict
from services.intake.domain.registrations import (
    MismatchReport,
    Registration,
    RegistrationStatus,
    reference_taken,
)
from services.intake.ports import ByReference, Outcome, OutcomeState, Place, RegistrationFilter, Switch
from shared.contracts.registrations import Mismatch
from shared.contracts.signals import StudentSignal
from shared.contracts.vocabulary import Contract
from shared.messaging.outbox import Outbox
from shared.messaging.runs import heard
from shared.persistence.statements import insert_rows, put_rows

R = TypeVar("R")
T = TypeVar("T")


class SqlStore(SqlKnown, SqlRecords, SqlTies):
    """One transaction's view; `now` stamps what is written, `who` asked; without `locks` it only reads."""

    def __init__(self, tx: AsyncSession, outbox: Outbox, now: datetime, who: Who, *, locks: bool = True) -> None:
        self._locks = locks
        self._tx = tx
        self._outbox = outbox
        self._now = now
        self._who = who

    @property
    def own(self) -> str | None:
        return self._who.institute

    async def registration(self, student: str) -> Registration | None:
        row = await self._tx.get(StudentRow, student, with_for_update=self._locks)
        return None if row is None or self.own not in (None, row.institute) else registration_of(row)

    async def student_with_reference(self, institute: str, reference: str) -> str | None:
        found = select(StudentRow.id).where(
            col(StudentRow.institute) == institute,
            col(StudentRow.reference) == reference,
            col(StudentRow.status) != RegistrationStatus.WITHDRAWN,
        )
        return (await self._tx.exec(found)).first()

    async def references(self, students: Collection[str]) -> Mapping[str, str | None]:
        found = select(StudentRow.id, StudentRow.reference).where(col(StudentRow.id).in_(students))
        return dict((await self._tx.exec(found)).all())

    async def registrations(self, wanted: RegistrationFilter, after: str | None, limit: int) -> Sequence[Registration]:
        found = select(StudentRow).where(*self._meant(wanted, after)).order_by(col(StudentRow.id)).limit(limit)
        return [registration_of(row) for row in await self._tx.exec(found)]

    def _meant(self, wanted: RegistrationFilter, after: str | None) -> list[ColumnElement[bool]]:
        given = {
            StudentRow.institute: wanted.institute,
            StudentRow.reference: wanted.reference,
            StudentRow.region: wanted.region,
            StudentRow.status: wanted.status,
        }
        meant = [col(column) == value for column, value in given.items() if value is not None]
        if self.own is not None:
            meant.append(col(StudentRow.institute) == self.own)
        return meant if after is None else [*meant, col(StudentRow.id) > after]

    async def outcomes(
        self, wanted: RegistrationFilter, state: OutcomeState | None, after: str | None, limit: int
    ) -> Sequence[Outcome]:
        found = select(StudentRow, PlaceRow, SwitchRow, DecisionRow).where(*self._meant(wanted, after))
        for table in (PlaceRow, SwitchRow, DecisionRow):
            found = found.outerjoin(table, col(table.student) == col(StudentRow.id))
        if state is not None:
            status = col(PlaceRow.status)
            found = found.where(status.is_(None) if state == "waiting" else status == state)
        rows = (await self._tx.exec(found.order_by(col(StudentRow.id)).limit(limit))).all()
        return [outcome_of(*row) for row in rows]

    async def save_registration(self, registration: Registration) -> None:
        student = registration.student
        row = await self._tx.get(StudentRow, student.id) or StudentRow.model_validate(_row_of(registration))
        row.status, row.sequence = registration.status, registration.sequence
        row.body = student.model_dump(mode="json")
        self._tx.add(row)
        try:
            await self._tx.flush()
        except IntegrityError as raced:
            raise reference_taken() from raced

    async def mismatch(self, mismatch: str) -> MismatchReport | None:
        row = await self._tx.get(MismatchRow, mismatch, with_for_update=self._locks)
        report = None if row is None else _report_of(row)
        return None if report is None or self.own not in (None, report.mismatch.institute) else report

    async def mismatches(self, student: str | None, after: str | None, limit: int) -> Sequence[MismatchReport]:
        found = select(MismatchRow).order_by(col(MismatchRow.id)).limit(limit)
        if student is not None:
            found = found.where(col(MismatchRow.student) == student)
        if self.own is not None:
            found = found.join(StudentRow, col(StudentRow.id) == col(MismatchRow.student))
            found = found.where(col(StudentRow.institute) == self.own)
        if after is not None:
            found = found.where(col(MismatchRow.id) > after)
        return [_report_of(row) for row in await self._tx.exec(found)]

    async def open_mismatch_kinds(self, student: str) -> Sequence[str]:
        opened = select(MismatchRow.kind).where(col(MismatchRow.student) == student, col(MismatchRow.is_open))
        return (await self._tx.exec(opened)).all()

    async def save_mismatch(self, report: MismatchReport) -> None:
        mismatch = report.mismatch
        row = await self._tx.get(MismatchRow, mismatch.id) or MismatchRow(
            id=mismatch.id,
            region=report.region,
            student=mismatch.student,
            kind=mismatch.kind,
            is_open=report.is_open,
            sequence=report.sequence,
            body=mismatch.model_dump(mode="json"),
        )
        row.is_open, row.sequence = report.is_open, report.sequence
        self._tx.add(row)

    async def place(self, student: str) -> Place | None:
        row = await self._tx.get(PlaceRow, student)
        return _optional(_place_of, row)

    async def place_sequences(self, students: Collection[str]) -> Mapping[str, int]:
        found = select(PlaceRow.student, PlaceRow.sequence).where(col(PlaceRow.student).in_(students))
        return dict((await self._tx.exec(found)).all())

    async def save_places(self, places: Sequence[Place]) -> None:
        await put_rows(self._tx, PlaceRow, [_place_row(place) for place in places])

    async def forget_place(self, student: str) -> None:
        for table in (PlaceRow, SwitchRow, DecisionRow, SignalRow):
            await self._tx.exec(delete(table).where(col(table.student) == student))

    async def hear_signals(self, signals: Sequence[StudentSignal]) -> Sequence[int | None]:
        registered = select(StudentRow.id).where(col(StudentRow.id).in_({one.student for one in signals}))
        ours = {*(await self._tx.exec(registered)).all()}
        about = {one.signal: one.student for one in signals if one.student in ours}
        if not about:
            return [None] * len(signals)
        known = select(SignalRow.signal, SignalRow.sequence).where(col(SignalRow.signal).in_(about))
        told = [(one.signal, one.sequence) for one in signals if one.student in ours]
        before, newest = heard(dict((await self._tx.exec(known)).all()), told)
        now = [{"signal": name, "student": about[name], "sequence": number} for name, number in newest.items()]
        await put_rows(self._tx, SignalRow, now)
        each = iter(before)
        return [next(each) if one.student in ours else None for one in signals]

    async def switch(self, student: str) -> Switch | None:
        row = await self._tx.get(SwitchRow, student)
        return _optional(_switch_of, row)

    async def save_switch(self, switch: Switch) -> bool:
        row = await self._tx.get(SwitchRow, switch.student)
        if row is not None and row.sequence >= switch.sequence:
            return False
        row = row or SwitchRow(student=switch.student, sequence=0, status="", body={})
        row.sequence, row.status, row.body = switch.sequence, switch.status, switch.body
        self._tx.add(row)
        return True

    async def decision(self, student: str) -> Decision | None:
        row = await self._tx.get(DecisionRow, student, with_for_update=self._locks)
        return _optional(_decision_of, row)

    async def save_decision(self, decision: Decision) -> None:
        student = decision.event.student
        row = await self._tx.get(DecisionRow, student) or DecisionRow(student=student, verdict="", body={})
        row.verdict, row.body = decision.verdict, decision.event.model_dump(mode="json")
        self._tx.add(row)

    async def by_reference(self, wanted: Collection[ByReference]) -> Mapping[ByReference, Registration]:
        found: dict[ByReference, Registration] = {}
        for institute in {institute for institute, _ in wanted if self.own in (None, institute)}:
            references = [reference for one, reference in wanted if one == institute]
            rows = select(StudentRow).where(
                col(StudentRow.institute) == institute,
                col(StudentRow.reference).in_(references),
                col(StudentRow.status) != RegistrationStatus.WITHDRAWN,
            )
            for row in await self._tx.exec(rows.order_by(col(StudentRow.id)).with_for_update()):
                found[institute, str(row.reference)] = registration_of(row)
        return found

    async def save_many(self, new: Sequence[Registration], changed: Sequence[Registration]) -> None:
        for registration in changed:
            row = await self._tx.get(StudentRow, registration.student.id)
            assert row is not None
            row.status, row.sequence = registration.status, registration.sequence
            row.body = registration.student.model_dump(mode="json")
            self._tx.add(row)
        try:
            await self._tx.flush()
            await insert_rows(self._tx, StudentRow, [_row_of(each) for each in new])
        except IntegrityError as raced:
            raise reference_taken() from raced

    async def publish(self, *events: Contract) -> None:
        await self._outbox.add(self._tx, events, self._now, self._who.name)


def outcome_of(
    student: StudentRow, place: PlaceRow | None, switch: SwitchRow | None, decision: DecisionRow | None
) -> Outcome:
    """What became of a student, from the rows that tell."""
    return Outcome(
        registration_of(student),
        _optional(_place_of, place),
        _optional(_switch_of, switch),
        _optional(_decision_of, decision),
    )


def _row_of(registration: Registration) -> dict[str, object]:
    student = registration.student
    return {
        "id": student.id,
        "region": registration.region,
        "institute": student.institute,
        "reference": registration.reference,
        "status": registration.status.value,
        "sequence": registration.sequence,
        "body": student.model_dump(mode="json"),
    }


def _report_of(row: MismatchRow) -> MismatchReport:
    return MismatchReport(row.region, Mismatch.model_validate(row.body), row.is_open, row.sequence)


def _place_row(place: Place) -> dict[str, object]:
    placement = place.body.get("placement")
    state = placement["state"] if isinstance(placement, dict) else None
    about = {"student": place.student, "sequence": place.sequence, "status": place.status}
    return {**about, "state": state, "body": place.body}


def _place_of(row: PlaceRow) -> Place:
    return Place(row.student, row.sequence, row.status, row.body)


def _switch_of(row: SwitchRow) -> Switch:
    return Switch(row.student, row.sequence, row.status, row.body)


def _decision_of(row: DecisionRow) -> Decision:
    verdict: Verdict = next(name for name in MODELS if name == row.verdict)
    return Decision(MODELS[verdict].model_validate(row.body))


def _optional(make: Callable[[R], T], row: R | None) -> T | None:
    return None if row is None else make(row)
