"""What events teach: regions, sites and places, and which alerts open and clear. Older sequences change nothing."""

from dataclasses import replace
from datetime import datetime

from services.notifier.domain.alerts import (
    Alert,
    AlertKind,
    Case,
    alert_id,
    clear_alert,
    new_alert,
    new_withdrawal,
    open_alert,
    withdrawal_id,
)
from services.notifier.domain.knowledge import KnownRegion, KnownSite, StudentPlace
from services.notifier.ports import Store
from shared.contracts.availability import SiteChanged
from shared.contracts.placements import MoveCause, PlaceEvent, PlacementEvent, PlacementWithdrawn, StudentUnplaced
from shared.contracts.region import DayStarted, RegionChanged
from shared.contracts.registrations import MismatchReported, MismatchWithdrawn, StudentEvent, StudentWithdrawn
from shared.contracts.signals import PlacementLost
from shared.contracts.vocabulary import SignalStatus
from shared.messaging.inbox import Tombstone


async def learn_region(store: Store, event: RegionChanged) -> None:
    """Keeps a region's name and when its periods start."""
    held = await store.region(event.region) or KnownRegion(event.region)
    if event.sequence > held.sequence:
        starts = {period.id: period.start for period in event.periods}
        await store.save_region(replace(held, name=event.name, starts=starts, sequence=event.sequence))


async def learn_day(store: Store, event: DayStarted) -> None:
    """Keeps the day it is in a region."""
    held = await store.region(event.region) or KnownRegion(event.region)
    if event.sequence > held.day_sequence:
        await store.save_region(replace(held, day=event.day, day_sequence=event.sequence))


async def learn_site(store: Store, event: SiteChanged) -> None:
    """Keeps a school's name and town."""
    held = await store.site(event.site.id)
    if held is None or event.sequence > held.sequence:
        await store.save_site(KnownSite(event.site.id, event.name, event.town, event.sequence))


async def learn_place(store: Store, event: PlaceEvent, now: datetime) -> None:
    """Keeps where a student is; being unplaced opens an alert, having a place or asking none clears it.

    That a student withdrew is told to the school that expected them, until they are placed there again.
    """
    student = event.student
    held = await store.place(student) or StudentPlace(student)
    if event.sequence <= held.sequence:
        return
    if isinstance(event, PlacementEvent):
        site, periods = event.site, event.placement.periods
    else:
        site, periods = None, event.periods if isinstance(event, StudentUnplaced) else ()
    await store.save_place(replace(held, site=site, periods=periods, sequence=event.sequence))
    if not isinstance(event, StudentUnplaced):
        await _clear(store, alert_id(AlertKind.UNPLACED, student), event.sequence)
    if isinstance(event, PlacementEvent):
        await _clear(store, withdrawal_id(student, event.site), event.sequence)
    elif isinstance(event, PlacementWithdrawn):
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
        )
        await _open(store, new_alert(AlertKind.UNPLACED, student, case, event.sequence, now))


async def learn_lost(store: Store, event: PlacementLost, now: datetime) -> None:
    """A lost place opens an alert; the signal says itself when it is over."""
    if event.status is SignalStatus.CLEARED:
        await _clear(store, alert_id(AlertKind.LOST, event.signal), event.sequence)
        return
    if await _has_withdrawn(store, event.student):
        return
    case = Case(
        event.region,
        event.student,
        event.institute,
        event.cause,
        subject=event.subject,
        site=event.lost_site,
        starts=event.period_starts,
    )
    await _open(store, new_alert(AlertKind.LOST, event.signal, case, event.sequence, now))


async def learn_mismatch(store: Store, event: MismatchReported | MismatchWithdrawn, now: datetime) -> None:
    """A reported mismatch opens an alert until it is withdrawn."""
    if isinstance(event, MismatchWithdrawn):
        await _clear(store, alert_id(AlertKind.MISMATCH, event.mismatch), event.sequence)
        return
    mismatch = event.mismatch
    if await _has_withdrawn(store, mismatch.student):
        return
    case = Case(event.region, mismatch.student, mismatch.institute, mismatch.kind, reported_by=mismatch.reported_by)
    await _open(store, new_alert(AlertKind.MISMATCH, mismatch.id, case, event.sequence, now))


async def learn_registration(store: Store, event: StudentEvent | StudentWithdrawn) -> None:
    """Of a student who asks no place any more nobody needs to hear, except the school that it has a place free again."""
    is_withdrawn = isinstance(event, StudentWithdrawn)
    student = event.student if isinstance(event, StudentWithdrawn) else event.student.id
    held = await store.place(student) or StudentPlace(student)
    is_news = is_withdrawn or held.is_withdrawn
    if not is_news or event.sequence <= held.registration_sequence:
        return
    await store.save_place(replace(held, is_withdrawn=is_withdrawn, registration_sequence=event.sequence))
    if is_withdrawn:
        await _clear_all_of(store, student, but_withdrawals=True)


async def forget(store: Store, erased: Tombstone) -> None:
    """An aggregate was erased: its alerts are over and its read model goes."""
    if erased.kind == "student":
        await _clear_all_of(store, erased.id)
        await store.forget_place(erased.id)
    elif erased.kind in {"signal", "mismatch"}:
        kind = AlertKind.LOST if erased.kind == "signal" else AlertKind.MISMATCH
        await _clear(store, alert_id(kind, erased.id), None)


async def _tell_school(store: Store, event: PlacementWithdrawn, before: StudentPlace, now: datetime) -> None:
    """Of whom nothing was known, an erased student, nobody is told."""
    if event.site is None or event.cause is not MoveCause.STUDENT_WITHDRAWN or not before.sequence:
        return
    case = Case(event.region, event.student, event.institute, event.cause, site=event.site, periods=before.periods)
    await _open(store, new_withdrawal(case, event.sequence, now))


async def _open(store: Store, new: Alert) -> None:
    held = await store.alert(new.id)
    after = open_alert(held, new)
    if after != held:
        await store.save_alert(after)


async def _clear(store: Store, alert: str, sequence: int | None) -> None:
    held = await store.alert(alert)
    if held is not None and (after := clear_alert(held, sequence)) != held:
        await store.save_alert(after)


async def _clear_all_of(store: Store, student: str, *, but_withdrawals: bool = False) -> None:
    for alert in await store.alerts_of(student):
        if not (but_withdrawals and alert.is_withdrawal):
            await store.save_alert(clear_alert(alert))


async def _has_withdrawn(store: Store, student: str) -> bool:
    place = await store.place(student)
    return place is not None and place.is_withdrawn
