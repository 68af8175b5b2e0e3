"""Tells of a student without a place who competes for the same scarce things: who has them, and who waits for them too."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from services.matcher.domain.explanation import NO_HOURS, barriers, explain
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.options import Place, places_of
from services.matcher.domain.plan import Placement, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.vocabulary import Tier


@dataclass(frozen=True, slots=True)
class Waiting:
    """A student without a place: the reason, and who competes for what is scarce.

    `holders` have what is missing at a place of the student, those at most of such places first; if one of `instead_of`
    had no place, this student could have one at once. `rivals` are those of the subject who wait for the same seats or people.
    """

    told: Unplaced
    holders: tuple[StudentId, ...]
    instead_of: tuple[StudentId, ...] = ()
    rivals: tuple[StudentId, ...] = ()


class Competition:
    """Who holds the seats and the hours of a plan, and who waits for them."""

    def __init__(self, ledger: Ledger) -> None:
        """Note everybody who is booked."""
        self._ledger, self._students = ledger, ledger.atlas.region.students
        self._at: dict[str, set[StudentId]] = defaultdict(set)
        for student, placement in ledger.placed.items():
            for one in {placement.workplace, *_guided_by(placement)}:
                self._at[one].add(student)
        self._waiting: dict[tuple[str, str], list[StudentId]] = defaultdict(list)
        for student in sorted(self._students.keys() - ledger.placed.keys()):
            self._waiting[self._kind(student)].append(student)
        self._missing: dict[StudentId, set[str]] = {}

    def about(self, student: StudentId, *, is_brief: bool = False) -> Waiting:
        """The exact reason beside what is booked, and who competes; in brief only who holds what is missing, which is quick."""
        told = explain(self._ledger, self._students[student])
        count, alone = Counter[StudentId](), set[StudentId]()
        for place, reasons in self._held_up(student):
            wanted = reasons if told.reason is Reason.OUTWEIGHED else reasons & {told.reason}
            count.update(self._holders(place, wanted))
            alone |= set() if is_brief else _in_the_way(self._ledger, place, self._holders(place, reasons))
        order = sorted(count, key=lambda one: (-count[one], one))
        return Waiting(told, tuple(order), tuple(sorted(alone)), () if is_brief else self._rivals(student))

    def _held_up(self, student: StudentId) -> list[tuple[Place, set[Reason]]]:
        places = places_of(self._ledger.atlas, self._students[student])
        return [(place, barriers(self._ledger, place)) for place in places]

    def _holders(self, place: Place, reasons: Collection[Reason]) -> set[StudentId]:
        """Who has, in one of the periods, what is missing at a place for one of these reasons."""
        periods = set(place.periods)
        found = {one for thing in _missing(place, reasons) for one in self._at.get(thing, ())}
        return {one for one in found if periods & set(self._ledger.placed[one].periods)}

    def _rivals(self, student: StudentId) -> tuple[StudentId, ...]:
        mine = self._missing_for(student)
        others = (one for one in self._waiting[self._kind(student)] if one != student)
        return tuple(one for one in others if mine and not mine.isdisjoint(self._missing_for(one)))

    def _missing_for(self, student: StudentId) -> set[str]:
        if student not in self._missing:
            held_up = self._held_up(student)
            self._missing[student] = {thing for place, reasons in held_up for thing in _missing(place, reasons)}
        return self._missing[student]

    def _kind(self, student: StudentId) -> tuple[str, str]:
        one = self._students[student]
        return one.sector, one.subject


def _missing(place: Place, reasons: Collection[Reason]) -> set[str]:
    """The workplace and people of whom there is too little at a place for these reasons."""
    things: set[str] = set()
    if Reason.SEATS_TAKEN in reasons:
        things.add(place.workplace)
    if Reason.NO_SUPERVISOR_HOURS in reasons:
        things |= {guide.supervisor for guide in place.guides}
    for tier, people in ((Tier.SO, place.sos), (Tier.IO, place.ios)):
        if NO_HOURS[tier] in reasons:
            things |= {one for one in people if one is not None}
    return things


def _in_the_way(ledger: Ledger, place: Place, there: Iterable[StudentId]) -> set[StudentId]:
    """Those of these without whom alone nothing would stand in the way of the place."""
    found = set()
    for one in there:
        held = ledger.remove(one)
        if not barriers(ledger, place):
            found.add(one)
        ledger.add(held)
    return {one for one in found if _is_alone(ledger, one)}


def _is_alone(ledger: Ledger, student: StudentId) -> bool:
    """No other student's place hangs on this one's: no duo, no relief, no minimum or juniors that would miss them."""
    held, site = ledger.placed[student], ledger.site_of[student]
    if held.duo_with is not None or held.relief is not None:
        return False
    ledger.remove(student)
    least = ledger.atlas.region.sites[site].min_students
    is_fine = all(
        not 0 < ledger.at_site[site, period] < least and ledger.helped_is_free(site, period) >= 0
        for period in held.periods
    )
    ledger.add(held)
    return is_fine


def _guided_by(placement: Placement) -> set[str]:
    trainers = {one for one in (placement.so, placement.io) if one is not None}
    return {share.supervisor for share in placement.wpb} | trainers
