"""Another place for one student that harms nobody: a free one, or a swap with somebody who is no worse off."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from services.matcher.adapters.solver.engine.judge import at_site, judge, used_by
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.greedy import cheapest_fit
from services.matcher.domain.explanation import explain
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.openings import Openings
from services.matcher.domain.options import Place
from services.matcher.domain.ordering import tie_break
from services.matcher.domain.plan import Placement
from services.matcher.domain.prices import is_kept, move_cost
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Student
from services.matcher.domain.switches import Found, Obstacle, Wanted
from services.matcher.domain.vocabulary import PlacementState
from shared.contracts.placements import SwitchKind, SwitchWish

MOST_SWAPS = 60
"""So many swaps are tried, those first that cost least."""


class Switcher:
    """Looks for another place for whoever wants one; the state is left as it was."""

    def __init__(self, state: State) -> None:
        """Look up nothing yet."""
        self._state, self._openings = state, Openings(state.atlas)

    def find(self, wanted: Wanted) -> Found | Obstacle | None:
        """The cheapest free place that is better, else the cheapest swap, else why there is neither; None without a place."""
        state, one = self._state, wanted.student
        held = state.held.get(one)
        if held is None or one not in state.ledger.placed:
            return None
        if not state.is_simple(held):
            return Obstacle(Reason.TOGETHER_OR_APART)
        student = state.region.students[one]
        home = self._openings.at(student, held.workplace, held.periods)
        places = [place for place in self._openings.of(student) if place.workplace != held.workplace]
        better = [] if home is None else list(_better(state, wanted, home, held, [*places, home]))
        state.ledger.remove(one)
        try:
            option = cheapest_fit(state.ledger, better)
            found = None if option is None else option.placement()
            free = sum(cheapest_fit(state.ledger, [place]) is not None for place in places)
            elsewhere = student if home is None else replace(student, not_sites=(*student.not_sites, home.site))
            why = None if free else explain(state.ledger, elsewhere)
        finally:
            state.ledger.add(held)
        if found is not None and self._are_allowed({one: found}):
            same = found.workplace == held.workplace
            return Found(one, SwitchKind.OTHER_GUIDES if same else SwitchKind.FREE_PLACE, held, found)
        tried = 0
        for partner in self._partners(one, home, better) if home is not None else ():
            tried += 1
            if swap := self._swap(held, partner, better):
                return swap
        return Obstacle(None, free, tried) if why is None else Obstacle(why.reason, 0, tried, why.facts)

    def take(self, deal: Mapping[StudentId, Placement]) -> bool:
        """Book what was agreed upon, with other guides than those of the offer where these have no hours left; all of it or nothing."""
        state, ledger = self._state, self._state.ledger
        if any(one not in ledger.placed or not state.is_simple(ledger.placed[one]) for one in deal):
            return False
        before = {one: ledger.remove(one) for one in sorted(deal)}
        after: dict[StudentId, Placement] = {}
        for one, offered in sorted(deal.items()):
            place = self._openings.at(state.region.students[one], offered.workplace, offered.periods)
            option = None if place is None else cheapest_fit(ledger, [_with_guides_of(place, offered)])
            option = option or (None if place is None else cheapest_fit(ledger, [place]))
            if option is None:
                break
            after[one] = option.placement()
            ledger.add(after[one])
        for one in after:
            ledger.remove(one)
        for placement in before.values():
            ledger.add(placement)
        if len(after) < len(deal) or not self._are_allowed(after):
            return False
        for one in after:
            ledger.remove(one)
            state.unseat(one)
        agreed = {one: replace(placement, state=PlacementState.SETTLED) for one, placement in after.items()}
        state.hold(dict(agreed))
        for placement in agreed.values():
            ledger.add(placement)
            state.seat(placement)
        return True

    def _partners(self, one: StudentId, home: Place, better: Sequence[Place]) -> list[StudentId]:
        """Who holds a place that would be better, and would be no worse off at this one; those first for whom it costs least."""
        state, found = self._state, dict[StudentId, int]()
        wanted = {(place.workplace, frozenset(place.periods)): place.cost for place in better}
        for other, theirs in state.held.items():
            key = (theirs.workplace, frozenset(theirs.periods))
            if other == one or key not in wanted or not self._may_swap(theirs):
                continue
            gain = self._gain(other, theirs, home)
            if gain is not None and gain >= 0:
                found[other] = wanted[key] - gain
        seed = state.region.settings.seed
        return sorted(found, key=lambda other: (found[other], tie_break(seed, one, other)))[:MOST_SWAPS]

    def _may_swap(self, theirs: Placement) -> bool:
        return theirs.state is not PlacementState.STARTED and self._state.is_simple(theirs)

    def _gain(self, other: StudentId, theirs: Placement, there: Place) -> int | None:
        """What they would save at that place, moves apart; None where they may not be or would travel longer."""
        student, costs = self._state.region.students[other], self._state.region.settings.costs
        new = self._openings.at(student, there.workplace, there.periods)
        old = self._openings.at(student, theirs.workplace, theirs.periods)
        if new is None or old is None or new.minutes > old.minutes:
            return None
        prices = [
            one.cost - (0 if is_kept(theirs, one.workplace, one.periods) else move_cost(costs, theirs))
            for one in (new, old)
        ]
        return prices[1] - prices[0]

    def _swap(self, held: Placement, partner: StudentId, better: Sequence[Place]) -> Found | None:
        state, ledger = self._state, self._state.ledger
        theirs = ledger.placed[partner]
        mine = [one for one in better if is_kept(theirs, one.workplace, one.periods)]
        there = self._openings.at(state.region.students[partner], held.workplace, held.periods)
        ledger.remove(held.student)
        ledger.remove(partner)
        option = cheapest_fit(ledger, mine, ignore_minimum=True)
        other = None
        if option is not None and there is not None:
            ledger.add(option.placement())
            other = cheapest_fit(ledger, [there], ignore_minimum=True)
            ledger.remove(held.student)
        ledger.add(theirs)
        ledger.add(held)
        if option is None or other is None:
            return None
        after = {held.student: option.placement(), partner: other.placement()}
        if not self._are_allowed(after):
            return None
        others = Found(partner, SwitchKind.SWAP, theirs, after[partner])
        return Found(held.student, SwitchKind.SWAP, held, after[held.student], others)

    def _are_allowed(self, after: dict[StudentId, Placement]) -> bool:
        """The checker has nothing against these placements instead of those that are booked."""
        state = self._state
        before = {one: state.unseat(one) for one in sorted(after)}
        now = [state.seat(after[one]) for one in sorted(after)]
        touched = {at_site(case.site.id) for case in (*before.values(), *now)}
        touched |= {name for case in now for name in used_by(case)}
        violations = judge(state.region, state.bench, after, touched)
        for one, case in before.items():
            state.unseat(one)
            state.seat(case.placement)
        return not violations


def _with_guides_of(place: Place, offered: Placement) -> Place:
    people = {share.supervisor for share in offered.wpb}
    guides = tuple(guide for guide in place.guides if guide.supervisor in people)
    sos = tuple(one for one in place.sos if one == offered.so)
    ios = tuple(one for one in place.ios if one == offered.io)
    return replace(place, guides=guides, sos=sos, ios=ios)


def _better(state: State, wanted: Wanted, home: Place, held: Placement, places: Sequence[Place]) -> Iterator[Place]:
    """Those of the places, with those of the guides there, that give everything that is asked; no refused offer again."""
    for place in places:
        if place.workplace == home.workplace and SwitchWish.OTHER_GUIDES not in wanted.wishes:
            continue
        if not all(_gives(state, wish, place, home) for wish in wanted.wishes):
            continue
        barred = _barred_guides(place, held, wanted)
        guides = tuple(
            guide
            for guide in place.guides
            if guide.supervisor not in barred and _has_days(state, wanted, guide.supervisor, held)
        )
        if guides:
            yield replace(place, guides=guides)


def _barred_guides(place: Place, held: Placement, wanted: Wanted) -> set[SupervisorId]:
    barred = [one for one in wanted.without if is_kept(one, place.workplace, place.periods)]
    if SwitchWish.OTHER_GUIDES in wanted.wishes:
        barred = [*barred, held]
    return {share.supervisor for one in barred for share in one.wpb}


def _has_days(state: State, wanted: Wanted, guide: SupervisorId, held: Placement) -> bool:
    """Where that is asked the guide shares more days with the student than the one of now."""
    if SwitchWish.MORE_COMMON_DAYS not in wanted.wishes:
        return True
    student = state.region.students[wanted.student]
    most = max((_common_days(state, student, share.supervisor) for share in held.wpb), default=0)
    return _common_days(state, student, guide) > most


def _common_days(state: State, student: Student, guide: SupervisorId) -> int:
    """Days at school of both; who names none is there on every day of the school week."""
    theirs = state.region.supervisors[guide].days
    return len({*(student.days or WEEK)} & {*(theirs or WEEK)})


WEEK = ("mon", "tue", "wed", "thu", "fri")


def _gives(state: State, wish: SwitchWish, place: Place, home: Place) -> bool:
    """The place is better in this; what is asked of guides is looked at guide by guide."""
    match wish:
        case SwitchWish.SHORTER_TRAVEL:
            return place.minutes < home.minutes
        case SwitchWish.OWN_SUBJECT:
            return state.region.workplaces[place.workplace].subject == state.region.students[place.student].subject
        case SwitchWish.OTHER_PLACE:
            return place.workplace != home.workplace
        case _:
            return True
