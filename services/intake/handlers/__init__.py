"""Intake's commands and the events it folds into its read models: one function each."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

from services.intake.domain import decisions, registrations
from services.intake.domain.access import check_own
from services.intake.domain.decisions import Decision, Target, Verdict
from services.intake.domain.registrations import KnownRegion, KnownSite, MismatchReport, Registration
from services.intake.ports import Outcome, Place, Store, Switch
from shared.contracts.availability import SiteChanged, WorkplaceChanged
from shared.contracts.placements import (
    PlaceEvent,
    Placement,
    PlacementEnded,
    PlacementEvent,
    PlacementWithdrawn,
    StudentUnplaced,
    SwitchClosed,
    SwitchEvent,
    SwitchImpossible,
    SwitchOffered,
)
from shared.contracts.region import RegionChanged
from shared.contracts.registrations import Mismatch, Student
from shared.contracts.signals import StudentSignal
from shared.contracts.vocabulary import DeclineReason, MismatchKind, SignalStatus
from shared.errors import BasedOn, NotFound

_STATUSES: Mapping[type[PlaceEvent], str] = {
    PlacementEvent: "placed",
    StudentUnplaced: "unplaced",
    PlacementEnded: "ended",
    PlacementWithdrawn: "withdrawn",
}


_SWITCH_STATUSES: Mapping[type[SwitchEvent], str] = {
    SwitchOffered: "offered",
    SwitchImpossible: "impossible",
    SwitchClosed: "closed",
}


async def register_student(store: Store, region: str, student: Student, reference: str | None) -> Registration:
    """Registers a student; an institute's own reference is used once, and again after the withdrawal."""
    check_own(student.institute, store.own)
    if reference is not None and await store.student_with_reference(student.institute, reference) is not None:
        raise registrations.reference_taken()
    fellows = await store.institutes_of(registrations.fellows_of(student))
    registration, event = registrations.register(await store.region(region), region, student, reference, fellows)
    await store.save_registration(registration)
    await store.publish(event)
    return registration


async def change_student(store: Store, student: Student, based_on: BasedOn) -> Registration:
    """Changes what a student needs or may do."""
    held = await find_registration(store, student.id)
    based_on(held.sequence)
    fellows = await store.institutes_of(registrations.fellows_of(student))
    changed, event = registrations.change(held, await store.region(held.region), student, fellows)
    if event is not None:
        await store.save_registration(changed)
        await store.publish(event)
    return changed


async def withdraw_student(store: Store, student: str, based_on: BasedOn) -> Registration:
    """Withdraws a registration; a second time changes nothing."""
    held = await find_registration(store, student)
    based_on(held.sequence)
    withdrawn, event = registrations.withdraw(held)
    if event is not None:
        await store.save_registration(withdrawn)
        await store.publish(event)
    return withdrawn


async def erase_student(store: Store, student: str) -> None:
    """Erases all that is kept about a student who asks for nothing any more."""
    held = await find_registration(store, student)
    place = await store.place(student)
    registrations.check_can_be_erased(held, has_ended=place is not None and place.status == "ended")
    await store.erase(held)


async def erase_outlived(store: Store, before: datetime, limit: int) -> int:
    """Erases students of whom nothing has changed since then, so many at most; how many there were."""
    found = await store.outlived(before, limit)
    for student in found:
        await erase_student(store, student)
    return len(found)


async def drop_strangers(store: Store, limit: int) -> int:
    """Drops ties to students of other institutes, which older versions took, of so many at most; of how many they were."""
    found = await store.tied_to_strangers(limit)
    for student in found:
        held = await find_registration(store, student)
        fellows = await store.institutes_of(registrations.fellows_of(held.student))
        changed, event = registrations.without_strangers(held, fellows)
        if event is not None:
            await store.save_registration(changed)
            await store.publish(event)
    return len(found)


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
    report, event = registrations.report_mismatch(held, content, await store.open_mismatch_kinds(student))
    await store.save_mismatch(report)
    await store.publish(event)
    return report


