"""What events about students and schools teach: regions, sites, places, and which alerts open and clear. Older sequences change nothing."""

from dataclasses import replace
from datetime import datetime

from services.notifier.domain.alerts import AlertKind, Case, alert_id
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.domain.life import new_alert, new_withdrawal, withdrawal_id
from services.notifier.handlers.forgetting import forget_student
from services.notifier.handlers.raising import close_all_of, end_alert, raise_alert, tell_fact, withdraw_facts
from services.notifier.ports import Store
from shared.contracts.availability import SiteChanged
from shared.contracts.placements import (
    MoveCause,
    PlaceEvent,
    PlacementChanged,
    PlacementEvent,
    PlacementSettled,
    PlacementWithdrawn,
    StudentUnplaced,
)
from shared.contracts.region import DayStarted, RegionChanged
from shared.contracts.registrations import MismatchReported, MismatchWithdrawn, StudentEvent, StudentWithdrawn
from shared.messaging.inbox import Tombstone


async def learn_region(store: Store, event: RegionChanged) -> None:
    """Keeps a region's name and when its periods start."""
    held = await store.region(event.region) or KnownRegion(event.region)
    if event.sequence > held.sequence:
        starts = {period.id: period.start for period in event.periods}
        await store.save_region(replace(held, name=event.name, starts=starts, sequence=event.sequence))


async def learn_day(store: Store, event: DayStarted, now: datetime) -> None:
    """Keeps the day it is in a region, and that it was told now."""
    held = await store.region(event.region) or KnownRegion(event.region)
    if event.sequence > held.day_sequence:
        await store.save_region(replace(held, day=event.day, day_sequence=event.sequence, heard_at=now))


async def learn_site(store: Store, event: SiteChanged) -> None:
    """Keeps a school's name, town and board."""
    held = await store.site(event.site.id)
    if held is None or event.sequence > held.sequence:
        site = KnownSite(event.site.id, event.name, event.town, event.sequence, event.board, event.region)
        await store.save_site(site)


async def learn_place(store: Store, event: PlaceEvent, now: datetime) -> None:
    """Keeps where a student is; being unplaced opens an alert, having a place or asking none clears it.

    A place, and another place, are told once. That a student withdrew is told to the school that expected them, until they
    are placed there again.
    """
    student = event.student
    if await store.is_erased(student):
        return
    held = await store.place(student) or StudentPlace(student)
    if event.sequence <= held.sequence:
        return
    if isinstance(event, PlacementEvent):
        site, periods = event.site, event.placement.periods
    else:
        site, periods = None, event.periods if isinstance(event, StudentUnplaced) else ()
    await store.save_place(replace(held, site=site, periods=periods, sequence=event.sequence))
    if not isinstance(event, StudentUnplaced):
        await end_alert(store, alert_id(AlertKind.UNPLACED, student), now, event.sequence)
    if isinstance(event, PlacementEvent):
        await end_alert(store, withdrawal_id(student, event.site), now, event.sequence)
        if not held.is_withdrawn:
            await _tell_place(store, event, now)
        return
    await withdraw_facts(store, student, now)
    if isinstance(event, PlacementWithdrawn):
        await _tell_school(store, event, held, now)
    elif isinstance(event, StudentUnplaced) and not held.is_withdrawn:
        case = Case(
            event.region,
            student,
            event.institute,
            event.reason,
            subject=event.subject,
            site=event.lost_site,
            periods=event.periods,
            since=event.since,
            figures=event.facts,
        )
        await raise_alert(store, new_alert(AlertKind.UNPLACED, student, case, event.sequence, now))


async def learn_mismatch(store: Store, event: MismatchReported | MismatchWithdrawn, now: datetime) -> None:
    """A reported mismatch opens an alert until it is withdrawn."""
    if isinstance(event, MismatchWithdrawn):
        await end_alert(store, alert_id(AlertKind.MISMATCH, event.mismatch), now, event.sequence)
        return
    mismatch = event.mismatch
    if await has_withdrawn(store, mismatch.student):
        return
    case = Case(
        event.region,
        mismatch.student,
        mismatch.institute,
        mismatch.kind,
        reported_by=mismatch.reported_by,
        since=mismatch.reported_on,
    )
    await raise_alert(store, new_alert(AlertKind.MISMATCH, mismatch.id, case, event.sequence, now))


async def learn_registration(store: Store, event: StudentEvent | StudentWithdrawn, now: datetime) -> None:
    """Of a student who asks no place any more nobody needs to hear, except the school that it has a place free again."""
    is_withdrawn = isinstance(event, StudentWithdrawn)
    student = event.student if isinstance(event, StudentWithdrawn) else event.student.id
    if await store.is_erased(student):
        return
    held = await store.place(student) or StudentPlace(student)
    is_news = is_withdrawn or held.is_withdrawn
    if not is_news or event.sequence <= held.registration_sequence:
        return
    await store.save_place(replace(held, is_withdrawn=is_withdrawn, registration_sequence=event.sequence))
    if is_withdrawn:
        await close_all_of(store, student, now, but_withdrawals=True)


async def forget(store: Store, erased: Tombstone, now: datetime) -> None:
    """An aggregate was erased: of a student nothing is kept, of others the alerts end."""
    if erased.kind == "student":
        await forget_student(store, erased.id, now)
    elif erased.kind == "signal":
        for kind in SIGNALLED:
            await end_alert(store, alert_id(kind, erased.id), now, None)
    elif erased.kind == "mismatch":
        await end_alert(store, alert_id(AlertKind.MISMATCH, erased.id), now, None)


SIGNALLED = (
    AlertKind.LOST,
    AlertKind.DETECTED,
    AlertKind.AT_RISK,
    AlertKind.SHORTAGE,
    AlertKind.OVERLOADED,
    AlertKind.FAIRNESS,
)
"""The kinds whose subject is a signal of the matcher."""


async def has_withdrawn(store: Store, student: str) -> bool:
    """Whether the student asks no place any more."""
    place = await store.place(student)
    return place is not None and place.is_withdrawn


async def _tell_place(store: Store, event: PlacementEvent, now: datetime) -> None:
    changed = event if isinstance(event, PlacementChanged) else None
    case = Case(
        event.region,
        event.student,
        event.institute,
        changed.cause if changed else "",
        subject=event.subject,
        site=event.site,
        periods=event.placement.periods,
        previous_site=changed.previous_site if changed else None,
        figures={"travel-min": event.travel_min},
    )
    kind = AlertKind.SETTLED if isinstance(event, PlacementSettled) else AlertKind.PROPOSED
    await tell_fact(store, AlertKind.CHANGED if changed else kind, case, event.sequence, now)


async def _tell_school(store: Store, event: PlacementWithdrawn, before: StudentPlace, now: datetime) -> None:
    """Of whom nothing was known nobody is told."""
    if event.site is None or event.cause is not MoveCause.STUDENT_WITHDRAWN or not before.sequence:
        return
    case = Case(event.region, event.student, event.institute, event.cause, site=event.site, periods=before.periods)
    await raise_alert(store, new_withdrawal(case, event.sequence, now))
