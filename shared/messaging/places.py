"""What the plan says of many students at once, among other events."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from shared.contracts.envelope import Event
from shared.contracts.placements import PlaceEvent
from shared.messaging.inbox import Tombstone

Some = Sequence[Event | Tombstone]


def runs_of_places(events: Some) -> Iterator[tuple[Some, Sequence[PlaceEvent]]]:
    """Neighbours that all tell where a student is, with what they tell; and neighbours of which none does, with nothing."""
    for _, some in groupby(events, lambda event: _place_in(event) is not None):
        run = list(some)
        yield run, [place for place in map(_place_in, run) if place is not None]


def _place_in(event: Event | Tombstone) -> PlaceEvent | None:
    data = event.data if isinstance(event, Event) else None
    return data if isinstance(data, PlaceEvent) else None
