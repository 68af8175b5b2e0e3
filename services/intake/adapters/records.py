"""All that is kept about one student, on SQL: the tables of their own, and the copies in what was answered, sent and imported."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, delete, exists
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake.adapters.tables import DecisionRow, MismatchRow, PlaceRow, SignalRow, StudentRow, SwitchRow
from services.intake.adapters.tables_imports import ImportChunkRow
from services.intake.domain.access import Who
from services.intake.domain.registrations import Registration, RegistrationStatus
from shared.contracts.catalogue import STUDENT_REGISTRATIONS
from shared.messaging.outbox import Outbox
from shared.persistence.tables import AuditRow, GivenAnswer, OutboxRow
from shared.web.changes import forgotten
from shared.webhooks.naming import forget_messages_naming, messages_naming

OWN: tuple[Any, ...] = (PlaceRow, SwitchRow, DecisionRow, MismatchRow)
"""The tables with a row, or several, for a student: `student` says whose, `body` holds it."""


class SqlRecords:
    """One transaction's view of the records; `now` stamps what is written, `who` asked."""

    _tx: AsyncSession
    _outbox: Outbox
    _now: datetime
    _who: Who

    async def copy(self, student: str) -> Mapping[str, object]:
        rows: dict[str, object] = {}
        for table in OWN:
            found = (await self._tx.exec(select(table).where(col(table.student) == student))).all()
            rows[str(table.__tablename__)] = [row.body for row in found]
        chunks = (await self._tx.exec(select(ImportChunkRow).where(_names(ImportChunkRow.body, student)))).all()
        imported = [
            {"import": chunk.file, "row": one["line"], "verdict": one["verdict"]}
            for chunk in chunks
            for one in chunk.body
            if one.get("student") == student
        ]
        changes = select(AuditRow).where(col(AuditRow.aggregate).in_(await self._aggregates(student)))
        audit = (await self._tx.exec(changes.order_by(col(AuditRow.id)))).all()
        return {
            **rows,
            "imports": imported,
            "webhooks": await messages_naming(self._tx, student),
            "changes": [
                {"at": one.at.isoformat(), "by": one.actor, "what": one.action, "sequence": one.sequence}
                for one in audit
            ],
        }

    async def erase(self, held: Registration) -> None:
        student = held.student.id
        aggregates = await self._aggregates(student)
        await self._erase_copies(student, aggregates)
        for table in (*OWN, SignalRow):
            await self._tx.exec(delete(table).where(col(table.student) == student))
        await self._tx.exec(delete(StudentRow).where(col(StudentRow.id) == student))
        told = [(STUDENT_REGISTRATIONS, one) for one in aggregates]
        await self._outbox.take_back(self._tx, held.region, told, self._now, self._who.name)

    async def outlived(self, before: datetime, limit: int) -> Sequence[str]:
        ended = exists().where(col(PlaceRow.student) == col(StudentRow.id), col(PlaceRow.status) == "ended")
        is_changed = exists().where(
            col(AuditRow.aggregate) == "student/" + col(StudentRow.id), col(AuditRow.at) >= before
        )
        asks_nothing = or_(col(StudentRow.status) == RegistrationStatus.WITHDRAWN, ended)
        found = select(StudentRow.id).where(asks_nothing, ~is_changed).order_by(col(StudentRow.id)).limit(limit)
        return (await self._tx.exec(found)).all()

    async def _aggregates(self, student: str) -> list[str]:
        """All that intake tells about a student, with the mismatches that were reported."""
        mismatches = select(MismatchRow.id).where(col(MismatchRow.student) == student).order_by(col(MismatchRow.id))
        reported = [f"mismatch/{one}" for one in await self._tx.exec(mismatches)]
        decided = [f"institute-decision/{student}"] if await self._tx.get(DecisionRow, student) is not None else []
        return [*reported, *decided, f"student/{student}"]

    async def _erase_copies(self, student: str, aggregates: Sequence[str]) -> None:
        """A message that still waits to be published goes, in its order, before the word that takes it back."""
        tx, keys = self._tx, [one.encode() for one in aggregates]
        sent = col(OutboxRow.key).in_(keys) & col(OutboxRow.published_at).is_not(None)
        await tx.exec(delete(OutboxRow).where(sent))
        await forget_messages_naming(tx, student)
        for chunk in (await tx.exec(select(ImportChunkRow).where(_names(ImportChunkRow.body, student)))).all():
            chunk.body = [_without(one, student) for one in chunk.body]
            tx.add(chunk)
        is_about = or_(_names(GivenAnswer.body, student), _names(GivenAnswer.headers, student))
        for answer in (await tx.exec(select(GivenAnswer).where(is_about))).all():
            forgotten(answer)
            tx.add(answer)


def _names(column: Any, student: str) -> Any:
    """The id is in this text; it holds no character that means anything to LIKE."""
    return cast(col(column), String).contains(student, autoescape=True)


def _without(row: dict[str, object], student: str) -> dict[str, object]:
    """A row of a file keeps its number and verdict, so that the counts stay true."""
    if row.get("student") != student:
        return row
    return {"line": row["line"], "verdict": row["verdict"], "student": None}
