"""What a change of the plan means for a school: who came, who left, who got somebody else to guide them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.capacity.domain.decisions import Place
from shared.contracts.placements import (
    PlaceEvent,
    PlacementChanged,
    PlacementEnded,
    PlacementEvent,
    PlacementSettled,
    PlacementWithdrawn,
    StudentUnplaced,
)


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
