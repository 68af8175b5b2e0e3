"""What was ever told about a student who was erased, so that all of it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import LOST, Place
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.naming import signal_name
from services.matcher.domain.switches import Switch
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS


@dataclass(frozen=True, slots=True)
class Erased:
    """A student who was erased, and what was published about them."""

    region: RegionId
    student: StudentId
    had_place: bool = False
    had_switch: bool = False
    signals: tuple[str, ...] = ()

    @property
    def aggregates(self) -> list[tuple[str, str]]:
        """All that was published, by topic."""
        places = [f"student/{self.student}"] if self.had_place else []
        places += [f"switch/{self.student}"] if self.had_switch else []
        signals = [(PLACEMENT_SIGNALS, f"signal/{one}") for one in self.signals]
        return [*((PLACEMENTS, one) for one in places), *signals]


def erased(
    region: RegionId,
    student: StudentId,
    places: Mapping[StudentId, Place],
    switches: Mapping[StudentId, Switch],
    signals: Mapping[str, Signal],
) -> Erased:
    """Everything about one student; a signal that only counts them, of a site or a group, stays."""
    about = {one.id for one in signals.values() if one.about.get("student") == student}
    place = places.get(student)
    if place is not None and place.signal_sequence:
        about.add(signal_name(LOST, LOST, student))
    return Erased(region, student, place is not None, student in switches, tuple(sorted(about)))
