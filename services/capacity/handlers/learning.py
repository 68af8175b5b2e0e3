"""What capacity learns from the plan and from signals: read models, and what that tells a site."""

from collections.abc import Sequence
from dataclasses import replace

from services.capacity.domain.decisions import Offer, Place
from services.capacity.domain.news import News, Told, news_of, offer_told, place_told, signal_told
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


async def learn_places(store: Store, events: Sequence[PlaceEvent]) -> Sequence[Sequence[Told]]:
    """Keeps where students are and who guides them, and tells what of each event is news; of what is older nothing is."""
    before = await store.places({event.student for event in events})
    now, news, told = dict(before), list[News](), list[Sequence[Told]]()
    for event in events:
        place, held = _place_in(event), now.get(event.student)
        found: Sequence[News] = ()
        if held is None or held.sequence < place.sequence:
            now[event.student], found = place, news_of(event, held)
        news += found
        told.append(place_told(found, place))
    await store.save_places([place for student, place in now.items() if place is not before.get(student)], news)
    return told


def _place_in(event: PlaceEvent) -> Place:
    if not isinstance(event, PlacementEvent):
        lost = event.lost_site if isinstance(event, StudentUnplaced) else None
        return Place(event.student, event.region, event.sequence, lost_site=lost)
    placement = event.placement
    guides = [share.supervisor for share in placement.wpb] + [each for each in (placement.so, placement.io) if each]
    where = (event.site, placement.workplace, placement.periods)
    return Place(placement.student, event.region, event.sequence, *where, tuple(dict.fromkeys(guides)), placement.state)


async def learn_signals(store: Store, events: Sequence[Signal]) -> Sequence[Sequence[Told]]:
    """What is signalled about sites; that something is over is no news to whom it was never told."""
    told = [signal_told(event) for event in events]
    names = {one.site for one in told if one is not None}
    sites = await store.sites(names) if names else {}
    of_sites = [one is not None and one.site in sites for one in told]
    before = iter(await store.hear_signals([event for event, is_ours in zip(events, of_sites, strict=True) if is_ours]))
    news: list[Sequence[Told]] = []
    for event, one, is_ours in zip(events, told, of_sites, strict=True):
        held = next(before) if is_ours else None
        is_news = held is not None and (held > 0 or event.status is not SignalStatus.CLEARED)
        news.append((one,) if one is not None and is_news else ())
    return news
