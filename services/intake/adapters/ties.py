"""Students who are to be together with, or apart from, others, on SQL."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.tables import StudentRow
from services.intake.domain.registrations import Registration, RegistrationStatus, fellows_of, without_strangers
from shared.contracts.registrations import Student

PAGE = 1_000
"""So many students are read at once."""


class SqlTies:
    """One transaction's view of ties."""

    _tx: AsyncSession

    async def institutes_of(self, students: Collection[str]) -> Mapping[str, str]:
        found = select(StudentRow.id, StudentRow.institute).where(col(StudentRow.id).in_(students))
        return dict((await self._tx.exec(found)).all()) if students else {}

    async def tied_to_strangers(self, limit: int) -> Sequence[str]:
        ties = [col(StudentRow.body)[each].as_string() for each in ("together", "apart")]
        is_tied = or_(*(each != "[]" for each in ties))
        tied = select(StudentRow).where(col(StudentRow.status) != RegistrationStatus.WITHDRAWN, is_tied)
        found, after = list[str](), ""
        while len(found) < limit:
            page = tied.where(col(StudentRow.id) > after).order_by(col(StudentRow.id)).limit(PAGE)
            held = [registration_of(row) for row in await self._tx.exec(page)]
            if not held:
                break
            institutes = await self.institutes_of({each for one in held for each in fellows_of(one.student)})
            found += [one.student.id for one in held if without_strangers(one, institutes)[1] is not None]
            after = held[-1].student.id
        return found[:limit]


def registration_of(row: StudentRow) -> Registration:
    """A registration from its row."""
    student = Student.model_validate(row.body)
    return Registration(row.region, student, RegistrationStatus(row.status), row.sequence, row.reference)
