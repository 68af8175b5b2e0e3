"""Applies events: they open and clear alerts, and teach about regions, sites and places."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.handlers import learning
from services.notifier.handlers.foreseeing import foresee
from services.notifier.handlers.learning_signals import learn_signal
from services.notifier.ports import Store
from shared.clock import Clock
from shared.contracts.availability import SiteChanged
from shared.contracts.envelope import Event
from shared.contracts.placements import PlacementEnded, PlacementEvent, PlacementWithdrawn, StudentUnplaced
from shared.contracts.region import DayStarted, RegionChanged
from shared.contracts.registrations import MismatchReported, MismatchWithdrawn, StudentEvent, StudentWithdrawn
from shared.contracts.signals import Signal
from shared.messaging.consumer import Apply
from shared.messaging.inbox import Tombstone


def applying(open_store: Callable[[AsyncSession], Store], clock: Clock) -> Apply:
    """Applies the events of a transaction, with what they need read at once."""

    async def apply(tx: AsyncSession, events: Sequence[Event | Tombstone]) -> None:
        store = open_store(tx)
        await foresee(store, events)
        for event in events:
            await fold(store, event, clock())

    return apply


async def fold(store: Store, event: Event | Tombstone, now: datetime) -> None:
    """Applies one event; kinds of which nobody is told are passed over."""
    if isinstance(event, Tombstone):
        await learning.forget(store, event, now)
        return
    match event.data:
        case Signal():
            await learn_signal(store, event.data, now)
        case PlacementEvent() | PlacementEnded() | PlacementWithdrawn() | StudentUnplaced():
            await learning.learn_place(store, event.data, now)
        case MismatchReported() | MismatchWithdrawn():
            await learning.learn_mismatch(store, event.data, now)
        case StudentEvent() | StudentWithdrawn():
            await learning.learn_registration(store, event.data, now)
        case RegionChanged():
            await learning.learn_region(store, event.data)
        case DayStarted():
            await learning.learn_day(store, event.data, now)
        case SiteChanged():
            await learning.learn_site(store, event.data)
        case _:
            return
