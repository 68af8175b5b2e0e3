"""What is scarce, and what one more of it is worth at most: for a region, and for one student."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.matcher.domain.ids import PeriodId, SupervisorId, WorkplaceId
from services.matcher.domain.options import Place

Spot = tuple[str, PeriodId]


class Thing(StrEnum):
    """What there can be one more of: a quarter hour a week of somebody, or a seat at a workplace."""

    HOURS = "hours"
    SEATS = "seats"


@dataclass(frozen=True, slots=True)
class Limit:
    """One more of it in one period lowers the bound of every plan by at most so many points; always above 0."""

    thing: Thing
    id: str
    period: PeriodId
    points: int


class Limits:
    """The limits of a region that bind, the dearest first."""

    def __init__(
        self,
        hours: Mapping[tuple[SupervisorId, PeriodId], float],
        seats: Mapping[tuple[WorkplaceId, PeriodId], float],
    ) -> None:
        """Prices that round to nothing are no limits."""
        found = [*_limits(Thing.HOURS, hours.items()), *_limits(Thing.SEATS, seats.items())]
        self.dearest = sorted(found, key=lambda one: (-one.points, one.thing, one.id, one.period))
        self._by_spot: dict[tuple[Thing, Spot], Limit] = {(one.thing, (one.id, one.period)): one for one in found}

    def of(self, places: Sequence[Place]) -> list[Limit]:
        """Those that one more of could help at one of these places, the dearest first."""
        spots: set[tuple[Thing, Spot]] = set()
        for place in places:
            people = {guide.supervisor for guide in (*place.guides, *place.members)} | {*place.sos} | {*place.ios}
            for period in place.periods:
                spots.add((Thing.SEATS, (place.workplace, period)))
                spots |= {(Thing.HOURS, (one, period)) for one in people if one is not None}
        found = [self._by_spot[spot] for spot in spots & self._by_spot.keys()]
        return sorted(found, key=lambda one: (-one.points, one.thing, one.id, one.period))


def _limits(thing: Thing, prices: Iterable[tuple[Spot, float]]) -> list[Limit]:
    return [Limit(thing, name, period, round(price)) for (name, period), price in prices if round(price) > 0]
