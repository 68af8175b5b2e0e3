"""Applies events: they open and clear alerts, and teach about regions, sites and places."""

from datetime import datetime

from services.notifier.handlers import learning
from services.notifier.ports import Store
from shared.contracts.availability import SiteChanged
from shared.contracts.envelope import Event
from shared.contracts.placements import PlacementEnded, PlacementEvent, PlacementWithdrawn, StudentUnplaced
from shared.contracts.region import DayStarted, RegionChanged
from shared.contracts.registrations import MismatchReported, MismatchWithdrawn, StudentEvent, StudentWithdrawn
from shared.contracts.signals import PlacementLost
from shared.messaging.inbox import Tombstone


async def fold(store: Store, event: Event | Tombstone, now: datetime) -> None:
    """Applies one event; kinds of which nobody is told are passed over."""
    if isinstance(event, Tombstone):
        await learning.forget(store, event)
        return
    match event.data:
        case PlacementLost():
            await learning.learn_lost(store, event.data, now)
        case PlacementEvent() | PlacementEnded() | PlacementWithdrawn() | StudentUnplaced():
            await learning.learn_place(store, event.data, now)
        case MismatchReported() | MismatchWithdrawn():
            await learning.learn_mismatch(store, event.data, now)
        case StudentEvent() | StudentWithdrawn():
            await learning.learn_registration(store, event.data)
        case RegionChanged():
            await learning.learn_region(store, event.data)
        case DayStarted():
            await learning.learn_day(store, event.data)
        case SiteChanged():
            await learning.learn_site(store, event.data)
        case _:
            return
