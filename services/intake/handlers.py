"""Intake's commands and the events it folds into its read models: one function each."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from services.intake import domain
from services.intake.domain import KnownRegion, MismatchReport, Registration
from services.intake.ports import Place, Store
from shared.contracts.placements import PlaceEvent, PlacementEnded, PlacementEvent, PlacementWithdrawn, StudentUnplaced
from shared.contracts.region import RegionChanged
from shared.contracts.registrations import Mismatch, Student
from shared.contracts.vocabulary import MismatchKind
from shared.errors import BasedOn, NotFound

_STATUSES: Mapping[type[PlaceEvent], str] = {
    PlacementEvent: "placed",
    StudentUnplaced: "unplaced",
    PlacementEnded: "ended",
    PlacementWithdrawn: "withdrawn",
}


async def register_student(store: Store, region: str, student: Student, reference: str | None) -> Registration:
    """Registers a student; an institute's own reference is used once, and again after the withdrawal."""
    if reference is not None and await store.student_with_reference(student.institute, reference) is not None:
        raise domain.reference_taken()
    registration, event = domain.register(await store.region(region), region, student, reference)
    await store.save_registration(registration)
    await store.publish(event)
    return registration


async def change_student(store: Store, student: Student, based_on: BasedOn) -> Registration:
    """Changes what a student needs or may do."""
    held = await find_registration(store, student.id)
    based_on(held.sequence)
    changed, event = domain.change(held, await store.region(held.region), student)
    if event is not None:
        await store.save_registration(changed)
        await store.publish(event)
    return changed


async def withdraw_student(store: Store, student: str, based_on: BasedOn) -> Registration:
    """Withdraws a registration; a second time changes nothing."""
    held = await find_registration(store, student)
    based_on(held.sequence)
    withdrawn, event = domain.withdraw(held)
    if event is not None:
        await store.save_registration(withdrawn)
        await store.publish(event)
    return withdrawn


async def find_registration(store: Store, student: str) -> Registration:
    """A registration; raises NotFound."""
    held = await store.registration(student)
    if held is None:
        raise NotFound("onbekende-student", "Deze student kennen we niet.")
    return held


async def report_mismatch(
    store: Store,
    mismatch: str,
    student: str,
    kind: MismatchKind,
    *,
    reported: tuple[date, Literal["institute", "school"]],
) -> MismatchReport:
    """Reports that a student and their place do not fit; `reported` is when and by whom."""
    held = await find_registration(store, student)
    content = Mismatch(
        id=mismatch,
        student=student,
        institute=held.student.institute,
        kind=kind,
        reported_on=reported[0],
        reported_by=reported[1],
    )
    report, event = domain.report_mismatch(held, content, await store.open_mismatch_kinds(student))
    await store.save_mismatch(report)
    await store.publish(event)
    return report


async def withdraw_mismatch(store: Store, mismatch: str) -> MismatchReport:
    """Closes a mismatch report; a second time changes nothing."""
    held = await find_mismatch(store, mismatch)
    closed, event = domain.withdraw_mismatch(held)
    if event is not None:
        await store.save_mismatch(closed)
        await store.publish(event)
    return closed


async def find_mismatch(store: Store, mismatch: str) -> MismatchReport:
    """A mismatch report; raises NotFound."""
    held = await store.mismatch(mismatch)
    if held is None:
        raise NotFound("onbekende-mismatch", "Deze melding kennen we niet.")
    return held


async def learn_region(store: Store, event: RegionChanged) -> None:
    """Keeps which periods and institutes a region has."""
    region = KnownRegion(event.region, tuple(period.id for period in event.periods), event.institutes)
    await store.save_region(region, event.sequence)


async def learn_place(store: Store, event: PlaceEvent) -> None:
    """Keeps what became of a student."""
    status = next(name for kind, name in _STATUSES.items() if isinstance(event, kind))
    await store.save_place(Place(event.student, event.sequence, status, event.model_dump(mode="json")))
