"""Folds the plan into capacity's read models, and tells webhooks what is news of a site, in the same transaction."""

from collections.abc import Awaitable, Callable, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from services.capacity.domain.news import Told
from services.capacity.handlers import learning
from services.capacity.handlers.owning import owners_of
from services.capacity.ports import Store
from shared.contracts.envelope import Event
from shared.contracts.placements import PlacementEnded, PlacementEvent, PlacementWithdrawn, StudentUnplaced, SwitchEvent
from shared.contracts.signals import Signal
from shared.messaging.inbox import Tombstone


async def fold(store: Store, event: Event | Tombstone) -> Sequence[Told]:
    """Applies one event, and gives what is news of a site; kinds that capacity has no use for are passed over."""
    if isinstance(event, Tombstone):
        if event.kind == "student":
            await handlers.forget_student(store, event.id)
        return ()
    match event.data:
        case PlacementEvent() | PlacementEnded() | PlacementWithdrawn() | StudentUnplaced():
            return await learning.learn_place(store, event.data)
        case SwitchEvent():
            return await learning.learn_switch(store, event.data)
        case Signal():
            return await learning.learn_signal(store, event.data)
        case _:
            return ()


def applying(parts: Parts) -> Callable[[AsyncSession, Event | Tombstone], Awaitable[None]]:
    """Folds one event, and tells webhooks of the school and the board of a site what is news of it."""

    async def apply(tx: AsyncSession, event: Event | Tombstone) -> None:
        store = parts.store(tx, parts.runtime.name)
        for told in await fold(store, event):
            assert isinstance(event, Event)
            site = (await store.sites([told.site])).get(told.site)
            if site is None:
                continue
            webhooks = parts.hooks.store(tx, None)
            if wanting := await webhooks.that_want(owners_of(site), event.type):
                await webhooks.tell(wanting, event.type, told.body, parts.clock())

    return apply
