"""Who has which place, and had, read from what was last told of each student."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TypeVar

from services.matcher.domain.ids import PeriodId, StudentId
from services.matcher.domain.places import Place, PlaceStatus
from services.matcher.domain.plan import Placement

T = TypeVar("T")


def held(place: Place | None) -> Placement | None:
    """The placement that somebody has now; one that they had to its end is none."""
    return place.placement if place is not None and place.status is PlaceStatus.PLACED else None


class _Lookup(Mapping[StudentId, T]):
    """What is read from the places of students when it is asked for: most events ask for a few of thousands."""

    def __init__(self, places: Mapping[StudentId, Place]) -> None:
        self._places = places

    @abstractmethod
    def _of(self, place: Place) -> T | None:
        """None for a student of whom there is nothing."""

    def __getitem__(self, student: StudentId) -> T:
        found = self._of(self._places[student])
        if found is None:
            raise KeyError(student)
        return found

    def __iter__(self) -> Iterator[StudentId]:
        return (student for student, place in self._places.items() if self._of(place) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class PlacementsHeld(_Lookup[Placement]):
    """The placement of each student who has one now."""

    def _of(self, place: Place) -> Placement | None:
        return held(place)


class PeriodsHad(_Lookup[frozenset[PeriodId]]):
    """The periods of the placement that each student has, or had until it ended."""

    def _of(self, place: Place) -> frozenset[PeriodId] | None:
        return None if place.placement is None else frozenset(place.placement.periods)
