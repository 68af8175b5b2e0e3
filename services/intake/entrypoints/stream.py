"""Folds foreign events into intake's read models, and tells webhooks what is news about a student, in the same transaction."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.intake import handlers
from services.intake.bootstrap import Parts
from services.intake.domain.access import Who
from services.intake.ports import Store
from shared.contracts.availability import SiteChanged, WorkplaceChanged
from shared.contracts.envelope import Event
from shared.contracts.placements import PlaceEvent, SwitchEvent
from shared.contracts.region import RegionChanged
from shared.contracts.signals import StudentSignal
from shared.messaging.consumer import Apply
from shared.messaging.inbox import Tombstone
from shared.messaging.runs import data_of, runs


async def fold(store: Store, events: Sequence[Event | Tombstone]) -> list[Event]:
    """Applies events, and gives those that were news about a student; kinds that intake has no use for are passed over."""
    news: list[Event] = []
    for kind, some in runs(events, PlaceEvent, StudentSignal):
        learnt = await _learn(store, kind, some)
        news += [event for event, is_news in zip(some, learnt, strict=True) if is_news and isinstance(event, Event)]
    return news


async def _learn(store: Store, kind: object, some: Sequence[Event | Tombstone]) -> Sequence[bool]:
    """Whether each of these is news about a student."""
    if kind is PlaceEvent:
        return await handlers.learn_places(store, data_of(some))
    if kind is StudentSignal:
        return await handlers.learn_signals(store, data_of(some))
    return [await _fold(store, one) for one in some]


async def _fold(store: Store, event: Event | Tombstone) -> bool:
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
        case WorkplaceChanged():
            await handlers.learn_workplace(store, event.data)
            return False
        case SwitchEvent():
            return await handlers.learn_switch(store, event.data)
        case _:
            return False


def applying(parts: Parts) -> Apply:
    """Folds events, and tells webhooks what is news about a student."""

    async def apply(tx: AsyncSession, events: Sequence[Event | Tombstone]) -> None:
        store, webhooks = parts.store(tx, Who(parts.runtime.name)), parts.hooks.store(tx, None)
        for event in await fold(store, events):
            institute: str = event.data.institute  # type: ignore[attr-defined]
            if wanting := await webhooks.that_want([institute], event.type):
                data = event.data.model_dump(mode="json")
                student = data.get("student") or data["placement"]["student"]
                references = await store.references([student])
                if student in references:  # somebody who was erased meanwhile is told of no more
                    about = {**data, "reference": references[student]}
                    await webhooks.tell(wanting, event.type, about, parts.clock())

    return apply
