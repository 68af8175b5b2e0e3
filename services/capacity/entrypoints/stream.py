"""Folds the plan into capacity's read models."""

from services.capacity import handlers
from services.capacity.ports import Store
from shared.contracts.envelope import Event
from shared.contracts.placements import PlacementEnded, PlacementEvent, PlacementWithdrawn, StudentUnplaced, SwitchEvent
from shared.messaging.inbox import Tombstone


async def fold(store: Store, event: Event | Tombstone) -> None:
    """Applies one event; kinds that capacity has no use for are passed over."""
    if isinstance(event, Tombstone):
        if event.kind == "student":
            await handlers.forget_student(store, event.id)
        return
    match event.data:
        case PlacementEvent() | PlacementEnded() | PlacementWithdrawn() | StudentUnplaced():
            await handlers.learn_place(store, event.data)
        case SwitchEvent():
            await handlers.learn_switch(store, event.data)
        case _:
            return
