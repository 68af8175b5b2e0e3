"""What was ever told about a student who was erased, so that all of it can be taken back, and who else's rows name them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import LOST, Place
from services.matcher.domain.plan import Placement
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.looking import OF_STUDENTS
from services.matcher.domain.signals.naming import signal_name
from services.matcher.domain.signals.table import RuleName
from services.matcher.domain.switches import Switch
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS

WITH_STUDENT = {*OF_STUDENTS, RuleName.SECOND_MOVE}
"""The rules whose subject is a student, also where nothing was told of them yet."""
ABOUT = ("student", "school-decision", "institute-decision")
"""Kinds of aggregates that have the id of their student."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A student who was erased, and what was published about them; `untold` are signals of which nothing was.

    Of others those places and searches that named them are given, without that name.
    """

    region: RegionId
    student: StudentId
    had_place: bool = False
    had_switch: bool = False
    signals: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    places: Mapping[StudentId, Place] = field(default_factory=dict)
    switches: Mapping[StudentId, Switch] = field(default_factory=dict)

    @property
    def aggregates(self) -> list[tuple[str, str]]:
        """All that was published, by topic."""
        places = [f"student/{self.student}"] if self.had_place else []
        places += [f"switch/{self.student}"] if self.had_switch else []
        signals = [(PLACEMENT_SIGNALS, f"signal/{one}") for one in self.signals]
        return [*((PLACEMENTS, one) for one in places), *signals]

    @property
    def subjects(self) -> list[str]:
        """Every aggregate that has their id."""
        return [f"{kind}/{self.student}" for kind in ABOUT]


def erased(
    region: RegionId,
    student: StudentId,
    places: Mapping[StudentId, Place],
    switches: Mapping[StudentId, Switch],
    signals: Mapping[str, Signal],
) -> Erased:
    """Everything about one student; a signal that only counts them, of a site or a group, stays."""
    about = [one for one in signals.values() if _is_about(one, student)]
    told = {one.id for one in about if one.sequence}
    place = places.get(student)
    if place is not None and place.signal_sequence:
        told.add(signal_name(LOST, LOST, student))
    return Erased(
        region,
        student,
        place is not None,
        student in switches,
        tuple(sorted(told)),
        tuple(sorted(one.id for one in about if not one.sequence)),
        {key: _place(one, student) for key, one in places.items() if _names(one.placement, student)},
        {key: _switch(one, student) for key, one in switches.items() if _switch(one, student) != one},
    )


def _is_about(signal: Signal, student: StudentId) -> bool:
    is_theirs = signal.rule in WITH_STUDENT and signal.subject == student
    return is_theirs or signal.about.get("student") == student


def _names(placement: Placement | None, student: StudentId) -> bool:
    return placement is not None and placement.student != student and placement.duo_with == student


def _place(place: Place, student: StudentId) -> Place:
    return replace(place, placement=None if place.placement is None else _alone(place.placement, student))


def _alone(placement: Placement, student: StudentId) -> Placement:
    return replace(placement, duo_with=None) if placement.duo_with == student else placement


def _switch(switch: Switch, student: StudentId) -> Switch:
    """An offer that is open with them ends by the next plan, which finds that it cannot be taken."""
    refused = tuple(_alone(one, student) for one in switch.refused)
    offer = switch.offer
    if offer is None:
        return replace(switch, refused=refused)
    held, placement = _alone(offer.held, student), _alone(offer.placement, student)
    partner = None if offer.partner == student else offer.partner
    return replace(switch, refused=refused, offer=replace(offer, held=held, placement=placement, partner=partner))
