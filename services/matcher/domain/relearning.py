"""What is known of a region, learned again from the log: the facts that were told, and the places that were published."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from services.matcher.domain.documents import placement_from_document
from services.matcher.domain.facts import Fact, RegionFacts
from services.matcher.domain.folding import Folding
from services.matcher.domain.ids import InstituteId, RegionId, SiteId, StudentId
from services.matcher.domain.places import Loss, Place, PlaceStatus
from services.matcher.domain.plan import Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Student
from services.matcher.domain.told import fact_of
from shared.contracts.envelope import Event
from shared.contracts.placements import PlaceEvent, PlacementEnded, PlacementEvent, StudentUnplaced
from shared.contracts.signals import PlacementLost
from shared.contracts.vocabulary import SignalStatus


@dataclass(slots=True)
class Relearning:
    """The facts of one region, as the log tells them."""

    region: RegionId
    facts: dict[str, Fact] = field(default_factory=dict)
    folding: Folding = field(init=False)

    def __post_init__(self) -> None:
        """Nothing was told yet."""
        self.folding = Folding(RegionFacts(self.region))

    def tell(self, event: Event) -> None:
        """One more event; that of another region says nothing. Raises UnreadableEvent or RegionProblems as it was parked then."""
        fact = fact_of(event)
        if fact.region == self.region:
            self.take(fact)

    def erase(self, subject: str) -> None:
        """An aggregate was erased; one that is not of this region is nobody's."""
        if subject in self.facts:
            self.take(Fact(self.region, subject, self.folding.sequence_of(subject) + 1, None))

    def take(self, fact: Fact) -> None:
        """One more fact, unless it is no news."""
        if self.folding.take(fact) is not None:
            self.facts[fact.subject] = fact


@dataclass(slots=True)
class Published:
    """The last word about each student's place, and about what was lost; `version` is the newest plan that said anything."""

    places: dict[StudentId, PlaceEvent] = field(default_factory=dict)
    held: dict[StudentId, PlacementEvent] = field(default_factory=dict)
    losses: dict[StudentId, PlacementLost] = field(default_factory=dict)
    version: int = 0

    def tell(self, event: Event) -> None:
        """One more event."""
        data = event.data
        if isinstance(data, PlaceEvent):
            held = self.places.get(StudentId(data.student))
            self.version = max(self.version, data.plan_version)
            if held is None or data.sequence > held.sequence:
                self.places[StudentId(data.student)] = data
                if isinstance(data, PlacementEvent):
                    self.held[StudentId(data.student)] = data
        elif isinstance(data, PlacementLost):
            lost = self.losses.get(StudentId(data.student))
            if lost is None or data.sequence > lost.sequence:
                self.losses[StudentId(data.student)] = data

    def erase(self, subject: str) -> None:
        """What was published about a student was taken back."""
        kind, _, name = subject.partition("/")
        if kind == "student":
            for words in (self.places, self.held, self.losses):
                words.pop(StudentId(name), None)

    def as_known(
        self, known: Mapping[StudentId, Place], students: Mapping[StudentId, Student], today: date
    ) -> dict[StudentId, Place]:
        """The places of these students, as they were published; where the database says the same it is believed in what no event
        tells."""
        return {one: self._place(one, known.get(one), students.get(one), today) for one in sorted(self.places)}

    def _place(self, student: StudentId, known: Place | None, asked: Student | None, today: date) -> Place:
        place = _place_of(self.places[student], self.held.get(student), today)
        if asked is not None and place.status is PlaceStatus.PLACED:  # the event tells that of the workplace
            place = replace(place, subject=asked.subject)
        loss = self.losses.get(student)
        if loss is not None:
            is_open = loss.status is not SignalStatus.CLEARED and place.status is PlaceStatus.UNPLACED
            lost = Loss(SiteId(loss.lost_site), loss.cause) if is_open else None
            place = replace(place, lost=lost, signal_sequence=loss.sequence)
        return known if known is not None and _says_the_same(known, place) else place


def _place_of(event: PlaceEvent, before: PlacementEvent | None, today: date) -> Place:
    student, institute = StudentId(event.student), InstituteId(event.institute)
    if isinstance(event, PlacementEvent):
        placement = placement_from_document(event.placement.model_dump(mode="json"))
        return Place(
            student,
            institute,
            event.subject,
            event.sequence,
            PlaceStatus.PLACED,
            today,
            placement,
            site=SiteId(event.site),
        )
    if isinstance(event, StudentUnplaced):
        reason = Unplaced(student, Reason(event.reason), dict(event.facts))
        return Place(
            student, institute, event.subject, event.sequence, PlaceStatus.UNPLACED, event.since, unplaced=reason
        )
    if isinstance(event, PlacementEnded):
        had = None if before is None else _place_of(before, None, today).placement
        site = None if event.site is None else SiteId(event.site)
        return Place(student, institute, event.subject, event.sequence, PlaceStatus.ENDED, today, had, site=site)
    return Place(student, institute, "", event.sequence, PlaceStatus.WITHDRAWN, today)


def _says_the_same(known: Place, told: Place) -> bool:
    """But for what an event does not tell: since when, where somebody was who is gone, and the parties behind a reason."""
    is_told = told.status in {PlaceStatus.PLACED, PlaceStatus.UNPLACED}
    reasons = [None if one.unplaced is None else (one.unplaced.reason, one.unplaced.facts) for one in (known, told)]
    return reasons[0] == reasons[1] and all(
        getattr(known, name) == getattr(told, name)
        for name in (
            "institute",
            "sequence",
            "status",
            "lost",
            "signal_sequence",
            *(("placement", "site") if is_told else ()),
        )
    )
