"""Folds foreign events into intake's read models."""

from services.intake import handlers
from services.intake.ports import Store
from shared.contracts.availability import SiteChanged
from shared.contracts.envelope import Event
from shared.contracts.placements import PlacementEnded, PlacementEvent, PlacementWithdrawn, StudentUnplaced, SwitchEvent
from shared.contracts.region import RegionChanged
from shared.contracts.signals import MismatchDetected, PlacementLost, StudentAtRisk
from shared.messaging.inbox import Tombstone


async def fold(store: Store, event: Event | Tombstone) -> bool:
    """Applies one event; kinds that intake has no use for are passed over. Whether it was news about a student."""
    if isinstance(event, Tombstone):
        if event.kind == "student":
            await store.forget_place(event.id)
        return False
    match event.data:
        case RegionChanged():
            await handlers.learn_region(store, event.data)
            return False
        case SiteChanged():
            await handlers.learn_site(store, event.data)
            return False
        case PlacementEvent() | PlacementEnded() | PlacementWithdrawn() | StudentUnplaced():
            return await handlers.learn_place(store, event.data)
        case SwitchEvent():
            return await handlers.learn_switch(store, event.data)
        case PlacementLost() | MismatchDetected() | StudentAtRisk():
            return await handlers.learn_signal(store, event.data)
        case _:
            return False
