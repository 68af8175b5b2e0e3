"""Takes a repair or an improvement into the state, once the checker has looked at it; or takes it back."""

from collections.abc import Collection, Iterable, Mapping

import structlog

from services.matcher.adapters.solver.engine.answers import Cause, Moved
from services.matcher.adapters.solver.engine.judge import at_site, judge, used_by
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.engine.tally import broken_and_moved
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement

log = structlog.get_logger(__name__)
Held = Mapping[StudentId, Placement]


class Refused(Exception):
    """The checker refused a repair and the fall-back: a bug, and nothing was answered."""


class Trial:
    """What is booked in the ledger against what was: `known` is what holds, `kept` what was booked."""

    def __init__(self, state: State, touched: Iterable[str] = (), again: Collection[StudentId] = ()) -> None:
        """What is booked now is what may be gone back to; these resources and students are judged in any case."""
        self.known, self.kept = {**state.held}, {**state.ledger.placed}
        self.changed: set[StudentId] = set()
        self._state, self._touched, self._again = state, set(touched), set(again)

    def seat(self, seen: Iterable[StudentId]) -> bool:
        """Take what is booked otherwise into the sums; whether the checker allows it."""
        placed = self._state.ledger.placed
        self.changed = {one for one in seen if placed.get(one) != self.kept.get(one)}
        return self._judged(self.changed)

    def _judged(self, changed: Collection[StudentId]) -> bool:
        state, placed = self._state, self._state.ledger.placed
        before = {one: state.unseat(one) for one in sorted(changed) if one in state.bench.cases}
        after = {one: state.seat(placed[one]) for one in sorted(changed) if one in placed}
        touched = {*self._touched}
        for one in changed:
            used = [set(used_by(case[one])) if one in case else set() for case in (before, after)]
            sites = {at_site(case[one].site.id) for case in (before, after) if one in case}
            touched |= sites | (used[1] - used[0])
        violations = judge(state.region, state.bench, {*changed, *self._again}, touched)
        if violations:
            log.error("repair refused", region=state.region.id, violations=[one.message for one in violations[:5]])
        return not violations

    def take_back(self) -> None:
        """Everything as it was before; raises Refused when the checker does not allow that either."""
        ledger, changed = self._state.ledger, self.changed
        for one in sorted(changed):
            if one in ledger.placed:
                ledger.remove(one)
        for one in sorted(changed):
            if one in self.kept:
                ledger.add(self.kept[one])
        if not self._judged(changed):
            raise Refused(f"{self._state.region.id}: the checker refuses a repair, and what was before it")
        self.changed = set()

    def parts(self, differing: Iterable[StudentId]) -> dict[str, int]:
        """The parts of the value against what holds: promises and moves of those who differ included."""
        state = self._state
        parts = state.tally.parts()
        for one in differing:
            if one in self.known and one in state.region.students:
                promise, move = broken_and_moved(state.atlas, self.known[one], state.ledger.placed.get(one))
                parts["promises"] += promise
                parts["moves"] += move
        return parts

    def moves(self, differing: Iterable[StudentId], was: Held, causes: Mapping[StudentId, Cause]) -> list[Moved]:
        """Who has another placement than before, or none; `was` is what holds, in the state that it had then."""
        placed, found = self._state.ledger.placed, []
        before = {**self.known, **was}
        for one in sorted({*differing}):
            old, now = before.get(one), placed.get(one)
            if old != now:
                found.append(Moved(one, old, now, causes.get(one) or _cause(old, now, is_agreed=one in was)))
        return found

    def adopt(self, moves: Iterable[Moved]) -> None:
        """What is booked is what holds from now on."""
        students = self._state.region.students
        self._state.hold({one.student: one.after for one in moves if one.student in students})


def _cause(was: Placement | None, now: Placement | None, *, is_agreed: bool) -> Cause:
    if was is None:
        return Cause.ROOM_FOUND
    is_same = now is not None and was.is_same_place(now) and was.has_same_wpb(now)
    return Cause.AGREED if is_same and is_agreed else Cause.MADE_ROOM
