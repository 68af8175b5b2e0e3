"""What capacity learns from the plan and from signals: read models, and what that tells a site."""

from collections.abc import Sequence
from dataclasses import replace

from services.capacity.domain.decisions import Offer, Place
from services.capacity.domain.news import Told, news_of, offer_told, place_told, signal_told
from services.capacity.ports import Store
from shared.contracts.placements import PlaceEvent, PlacementEvent, StudentUnplaced, SwitchEvent, SwitchOffered
from shared.contracts.signals import Signal
from shared.contracts.vocabulary import SignalStatus


async def learn_switch(store: Store, event: SwitchEvent) -> Sequence[Told]:
    """Keeps which place is offered to a student who has another; of a search that found nothing or ended: none."""
    offer = Offer(event.student, event.region, event.sequence)
    if isinstance(event, SwitchOffered):
        answer_by = event.answer_by.isoformat()
        offer = replace(offer, site=event.site, workplace=event.workplace, periods=event.periods, answer_by=answer_by)
    held = await store.offer(event.student)
    return offer_told(held, offer) if await store.save_offer(offer) else ()


async def learn_place(store: Store, event: PlaceEvent) -> Sequence[Told]:
    """Keeps where a student is and who guides them."""
    news = news_of(event, await store.place(event.student))
    place = _place_in(event)
    return place_told(news, place) if await store.save_place(place, news) else ()


def _place_in(event: PlaceEvent) -> Place:
    if not isinstance(event, PlacementEvent):
        lost = event.lost_site if isinstance(event, StudentUnplaced) else None
        return Place(event.student, event.region, event.sequence, lost_site=lost)
    placement = event.placement
    guides = [share.supervisor for share in placement.wpb] + [each for each in (placement.so, placement.io) if each]
    where = (event.site, placement.workplace, placement.periods)
    return Place(placement.student, event.region, event.sequence, *where, tuple(dict.fromkeys(guides)), placement.state)


async def learn_signal(store: Store, event: Signal) -> Sequence[Told]:
    """What is signalled about a site; that something is over is no news to whom it was never told."""
    told = signal_told(event)
    if told is None or not await store.sites([told.site]):
        return ()
    before = await store.hear_signal(event.signal, getattr(event, "student", None), event.sequence)
    is_news = before is not None and (before > 0 or event.status is not SignalStatus.CLEARED)
    return (told,) if is_news else ()
