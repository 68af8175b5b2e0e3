"""What a change of the plan means for a school: who came, who left, who got somebody else to guide them; and how its system is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.capacity.domain.decisions import Offer, Place
from shared.contracts.placements import (
    PlaceEvent,
    PlacementChanged,
    PlacementEnded,
    PlacementEvent,
    PlacementSettled,
    PlacementWithdrawn,
    StudentUnplaced,
)
from shared.contracts.signals import FairnessGap, PlacementLost, Signal


class What(StrEnum):
    """What happened at a site to one student."""

    PROPOSED = "proposed"
    ARRIVED = "arrived"
    LEFT = "left"
    MOVED = "moved"
    REGUIDED = "reguided"
    SETTLED = "settled"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class News:
    """Something happened at a site to a student."""

    site: str
    student: str
    what: What


def news_of(event: PlaceEvent, held: Place | None) -> Sequence[News]:
    """What an event of the plan means for the sites that it touches; `held` is what was known of the student before."""
    before = None if held is None else held.site
    match event:
        case PlacementChanged() if event.previous_site != event.site:
            return News(event.previous_site, event.student, What.LEFT), News(event.site, event.student, What.ARRIVED)
        case PlacementChanged():
            is_same = held is not None and held.workplace == event.placement.workplace
            return (News(event.site, event.student, What.REGUIDED if is_same else What.MOVED),)
        case PlacementSettled():
            return (News(event.site, event.student, What.SETTLED),)
        case PlacementEvent():
            return (News(event.site, event.student, What.PROPOSED),)
        case StudentUnplaced():
            return (News(event.lost_site, event.student, What.LOST),) if event.lost_site and before else ()
        case PlacementWithdrawn():
            return (News(before, event.student, What.WITHDRAWN),) if before else ()
        case PlacementEnded():
            return (News(before, event.student, What.ENDED),) if before else ()


@dataclass(frozen=True, slots=True)
class Told:
    """What the system of a school is told of one of its sites; nothing of another site is in it."""

    site: str
    body: Mapping[str, object]


def place_told(news: Sequence[News], place: Place) -> Sequence[Told]:
    """What each site is told of a student; `place` is there as long as it is at that site."""
    about = {"region": place.region, "sequence": place.sequence, "student": place.student}
    here = {
        "workplace": place.workplace,
        "periods": list(place.periods),
        "state": place.state,
        "guides": list(place.guides),
    }
    return [
        Told(one.site, {**about, "site": one.site, "what": one.what, "place": here if one.site == place.site else None})
        for one in news
    ]


def offer_told(held: Offer | None, offer: Offer) -> Sequence[Told]:
    """What the site is told where a place is offered to a student who has another, and where one no longer is."""
    about = {"region": offer.region, "sequence": offer.sequence, "student": offer.student}
    told = []
    if held is not None and held.site is not None and held.site != offer.site:
        over = {**about, "site": held.site, "what": "offer-closed", "offer": held.sequence, "place": None}
        told.append(Told(held.site, over))
    if offer.site is not None:
        place = {"workplace": offer.workplace, "periods": list(offer.periods), "answer_by": offer.answer_by}
        begun = {**about, "site": offer.site, "what": "offered", "offer": offer.sequence, "place": place}
        told.append(Told(offer.site, begun))
    return told


def signal_told(signal: Signal) -> Told | None:
    """What the site is told that a signal is about; None for one that is about no site."""
    site = signal.lost_site if isinstance(signal, PlacementLost) else getattr(signal, "site", None)
    if site is None or isinstance(signal, FairnessGap):
        return None
    return Told(site, {**signal.model_dump(mode="json", exclude={"institute"}), "site": site})
