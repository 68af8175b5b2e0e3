"""One change, from what it takes away to the answer."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from services.matcher.adapters.solver.engine.adopting import Trial
from services.matcher.adapters.solver.engine.answers import Answer, Cause
from services.matcher.adapters.solver.engine.atlases import kind_of
from services.matcher.adapters.solver.engine.judge import at_site, at_workplace, of_person, used_by
from services.matcher.adapters.solver.engine.proof import Proof
from services.matcher.adapters.solver.engine.repairing import Knobs, Repair, Task
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.engine.switching import Switcher
from services.matcher.adapters.solver.repair import book_allowed
from services.matcher.domain.availability import available_qh
from services.matcher.domain.changes import Change
from services.matcher.domain.checker_facts import Case
from services.matcher.domain.ids import StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region, Supervisor, Workplace


class Event:
    """One change, answered once."""

    def __init__(self, state: State, change: Change, knobs: Knobs) -> None:
        """Nothing is done yet."""
        self._state, self._change, self._knobs = state, change, knobs
        self._before = sum(state.tally.parts().values())
        self._was = {one: state.held[one] for one in change.states if one in state.held}
        self._touched = {of_person(one) for one in change.supervisors} | {
            at_workplace(one) for one in change.workplaces
        }
        self._touched |= {at_site(one) for one in change.sites}
        self._causes: dict[StudentId, Cause] = {}
        self._switched: dict[StudentId, Cause] = {}
        self._free_people, self._free_workplaces = _more_room(state.region, change)
        self._left_people: set[SupervisorId] = set()
        self._left_workplaces: set[WorkplaceId] = set()

    def answer(
        self, most_moves: Callable[[int], int], proof: Proof, told: Mapping[StudentId, Placement | None] | None = None
    ) -> tuple[Answer, Proof]:
        """The repaired plan, adopted, and what is then proven; `most_moves` is for so many targets.

        Where it was answered elsewhere `told` is what became of whom it concerns: nothing is looked for then, nor explained.
        """
        state = self._state
        proof = proof.after(
            state.region, state.held, self._change, gives_room=bool(self._free_people or self._free_workplaces)
        )
        movers = {one for deal in self._change.deals for one in deal}
        proof = proof.without_promises(state.atlas, movers)
        again = self._take_away()
        self._take_deals()
        trial = Trial(state, self._touched, again)
        value_before = sum(trial.parts(self._causes).values())
        fresh = {one for one in self._change.students if one in state.waiting}
        lost = frozenset(self._causes.keys() & state.waiting)
        targets = frozenset(fresh) | lost
        task = Task(
            targets,
            lost,
            frozenset(self._free_people),
            frozenset(self._free_workplaces),
            most_moves(len(targets)),
            frozenset(self._left_people),
            frozenset(self._left_workplaces),
            self._change.size,
        )
        repair = Repair(state, task, self._knobs)
        if told is None:
            repair.run()
        else:
            repair.take_over(told)
        if not trial.seat(repair.seen):
            trial.take_back()
        differing = {*self._causes, *trial.changed, *self._was}
        moves = trial.moves(differing, self._was, {**self._causes, **self._switched})
        parts = trial.parts({*self._causes, *trial.changed})
        certificate = proof.certificate(parts)
        proof = proof.without_promises(state.atlas, {one.student for one in moves})
        trial.adopt(moves)
        left = sorted(targets & state.waiting) if told is None else []
        answer = Answer(
            moves,
            certificate,
            value_before,
            sum(state.tally.parts().values()) - self._before,
            state.reasons(left),
            any(len(state.blocks.of(one).rows) for one in left),
            asdict(repair.work),
        )
        return answer, proof

    def _take_away(self) -> list[StudentId]:
        """Go over to the changed region, book again what may stay, and keep why the others may not; who was looked at."""
        state, change = self._state, self._change
        again = sorted(one for one in state.users(change) if one in state.ledger.placed)
        cases: dict[StudentId, Case] = {}
        for one in again:
            self._touched.add(at_site(state.ledger.site_of[one]))
            state.ledger.remove(one)
            cases[one] = state.unseat(one)
        gone = {one: state.held[one] for one in again if change.students.get(one, True) is None}
        self._was |= gone
        state.follow(change)
        for lost in book_allowed(state.ledger, [state.held[one] for one in again if one in state.held]):
            self._causes[lost.placement.student] = Cause(lost.cause)
        self._causes |= dict.fromkeys(gone, Cause.STUDENT_WITHDRAWN)
        for one in again:
            if one in state.ledger.placed:
                case = state.seat(state.ledger.placed[one])
                self._touched.update(used_by(case) if one in change.students else ())
        for one in self._causes:
            self._leave(cases[one], is_own=one in change.students)
        return again

    def _take_deals(self) -> None:
        """What people agreed upon is what holds from now on; what it leaves behind is there for others."""
        state = self._state
        for deal in self._change.deals:
            before = {one: state.held[one] for one in deal if one in state.held}
            cases = [state.bench.cases[one] for one in deal if one in state.bench.cases]
            if Switcher(state).take(deal):
                self._was |= before
                self._switched |= dict.fromkeys(deal, Cause.SWITCHED)
                for case in cases:
                    self._leave(case, is_own=False)

    def _leave(self, case: Case, *, is_own: bool) -> None:
        """What somebody used who is there no longer is there for others; where the student changed it is wholly free."""
        region = self._state.region
        people = {one.id for one in (*case.members, case.so, case.io) if one is not None} & region.supervisors.keys()
        workplaces = {case.workplace.id} & region.workplaces.keys()
        (self._free_people if is_own else self._left_people).update(people)
        (self._free_workplaces if is_own else self._left_workplaces).update(workplaces)


def _more_room(region: Region, change: Change) -> tuple[set[SupervisorId], set[WorkplaceId]]:
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
