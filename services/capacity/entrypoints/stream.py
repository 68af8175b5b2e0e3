"""Folds the plan into capacity's read models, and tells webhooks what is news of a site, in the same transaction."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity import handlers
from services.capacity.bootstrap import Parts
from services.capacity.domain.news import Told
from services.capacity.handlers import learning
from services.capacity.handlers.owning import owners_of
from services.capacity.ports import Store
from shared.contracts.envelope import Event
from shared.contracts.placements import PlaceEvent, SwitchEvent
from shared.contracts.signals import Signal
from shared.messaging.consumer import Apply
from shared.messaging.inbox import Tombstone
from shared.messaging.runs import data_of, runs


async def fold(store: Store, events: Sequence[Event | Tombstone]) -> list[tuple[Event, Told]]:
    """Applies events, and gives what of which is news of a site; kinds that capacity has no use for are passed over."""
    told: list[tuple[Event, Told]] = []
    for kind, some in runs(events, PlaceEvent, Signal):
        for event, news in zip(some, await _learn(store, kind, some), strict=True):
            told += [(event, each) for each in news if isinstance(event, Event)]
    return told


async def _learn(store: Store, kind: object, some: Sequence[Event | Tombstone]) -> Sequence[Sequence[Told]]:
    """What each of these tells sites."""
    if kind is PlaceEvent:
        return await learning.learn_places(store, data_of(some))
    if kind is Signal:
        return await learning.learn_signals(store, data_of(some))
    return [await _fold(store, one) for one in some]


async def _fold(store: Store, event: Event | Tombstone) -> Sequence[Told]:
    if isinstance(event, Tombstone):
        if event.kind == "student":
            await handlers.forget_student(store, event.id)
        return ()
    match event.data:
        case SwitchEvent():
            return await learning.learn_switch(store, event.data)
        case _:
            return ()


def applying(parts: Parts) -> Apply:
    """Folds events, and tells webhooks of the school and the board of a site what is news of it."""

    async def apply(tx: AsyncSession, events: Sequence[Event | Tombstone]) -> None:
        store, webhooks = parts.store(tx, parts.runtime.name), parts.hooks.store(tx, None)
        told = await fold(store, events)
        sites = await store.sites({each.site for _, each in told}) if told else {}
        for event, each in told:
            site = sites.get(each.site)
            if site is not None and (wanting := await webhooks.that_want(owners_of(site), event.type)):
                await webhooks.tell(wanting, event.type, each.body, parts.clock())

    return apply
