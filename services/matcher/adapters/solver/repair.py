"""Takes out of a plan what the facts no longer allow, and as little else as possible."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from services.matcher.adapters.solver.groups import broken_groups
from services.matcher.adapters.solver.matching import Way, are_duo, way_for
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.guides import site_hours, trainer_need
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState, Tier


class LostCause(StrEnum):
    """Why a placement cannot stay; the words of events."""

    STUDENT_WITHDRAWN = "student-withdrawn"
    WORKPLACE_ENDED = "workplace-ended"
    GUIDANCE_ENDED = "guidance-ended"
    NO_LONGER_FITS = "no-longer-fits"


@dataclass(frozen=True, slots=True)
class Lost:
    """A placement that was taken out, and why."""

    placement: Placement
    cause: LostCause


FIRMNESS = {PlacementState.STARTED: 0, PlacementState.SETTLED: 1, PlacementState.PROPOSED: 2}


def drop_invalid(region: Region, plan: Plan) -> tuple[Plan, tuple[Lost, ...]]:
    """The plan without the placements that break a rule now; started ones are kept before settled and proposed ones."""
    ledger = Ledger(Atlas(region))
    lost = book_allowed(ledger, plan.by_student().values())
    kept = tuple(with_states(ledger.atlas, (ledger.placed[student] for student in sorted(ledger.placed))))
    return replace(plan, region=region.id, today=region.today, placements=kept, certificate=None), tuple(lost)


def book_allowed(ledger: Ledger, placements: Iterable[Placement]) -> list[Lost]:
    """Book those that are allowed beside what is booked already; give back the others, by student.

    The two of a duo stand or fall together. Who lost a place to others who lost theirs as well gets it back.
    """
    booking = _Booking(ledger)
    for pair in _in_pairs(_firmest_first(ledger.atlas, placements)):
        booking.book(pair)
    while group := booking.first_broken():
        booking.drop(group)
    while any(booking.try_again(pair) for pair in _in_pairs(booking.lost)):
        pass
    return sorted((Lost(*one) for one in booking.lost.items()), key=lambda one: one.placement.student)


def _with_state(atlas: Atlas, placement: Placement) -> Placement:
    held = atlas.held.get(placement.student)
    same = held is not None and held.is_same_place(placement)
    return replace(placement, state=held.state if held is not None and same else PlacementState.PROPOSED)


def with_states(atlas: Atlas, placements: Iterable[Placement]) -> list[Placement]:
    """Each placement in the state that today's placement at the same place has, else proposed."""
    return [_with_state(atlas, placement) for placement in placements]


def _firmest_first(atlas: Atlas, placements: Iterable[Placement]) -> list[Placement]:
    """Started before settled before proposed, then those who need least, so that few are lost."""

    def rank(placement: Placement) -> tuple[int, int, bytes]:
        needs = atlas.needs(placement.student) if placement.student in atlas.region.students else None
        hash_ = tie_break(atlas.region.settings.seed, placement.student)
        return (FIRMNESS[placement.state], needs.wpb if needs is not None else 0, hash_)

    return sorted(with_states(atlas, placements), key=rank)


def _in_pairs(placements: Iterable[Placement]) -> list[tuple[Placement, ...]]:
    """Each alone, or with the one whom they name as their duo where that one is there."""
    waiting = {one.student: one for one in placements}
    found: list[tuple[Placement, ...]] = []
    for one in list(waiting.values()):
        if one.student in waiting:
            del waiting[one.student]
            partner = waiting.get(one.duo_with) if one.duo_with is not None else None
            if partner is None or partner.duo_with != one.student:
                found.append((one,))
            else:
                found.append((one, waiting.pop(partner.student)))
    return found


class _Booking:
    """Books placements that fit, and takes out those whose group is too small."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.lost: dict[Placement, LostCause] = {}
        self._booked: list[StudentId] = []

    def book(self, pair: tuple[Placement, ...]) -> bool:
        """Book one, or two who are a duo; both or none."""
        done: list[Placement] = []
        causes = [self._book_one(one, done) for one in pair]
        is_whole = are_duo(self.ledger.atlas, *pair) if len(pair) == 2 else pair[0].duo_with is None
        if any(causes) or not is_whole:
            for one in done:
                self.ledger.remove(one.student)
            self.lost.update((one, cause or LostCause.GUIDANCE_ENDED) for one, cause in zip(pair, causes, strict=True))
            return False
        self._booked.extend(one.student for one in pair)
        for one in pair:
            self.lost.pop(one, None)
        return True

    def _book_one(self, placement: Placement, done: list[Placement]) -> LostCause | None:
        ledger = self.ledger
        if placement.student not in ledger.atlas.region.students:
            return LostCause.STUDENT_WITHDRAWN
        way = way_for(ledger.atlas, placement)
        if way is not None and way.fits(ledger):
            ledger.add(placement)
            done.append(placement)
            return None
        return _cause(ledger, placement, way)

    def drop(self, students: Iterable[StudentId]) -> None:
        """Take these out again, and with whom they are a duo."""
        for student in students:
            placement = self.ledger.placed.get(student)
            for one in (student, placement.duo_with if placement is not None else None):
                if one is not None and one in self.ledger.placed:
                    self.lost[self.ledger.remove(one)] = LostCause.NO_LONGER_FITS
                    self._booked.remove(one)

    def try_again(self, pair: tuple[Placement, ...]) -> bool:
        """Book what was lost where no group is broken by it."""
        if any(self.lost[one] is LostCause.STUDENT_WITHDRAWN for one in pair):
            return False
        causes = {one: self.lost[one] for one in pair}
        if not self.book(pair):
            return False
        if not self.first_broken():
            return True
        self.drop([pair[0].student])
        self.lost.update(causes)
        return False

    def first_broken(self) -> list[StudentId]:
        """Who was booked and is in a group that a rule forbids; one group at a time, since periods hang together."""
        booked = set(self._booked)
        for group, most in broken_groups(self.ledger):
            found = [one for one in self._booked if one in booked & group]
            if found:
                return sorted(found) if most is None else found[-most:]
        return []


def _cause(ledger: Ledger, placement: Placement, way: Way | None) -> LostCause:
    atlas, periods = ledger.atlas, placement.periods
    workplace = atlas.region.workplaces.get(placement.workplace)
    if workplace is None or any(ledger.seats[workplace.id, one] >= workplace.seats.get(one, 0) for one in periods):
        return LostCause.WORKPLACE_ENDED
    if way is not None:
        has_guidance = way.has_guides(ledger) and way.has_trainers(ledger)
        return LostCause.NO_LONGER_FITS if has_guidance else LostCause.GUIDANCE_ENDED
    return LostCause.GUIDANCE_ENDED if _is_short(atlas, placement) else LostCause.NO_LONGER_FITS


def _is_short(atlas: Atlas, placement: Placement) -> bool:
    """Somebody who guides has too few hours for this placement alone."""
    asked = [(share.supervisor, share.qh) for share in placement.wpb]
    needs = atlas.needs(placement.student)
    for trainer, tier in ((placement.so, Tier.SO), (placement.io, Tier.IO)):
        if trainer is not None and needs is not None:
            asked.append((trainer, trainer_need(needs, tier) + site_hours(atlas, tier)))
    return any(atlas.qh(one, period) < qh for one, qh in asked for period in placement.periods)
