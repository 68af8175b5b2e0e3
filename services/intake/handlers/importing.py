"""Works off rows of a file, many at a time: each row gets its own verdict, and what is right goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import uuid_utils
from pydantic import ValidationError

from services.intake import handlers
from services.intake.domain import registrations
from services.intake.domain.access import check_own
from services.intake.domain.columns import WITHDRAW, ImportKind
from services.intake.domain.imports import FileRow, Import, RowVerdict, Verdict
from services.intake.domain.registrations import NewMismatch, NewRegistration, Registration
from services.intake.handlers.doubting import doubts_of
from services.intake.ports import ByReference, Store
from shared.contracts.registrations import Student, StudentNeeds
from shared.contracts.vocabulary import Contract
from shared.errors import Conflict, DomainError, NotFound, TransientError
from shared.web.field_messages import dutch_message


@dataclass(slots=True)
class _Work:
    """What a number of rows do together: written at the end, in a few statements."""

    held: dict[ByReference, Registration]
    new: dict[str, Registration] = field(default_factory=dict)
    changed: dict[str, Registration] = field(default_factory=dict)
    events: list[Contract] = field(default_factory=list)

    def keep(self, key: ByReference, registration: Registration, event: Contract) -> None:
        self.held[key] = registration
        student = registration.student.id
        (self.new if registration.sequence == 1 or student in self.new else self.changed)[student] = registration
        self.events.append(event)


async def import_rows(store: Store, file: Import, rows: Sequence[FileRow], today: date) -> list[RowVerdict]:
    """Gives each row its verdict and keeps what is right; raises TransientError when somebody else registers the same just now."""
    read = [_read(file, row) for row in rows]
    if file.kind is ImportKind.MISMATCHES:
        return [
            await _mismatch(store, file, row, fields, wrong, today)
            for row, (fields, wrong) in zip(rows, read, strict=True)
        ]
    keys = {
        (fields["institute"], fields["reference"])
        for fields, wrong in read
        if not wrong and "institute" in fields and "reference" in fields
    }
    work = _Work(dict(await store.by_reference(keys)))
    verdicts = [
        await _registration(store, file, work, row, fields, wrong)
        for row, (fields, wrong) in zip(rows, read, strict=True)
    ]
    try:
        await store.save_many(list(work.new.values()), list(work.changed.values()))
    except Conflict as raced:
        raise TransientError("a student of this file is being registered elsewhere") from raced
    await store.publish(*work.events)
    doubts = await doubts_of(store, [*work.new.values(), *work.changed.values()])
    return [_doubted(file, each, doubts) for each in verdicts]


def _doubted(file: Import, told: RowVerdict, doubts: Mapping[str, str]) -> RowVerdict:
    """Of what was there already, or is asked no more, nothing is said."""
    is_news = told.verdict in (Verdict.REGISTERED, Verdict.CHANGED) and told.student in doubts
    return replace(told, doubt=(file.layout.name_of("subject"), doubts[str(told.student)])) if is_news else told


def _read(file: Import, row: FileRow) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    if row.wrong:
        return {}, list(row.wrong)
    fields, wrong = file.layout.fields(row.cells)
    if file.who.institute is not None:
        fields.setdefault("institute", file.who.institute)
    if file.region is not None and file.kind is ImportKind.REGISTRATIONS:
        fields.setdefault("region", file.region)
    return fields, wrong


async def _registration(
    store: Store, file: Import, work: _Work, row: FileRow, fields: dict[str, Any], wrong: list[tuple[str, str]]
) -> RowVerdict:
    try:
        if wrong:
            return _refused(row, wrong)
        if fields.pop("action", "") == WITHDRAW:
            return _withdrawn(work, row, fields)
        asked = NewRegistration.model_validate(fields)
        if asked.reference is None:
            return _refused(row, [("kenmerk", "dit veld ontbreekt")])
        key = (asked.institute, asked.reference)
        held = work.held.get(key)
        if held is None:
            check_own(asked.institute, store.own)
            student = student_of(str(uuid_utils.uuid7()), asked)
            made, event = registrations.register(
                await store.region(asked.region), asked.region, student, asked.reference
            )
            work.keep(key, made, event)
            return RowVerdict(row.line, Verdict.REGISTERED, student.id)
        if held.region != asked.region:
            return _refused(
                row, [("regio", f"deze student is ingeschreven in regio {held.region}; trek die inschrijving eerst in")]
            )
        student = student_of(held.student.id, asked).model_copy(update=_not_in_file(file, held.student))
        changed, change = registrations.change(held, await store.region(held.region), student)
        if change is None:
            return RowVerdict(row.line, Verdict.UNCHANGED, student.id)
        work.keep(key, changed, change)
        empty = set(StudentNeeds.model_fields) - set(fields)
        cleared = sum(getattr(student, each) != getattr(held.student, each) for each in empty)
        return RowVerdict(row.line, Verdict.CHANGED, student.id, cleared=cleared)
    except ValidationError as invalid:
        return _refused(row, _told(file, invalid))
    except DomainError as broken:
        return _refused(row, [_placed(file, broken)])


def _withdrawn(work: _Work, row: FileRow, fields: dict[str, Any]) -> RowVerdict:
    key = (str(fields.get("institute", "")), str(fields.get("reference", "")))
    held = work.held.get(key)
    if held is None:
        return _refused(row, [("kenmerk", "met dit kenmerk is niemand ingeschreven")])
    withdrawn, event = registrations.withdraw(held)
    if event is not None:
        work.keep(key, withdrawn, event)
        del work.held[key]  # the reference is free again
    return RowVerdict(row.line, Verdict.WITHDRAWN, held.student.id)


async def _mismatch(
    store: Store, file: Import, row: FileRow, fields: dict[str, Any], wrong: list[tuple[str, str]], today: date
) -> RowVerdict:
    if wrong:
        return _refused(row, wrong)
    key = (str(fields.pop("institute", "")), str(fields.pop("reference", "")))
    found = (await store.by_reference({key})).get(key)
    try:
        if found is None:
            raise NotFound("onbekende-student", "met dit kenmerk is niemand ingeschreven", pointer="/reference")
        asked = NewMismatch.model_validate({**fields, "student": found.student.id})
        if asked.kind in await store.open_mismatch_kinds(asked.student):
            return RowVerdict(row.line, Verdict.UNCHANGED, asked.student)
        reported = (asked.reported_on or today, asked.reported_by)
        await handlers.report_mismatch(store, str(uuid_utils.uuid7()), asked.student, asked.kind, reported=reported)
    except ValidationError as invalid:
        return _refused(row, _told(file, invalid))
    except DomainError as broken:
        return _refused(row, [_placed(file, broken)])
    return RowVerdict(row.line, Verdict.REPORTED, asked.student)


def _not_in_file(file: Import, student: Student) -> dict[str, Any]:
    """What the file has no column for: it stays as it was told before."""
    fields = {each.field for each in file.layout.columns}
    return {name: getattr(student, name) for name in StudentNeeds.model_fields if name not in fields}


def student_of(identifier: str, needs: StudentNeeds) -> Student:
    """The student with this id and these needs."""
    fields = {name: getattr(needs, name) for name in StudentNeeds.model_fields}
    return Student(id=identifier, **fields)


def _refused(row: FileRow, wrong: Sequence[tuple[str, str]]) -> RowVerdict:
    return RowVerdict(row.line, Verdict.REFUSED, None, tuple(wrong))


def _told(file: Import, invalid: ValidationError) -> list[tuple[str, str]]:
    errors = invalid.errors(include_url=False, include_input=False)
    return [
        (file.layout.name_of(str(each["loc"][0]) if each["loc"] else ""), dutch_message(dict(each))) for each in errors
    ]


def _placed(file: Import, broken: DomainError) -> tuple[str, str]:
    field_name = (broken.pointer or "").split("/")[1:2]
    return (file.layout.name_of(field_name[0]) if field_name else "", broken.detail)
