"""What became of each student, and what must be told when a new plan changes it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from services.matcher.domain.ids import InstituteId, SiteId, StudentId
from services.matcher.domain.plan import Placement, Unplaced
from services.matcher.domain.region import Region
from services.matcher.domain.signals.naming import signal_name
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import PlacementState
from shared.contracts import placements as events
from shared.contracts import signals
from shared.contracts.placements import MoveCause
from shared.contracts.vocabulary import Contract, SignalLevel, SignalStatus

LOST = "lost"
"""The kind of the signal that a place was lost."""


class PlaceStatus(StrEnum):
    """Placed, not placed, past the last day of what was asked for, or no longer asking."""

    PLACED = "placed"
    UNPLACED = "unplaced"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


HOLDING = frozenset({PlaceStatus.PLACED, PlaceStatus.ENDED})
"""Those of whom the placement is known: the one they have, or had to its end."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Where the place was that somebody lost, and why, as it was told; what is older than this field has no cause."""

    site: SiteId
    cause: MoveCause | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What was last published about a student; `lost` is the place that was lost and not replaced.

    The placement is the one that they have, or had to its end.
    """

    student: StudentId
    institute: InstituteId
    subject: str
    sequence: int
    status: PlaceStatus
    since: date
    placement: Placement | None = None
    unplaced: Unplaced | None = None
    site: SiteId | None = None
    lost: Loss | None = None
    signal_sequence: int = 0


@dataclass(frozen=True, slots=True)
class ChangedPlace:
    """A place that changed, and the events that tell it."""

    place: Place
    events: tuple[Contract, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a plan makes of those whom it may concern: their placement, or why there is none, and why one had to go.

    Of those who are `over` everything that they asked for is past.
    """

    placed: Mapping[StudentId, Placement] = field(default_factory=dict)
    unplaced: Mapping[StudentId, Unplaced] = field(default_factory=dict)
    causes: Mapping[StudentId, MoveCause] = field(default_factory=dict)
    over: Collection[StudentId] = ()


def changes(
    before: Mapping[StudentId, Place], region: Region, outcome: Outcome, asked: Iterable[StudentId], version: int
) -> list[ChangedPlace]:
    """Of the outcome and of the students asked about every place that differs from what was last published, by student."""
    teller = _Teller(region, outcome, version)
    students = sorted({*outcome.placed, *outcome.unplaced, *asked})
    return [change for student in students for change in teller.tell(before.get(student), student)]


