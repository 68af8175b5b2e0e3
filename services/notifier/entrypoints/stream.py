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
from shared.errors import DomainError
from shared.messaging.inbox import Tombstone


class Folding:
    """Applies the events of one transaction after another, each transaction with one view of the store."""

    def __init__(self, store: Callable[[AsyncSession], Store], clock: Clock) -> None:
        self._open = store
        self._clock = clock
        self._tx: AsyncSession | None = None

    async def prepare(self, tx: AsyncSession, events: Sequence[Event | Tombstone]) -> None:
        """Reads at once what these events will need."""
        self._tx, self._store = tx, self._open(tx)
        await foresee(self._store, events)

    async def apply(self, tx: AsyncSession, event: Event | Tombstone) -> None:
        """Applies one event; after one that is refused, what was read for it is not trusted any more."""
        if tx is not self._tx:
            self._tx, self._store = tx, self._open(tx)
        try:
            await fold(self._store, event, self._clock())
        except DomainError:
            self._tx = None
            raise


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
