"""Whose turn of improving it is: no more regions by turns than planning keeps at hand, since what makes room begins anew."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.matcher.domain.ids import RegionId

MOST_TURNS = 64
"""So many turns a region has in a row in which something happens meanwhile, where others wait; else it is improved to the end."""


@dataclass(slots=True)
class _Stay:
    """How many turns a region has had, and how it was before the first of them."""

    stamp: int
    turns: int = 0


class Round:
    """The regions that are improved by turns; who is at rest makes room for who has waited longest."""

    def __init__(self, most: int) -> None:
        """So many at once."""
        self._most = most
        self._at_hand: dict[RegionId, _Stay] = {}
        self._waiting: dict[RegionId, None] = {}

    def of(self, wanting: Mapping[RegionId, int]) -> list[RegionId]:
        """Who has a turn now, of those in which there is something to improve; each with the stamp of its state."""
        self._waiting = {one: None for one in [*self._waiting, *sorted(wanting)] if one in wanting}
        self._at_hand = {one: stay for one, stay in self._at_hand.items() if one in wanting}
        if len(wanting) > self._most:
            for one, stay in [*self._at_hand.items()]:
                if stay.turns >= MOST_TURNS and stay.stamp != wanting[one]:
                    del self._at_hand[one], self._waiting[one]
                    self._waiting[one] = None
        for one in self._waiting:
            if len(self._at_hand) < self._most and one not in self._at_hand:
                self._at_hand[one] = _Stay(wanting[one])
        for stay in self._at_hand.values():
            stay.turns += 1
        return [*self._at_hand]