async def withdraw_mismatch(store: Store, mismatch: str) -> MismatchReport:
    """Closes a mismatch report; a second time changes nothing."""
    held = await find_mismatch(store, mismatch)
    closed, event = registrations.withdraw_mismatch(held)
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


async def decide(
    store: Store, student: str, verdict: Verdict, reason: DeclineReason | None, offer: int | None
) -> Decision:
    """The institute confirms or declines the place that a student has, asks for another, or answers an offer of one."""
    held = await find_registration(store, student)
    about = await (_place_of(store, held) if offer is None else _offer_of(store, held, offer))
    decision, event = decisions.decide(about, await store.decision(student), verdict, reason)
    if event is not None:
        await store.save_decision(decision)
        await store.publish(event)
    return decision


async def find_outcome(store: Store, student: str) -> Outcome:
    """What became of a student; raises NotFound."""
    held = await find_registration(store, student)
    return Outcome(held, await store.place(student), await store.switch(student), await store.decision(student))


async def _place_of(store: Store, held: Registration) -> Target | None:
    place = await store.place(held.student.id)
    if place is None or place.status != "placed":
        return None
    placed = Placement.model_validate(place.body["placement"])
    return Target(held.region, held.student.id, held.student.institute, placed.workplace, placed.periods)


async def _offer_of(store: Store, held: Registration, number: int) -> Target | None:
    switch = await store.switch(held.student.id)
    if switch is None or switch.status != "offered" or switch.sequence != number:
        return None
    told = SwitchOffered.model_validate(switch.body)
    student = held.student
    return Target(held.region, student.id, student.institute, told.workplace, told.periods, number)


async def learn_switch(store: Store, event: SwitchEvent) -> bool:
    """Keeps how the search for another place for a student stands; whether it was news."""
    status = next(name for kind, name in _SWITCH_STATUSES.items() if isinstance(event, kind))
    return await store.save_switch(Switch(event.student, event.sequence, status, event.model_dump(mode="json")))


async def learn_signals(store: Store, events: Sequence[StudentSignal]) -> Sequence[bool]:
    """Whether what is signalled about students is news; that something is over is none to whom it was never told."""
    heard = zip(events, await store.hear_signals(events), strict=True)
    return [before is not None and (before > 0 or event.status is not SignalStatus.CLEARED) for event, before in heard]


async def learn_region(store: Store, event: RegionChanged) -> None:
    """Keeps what a region is called, and which periods, institutes and related subjects it has."""
    related = {subject for each in event.settings.related for subject in (each.student, each.place)}
    periods = tuple(period.id for period in event.periods)
    ends = {period.id: period.end for period in event.periods}
    known = KnownRegion(event.region, periods, event.institutes, tuple(sorted(related)), event.name, ends)
    await store.save_region(known, event.sequence)


async def learn_workplace(store: Store, event: WorkplaceChanged) -> None:
    """Keeps which subject a school offers."""
    await store.save_workplace(event.workplace.id, event.sequence, event.region, event.workplace.subject)


async def learn_site(store: Store, event: SiteChanged) -> None:
    """Keeps what a school is called and where it is."""
    site = KnownSite(event.site.id, event.name, event.town, event.site.lat, event.site.lon)
    await store.save_site(site, event.sequence)


async def learn_places(store: Store, events: Sequence[PlaceEvent]) -> Sequence[bool]:
    """Keeps what became of students, and tells of each event whether it was news."""
    known, newest, news = await store.place_sequences({event.student for event in events}), dict[str, PlaceEvent](), []
    for event in events:
        held = newest[event.student].sequence if event.student in newest else known.get(event.student, 0)
        news.append(event.sequence > held)
        if event.sequence > held:
            newest[event.student] = event
    await store.save_places([_place_in(event) for event in newest.values()])
    return news


def _place_in(event: PlaceEvent) -> Place:
    status = next(name for kind, name in _STATUSES.items() if isinstance(event, kind))
    return Place(event.student, event.sequence, status, event.model_dump(mode="json"))
