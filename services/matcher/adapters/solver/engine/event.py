"""One change, from what it takes away to the answer."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict

import structlog

from services.matcher.adapters.solver.engine.answers import Answer, Cause, Moved
from services.matcher.adapters.solver.engine.atlases import kind_of
from services.matcher.adapters.solver.engine.changes import Change
from services.matcher.adapters.solver.engine.judge import at_site, at_workplace, judge, of_person, used_by
from services.matcher.adapters.solver.engine.repairing import Knobs, Repair, Task
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.engine.tally import broken_and_moved
from services.matcher.adapters.solver.repair import book_allowed
from services.matcher.domain.availability import available_qh
from services.matcher.domain.checker_facts import Case
from services.matcher.domain.explanation import explain
from services.matcher.domain.ids import StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Certificate, Placement
from services.matcher.domain.region import Region, Supervisor, Workplace

log = structlog.get_logger(__name__)
Held = dict[StudentId, Placement]


class Refused(Exception):
    """The checker refused a repair and the fall-back: a bug, and nothing was answered."""


class Event:
    """One change, answered once."""

    def __init__(self, state: State, change: Change, knobs: Knobs) -> None:
        """Nothing is done yet."""
        self._state, self._change, self._knobs = state, change, knobs
        self._before = sum(state.tally.parts().values())
        self._was = {one: state.held[one] for one in change.states if one in state.held}
        self._touched = {of_person(one) for one in change.supervisors} | {at_workplace(one) for one in change.workplaces}
        self._touched |= {at_site(one) for one in change.sites}
        self._causes: dict[StudentId, Cause] = {}
        self._freed: tuple[set[str], set[str]] = _more_room(state.region, change)
        self._gone: Held = {}
        self._again: list[StudentId] = []

    def answer(self, most_moves: Callable[[int], int]) -> Answer:
        """The repaired plan, adopted; `most_moves` tells how many may move for so many targets."""
        state = self._state
        self._take_away()
        known, kept = {**state.held}, {**state.ledger.placed}
        value_before = sum(self._parts(known, self._causes).values())
        fresh = {one for one in self._change.students if one in state.waiting}
        targets = frozenset(fresh | (self._causes.keys() & state.waiting))
        task = Task(targets, frozenset(self._freed[0]), frozenset(self._freed[1]), most_moves(len(targets)))
        repair = Repair(state, task, self._knobs)
        repair.run()
        changed = {one for one in repair.seen if state.ledger.placed.get(one) != kept.get(one)}
        if not self._seated(changed):
            changed = self._taken_back(changed, kept)
        moves = self._moves(known, changed)
        parts = self._parts(known, {*self._causes, *changed})
        state.hold({one.student: one.after for one in moves if one.student in state.region.students})
        left = sorted(targets & state.waiting)
        return Answer(
            moves,
            Certificate.of(parts, 0.0, 0),
            value_before,
            sum(state.tally.parts().values()) - self._before,
            [explain(state.ledger, state.region.students[one]) for one in left],
            any(len(state.blocks.of(one).rows) for one in left),
            asdict(repair.work),
        )

    def _take_away(self) -> None:
        """Go over to the changed region, book again what may stay, and keep why the others may not."""
        state, change = self._state, self._change
        again = self._again = sorted(one for one in state.users(change) if one in state.ledger.placed)
        cases = {}
        for one in again:
            self._touched.add(at_site(state.ledger.site_of[one]))
            state.ledger.remove(one)
            cases[one] = state.unseat(one)
        self._gone = {one: state.held[one] for one in again if change.students.get(one, True) is None}
        state.follow(change)
        for lost in book_allowed(state.ledger, [state.held[one] for one in again if one in state.held]):
            self._causes[lost.placement.student] = Cause(lost.cause)
        self._causes |= dict.fromkeys(self._gone, Cause.STUDENT_WITHDRAWN)
        for one in again:
            if one in state.ledger.placed:
                case = state.seat(state.ledger.placed[one])
                self._touched.update(used_by(case) if one in change.students else ())
        for one in self._causes.keys() & change.students.keys():
            self._free(cases[one])

    def _free(self, case: Case) -> None:
        """What somebody used who is there no longer is there for others."""
        people = {one.id for one in (*case.members, case.so, case.io) if one is not None}
        self._freed[0].update(people & self._state.region.supervisors.keys())
        self._freed[1].update({case.workplace.id} & self._state.region.workplaces.keys())

    def _seated(self, changed: Collection[StudentId]) -> bool:
        """Take what is booked into the sums, and ask the checker."""
        state = self._state
        before = {one: state.unseat(one) for one in sorted(changed) if one in state.bench.cases}
        after = {one: state.seat(state.ledger.placed[one]) for one in sorted(changed) if one in state.ledger.placed}
        touched = {*self._touched}
        for one in changed:
            used = [set(used_by(case[one])) if one in case else set() for case in (before, after)]
            sites = {at_site(case[one].site.id) for case in (before, after) if one in case}
            touched |= sites | (used[1] - used[0])
        violations = judge(state.region, state.bench, {*changed, *self._again}, touched)
        if violations:
            log.error("repair refused", region=state.region.id, violations=[one.message for one in violations[:5]])
        return not violations

    def _taken_back(self, changed: Collection[StudentId], kept: Held) -> set[StudentId]:
        """Undo a repair that the checker refused."""
        state = self._state
        for one in sorted(changed):
            if one in state.ledger.placed:
                state.ledger.remove(one)
        for one in sorted(changed):
            if one in kept:
                state.ledger.add(kept[one])
        if not self._seated(changed):
            raise Refused(f"{state.region.id}: the checker refuses a repair, and what was before it")
        return set()

    def _moves(self, known: Held, changed: Collection[StudentId]) -> list[Moved]:
        placed, found = self._state.ledger.placed, []
        before = known | self._gone | self._was
        for one in sorted({*self._causes, *changed, *self._was}):
            was, now = before.get(one), placed.get(one)
            if was != now:
                found.append(Moved(one, was, now, self._cause(one, was, now)))
        return found

    def _cause(self, student: StudentId, was: Placement | None, now: Placement | None) -> Cause:
        if student in self._causes:
            return self._causes[student]
        if was is None:
            return Cause.ROOM_FOUND
        is_same = now is not None and was.is_same_place(now) and was.has_same_wpb(now)
        return Cause.AGREED if is_same and student in self._was else Cause.MADE_ROOM

    def _parts(self, known: Held, differing: Collection[StudentId]) -> dict[str, int]:
        """The parts of the value against what held before: promises and moves of those who may differ included."""
        state = self._state
        parts = state.tally.parts()
        for one in differing:
            if one in known and one in state.region.students:
                promise, move = broken_and_moved(state.atlas, known[one], state.ledger.placed.get(one))
                parts["promises"] += promise
                parts["moves"] += move
        return parts


def _more_room(region: Region, change: Change) -> tuple[set[str], set[str]]:
    """People and workplaces with which somebody may be helped who was not before."""
    people = {key for key, one in change.supervisors.items() if one and _has_more(region, key, one)}
    return people, {key for key, one in change.workplaces.items() if one and _seats_more(region, key, one)}


def _has_more(region: Region, key: SupervisorId, now: Supervisor) -> bool:
    """Somebody new, who guides others than before, or who has more hours or heads."""
    before = region.supervisors.get(key)
    if before is None or kind_of(before) != kind_of(now):
        return True
    heads = [one.max_students if one.max_students is not None else len(region.students) for one in (before, now)]
    hours = ([available_qh(region, one, period) for period in region.periods.values()] for one in (before, now))
    return heads[1] > heads[0] or any(now > before for before, now in zip(*hours, strict=True))


def _seats_more(region: Region, key: WorkplaceId, now: Workplace) -> bool:
    before = region.workplaces.get(key)
    if before is None:
        return True
    is_other = (before.site, before.subject, before.phases) != (now.site, now.subject, now.phases)
    return is_other or any(now.seats.get(one, 0) > before.seats.get(one, 0) for one in region.periods)