class _Teller:
    def __init__(self, region: Region, outcome: Outcome, version: int) -> None:
        self._region = region
        self._outcome = outcome
        self._version = version

    def tell(self, before: Place | None, student: StudentId) -> Iterable[ChangedPlace]:
        if student not in self._region.students:
            return () if before is None or before.status is PlaceStatus.WITHDRAWN else (self._withdrawn(before),)
        if student in self._outcome.over:
            has_ended = before is None or before.status in {PlaceStatus.WITHDRAWN, PlaceStatus.ENDED}
            return () if before is None or has_ended else (self._ended(before),)
        if student in self._outcome.placed:
            return self._placed_now(before, self._outcome.placed[student])
        if student in self._outcome.unplaced:
            return self._unplaced_now(before, student)
        return ()

    def _placed_now(self, before: Place | None, placement: Placement) -> Iterator[ChangedPlace]:
        held = before.placement if before is not None and before.status is PlaceStatus.PLACED else None
        site = self._region.workplaces[placement.workplace].site
        if held == placement and before is not None and self._is_same_to_tell(before) and before.site == site:
            return
        place = self._next(before, placement.student, PlaceStatus.PLACED)
        place = replace(place, placement=placement, site=site)
        told = [self._placement_event(place, held, before)]
        if before is not None and before.lost is not None:
            place = replace(place, signal_sequence=before.signal_sequence + 1)
            told.append(self._lost(place, before.lost, before.since, SignalStatus.CLEARED))
        yield ChangedPlace(place, tuple(told))

    def _placement_event(self, place: Place, held: Placement | None, before: Place | None) -> Contract:
        placement, site = place.placement, place.site
        assert placement is not None
        assert site is not None
        student = self._region.students[place.student]
        common = {
            "region": self._region.id,
            "sequence": place.sequence,
            "plan_version": self._version,
            "institute": student.institute,
            "site": site,
            "subject": self._region.workplaces[placement.workplace].subject,
            "travel_min": travel_minutes(self._region.settings.travel, student, self._region.sites[site]),
            "placement": _contract_of(placement),
        }
        if held is None or before is None or before.site is None:
            return events.PlacementProposed.model_validate(common)
        if replace(held, state=placement.state) == placement and placement.state is not PlacementState.PROPOSED:
            return events.PlacementSettled.model_validate(common)
        cause = self._outcome.causes.get(
            place.student, MoveCause.STUDENT_CHANGED if held == placement else MoveCause.MADE_ROOM
        )
        return events.PlacementChanged.model_validate({**common, "cause": cause, "previous_site": before.site})

    def _unplaced_now(self, before: Place | None, student: StudentId) -> Iterator[ChangedPlace]:
        unplaced = self._outcome.unplaced[student]
        known = before.unplaced if before is not None and before.status is PlaceStatus.UNPLACED else None
        if (
            before is not None
            and known is not None
            and known.reason == unplaced.reason
            and self._is_same_to_tell(before)
        ):
            return
        lost_now = before is not None and before.status is PlaceStatus.PLACED
        place = self._next(before, student, PlaceStatus.UNPLACED)
        since = before.since if before is not None and known is not None else self._region.today
        lost = place.lost
        if before is not None and before.site is not None and lost_now:
            lost = Loss(before.site, self._outcome.causes.get(student, MoveCause.MADE_ROOM))
        place = replace(place, unplaced=unplaced, since=since, lost=lost, site=None)
        told: list[Contract] = [self._unplaced_event(place, unplaced)]
        if lost_now and lost is not None:
            place = replace(place, signal_sequence=place.signal_sequence + 1)
            told.append(self._lost(place, lost, since, SignalStatus.RAISED))
        yield ChangedPlace(place, tuple(told))

    def _unplaced_event(self, place: Place, unplaced: Unplaced) -> Contract:
        student = self._region.students[place.student]
        return events.StudentUnplaced(
            region=self._region.id,
            sequence=place.sequence,
            plan_version=self._version,
            student=place.student,
            institute=student.institute,
            subject=student.subject,
            periods=student.period_sets[0],
            since=place.since,
            reason=events.UnplacedReason(unplaced.reason),
            lost_site=None if place.lost is None else place.lost.site,
            facts=dict(unplaced.facts),
        )

    def _is_same_to_tell(self, before: Place) -> bool:
        """Whose student it is, and of what subject, is what was told last."""
        student = self._region.students[before.student]
        return (before.institute, before.subject) == (student.institute, student.subject)

    def _withdrawn(self, before: Place) -> ChangedPlace:
        place = replace(self._after(before, PlaceStatus.WITHDRAWN), placement=None, site=None)
        gone = events.PlacementWithdrawn(
            region=self._region.id,
            sequence=place.sequence,
            plan_version=self._version,
            student=before.student,
            institute=before.institute,
            site=before.site if before.status is PlaceStatus.PLACED else None,
            cause=MoveCause.STUDENT_WITHDRAWN,
        )
        return self._without_loss(place, before, gone)

    def _ended(self, before: Place) -> ChangedPlace:
        place, asked = self._after(before, PlaceStatus.ENDED), self._region.students[before.student].period_sets[0]
        ended = events.PlacementEnded(
            region=self._region.id,
            sequence=place.sequence,
            plan_version=self._version,
            student=before.student,
            institute=before.institute,
            subject=before.subject,
            site=before.site,
            periods=asked if before.placement is None else before.placement.periods,
        )
        return self._without_loss(place, before, ended)

    def _after(self, before: Place, status: PlaceStatus) -> Place:
        """The place of somebody for whom nothing is looked for any more."""
        return replace(
            before, sequence=before.sequence + 1, status=status, since=self._region.today, unplaced=None, lost=None
        )

    def _without_loss(self, place: Place, before: Place, told: Contract) -> ChangedPlace:
        """Whoever lost a place and asks for none any more waits for none."""
        if before.lost is None:
            return ChangedPlace(place, (told,))
        place = replace(place, signal_sequence=before.signal_sequence + 1)
        return ChangedPlace(place, (told, self._lost(place, before.lost, before.since, SignalStatus.CLEARED)))

    def _next(self, before: Place | None, student: StudentId, status: PlaceStatus) -> Place:
        asked = self._region.students[student]
        if before is None:
            return Place(student, asked.institute, asked.subject, 1, status, self._region.today)
        lost = before.lost if status is PlaceStatus.UNPLACED else None
        return Place(
            student,
            asked.institute,
            asked.subject,
            before.sequence + 1,
            status,
            self._region.today,
            lost=lost,
            signal_sequence=before.signal_sequence,
        )

    def _lost(self, place: Place, lost: Loss, since: date, status: SignalStatus) -> Contract:
        """The signal that a place was lost, or found again, with the same cause; who is gone has no period to start."""
        student = self._region.students.get(place.student)
        starts = (
            [self._region.periods[one].start for one in student.period_sets[0] if one in self._region.periods]
            if student
            else []
        )
        return signals.PlacementLost(
            region=self._region.id,
            sequence=place.signal_sequence,
            signal=signal_name(LOST, LOST, place.student),
            status=status,
            level=SignalLevel.CRITICAL,
            since=since,
            student=place.student,
            institute=place.institute,
            lost_site=lost.site,
            subject=place.subject,
            cause=lost.cause or MoveCause.MADE_ROOM,
            period_starts=min(starts, default=since),
        )


def _contract_of(placement: Placement) -> events.Placement:
    return events.Placement.model_validate(
        {
            "student": placement.student,
            "periods": placement.periods,
            "workplace": placement.workplace,
            "wpb": [{"supervisor": share.supervisor, "qh": share.qh} for share in placement.wpb],
            "so": placement.so,
            "io": placement.io,
            "duo_with": placement.duo_with,
            "relief": placement.relief,
            "state": placement.state,
        }
    )
