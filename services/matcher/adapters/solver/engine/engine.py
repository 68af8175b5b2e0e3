"""The incremental engine: holds a region and its plan, takes a change, and gives back the repaired plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from services.matcher.adapters.solver.compiled.loading import compiled
from services.matcher.adapters.solver.engine.adopting import Trial
from services.matcher.adapters.solver.engine.answers import Answer, Cause
from services.matcher.adapters.solver.engine.event import Event
from services.matcher.adapters.solver.engine.improving import Improvement, improve_in_ledger
from services.matcher.adapters.solver.engine.proof import Proof
from services.matcher.adapters.solver.engine.renewing import renew_in_ledger
from services.matcher.adapters.solver.engine.repairing import Knobs
from services.matcher.adapters.solver.engine.saving import from_bytes, to_bytes
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.engine.suggesting import Adoption, suggested
from services.matcher.adapters.solver.engine.switching import Switcher
from services.matcher.adapters.solver.greedy import complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.repair import Lost, book_allowed
from services.matcher.adapters.solver.submodel import improve as improve_few
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.changes import Change, Suggestion, between
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Certificate, Placement, Plan, Unplaced
from services.matcher.domain.region import Region
from services.matcher.domain.switches import Found, Obstacle, Wanted


@dataclass(frozen=True, slots=True)
class Budget:
    """How many students may move who did not lose their own place: so many for each who did or is new, so many at least."""

    per_target: int = 2
    at_least: int = 2

    def of(self, targets: int) -> int:
        """The number for an event with so many targets."""
        return max(self.at_least, self.per_target * targets)


NOBODY_MOVES = Budget(0, 0)


class Engine:
    """A region, its plan, and the tables that both need.

    The same region, plan and change give the same answer, whatever happened before. A change that takes nobody's place
    and frees nothing moves nobody. A neighbourhood is enough for every change of people and places; settings, periods
    and a new day make the whole region be looked at again.
    """

    def __init__(self, region: Region, knobs: Knobs = Knobs()) -> None:  # noqa: B008 - frozen
        """Start from what the region holds, as far as that is allowed; nobody is placed or moved yet."""
        self._knobs, self._proof = knobs, Proof()
        self._state, self.lost_at_start = _started(region)

    @property
    def region(self) -> Region:
        """The region as it is, with the plan as what holds."""
        held = self._state.held
        return replace(self._state.region, placements=tuple(held[one] for one in sorted(held)))

    @property
    def value(self) -> int:
        """What the plan costs as it stands, with no promise broken and nobody moved."""
        return sum(self._state.tally.parts().values())

    @property
    def certificate(self) -> Certificate:
        """The cost of the plan as it stands, and what is proven about every allowed plan."""
        return self._proof.certificate(self._state.tally.parts())

    @property
    def without_place(self) -> Sequence[StudentId]:
        """Who has no place."""
        return sorted(self._state.waiting)

    def placement(self, student: StudentId) -> Placement | None:
        """What a student has."""
        return self._state.held.get(student)

    def reasons(self, students: Iterable[StudentId]) -> list[Unplaced]:
        """Why these have no place; nothing of those who have one."""
        return self._state.reasons(students)

    def plan(self) -> Plan:
        """The plan as it stands, with a reason for everybody without a place."""
        state = self._state
        placements = tuple(state.held[one] for one in sorted(state.held))
        reasons = tuple(self.reasons(state.waiting))
        return Plan(state.region.id, state.region.today, placements, reasons, self.certificate)

    def warm(self) -> None:
        """Load the solvers and look up every student's chances now, so that no event waits for it."""
        compiled()
        improve_few(self._state.ledger, {}, [], SolveLimits(0.001))
        for one in self._state.region.students:
            self._state.blocks.of(one)

    def apply(
        self, change: Change, budget: Budget = Budget(), told: Mapping[StudentId, Placement | None] | None = None
    ) -> Answer:
        """The repaired plan after a change, or after many at once; it is adopted as what holds.

        At most the budget's students move who did not lose their own place, save where the whole region is looked at. Another
        engine that had the same state may have answered it: `told` is what became of whom that concerned.
        """
        if change.whole is not None:
            answer = self._begin_again(change.whole)
            return answer.then(self.apply(Change(deals=change.deals), budget)) if change.deals else answer
        event = Event(self._state, change, self._knobs)
        answer, self._proof = event.answer(budget.of, self._proof, told)
        return answer

    def switch(self, wanted: Wanted) -> Found | Obstacle | None:
        """Another place for one student that harms nobody, or why there is none; None for who has no place."""
        return Switcher(self._state).find(wanted)

    def follow(self, region: Region, budget: Budget = Budget()) -> Answer:
        """The same for who has the changed region rather than what changed in it."""
        return self.apply(between(self.region, region), budget)

    def improve(self, turn: int, improvement: Improvement = Improvement()) -> Answer | None:  # noqa: B008 - frozen
        """The plan improved as a whole and adopted, or None where this turn found nothing better."""
        found = self.suggest(turn, improvement)
        return None if found is None else self.adopt(found)

    def suggest(self, turn: int, improvement: Improvement = Improvement()) -> Suggestion | None:  # noqa: B008 - frozen
        """What would make the plan cost less, moves included; the plan stays as it is.

        It puts nobody out of a place unless that leaves fewer without one or keeps a promise. Every turn looks elsewhere; the
        same plan and turn give the same suggestion.
        """
        return suggested(self._state, partial(improve_in_ledger, improvement, turn))

    def renew(self, turn: int) -> Suggestion | None:
        """The same, sought as widely as when nothing was planned yet: much more work, for what turns of improving cannot reach."""
        return suggested(self._state, partial(renew_in_ledger, self._state.region.settings.seed + turn))

    def adopt(self, suggestion: Suggestion) -> Answer | None:
        """What still fits and still makes the plan better, adopted; None where that is nothing.

        What was suggested for somebody who has another placement since is left, with whatever hangs on it.
        """
        answer, self._proof = Adoption(self._state, self._proof).answer(suggestion)
        return answer

    def prove(self, bound: float, unplaced_bound: int) -> None:
        """What was proven elsewhere about every allowed plan for the present region."""
        known = self._proof
        self._proof = Proof(max(known.bound, bound), max(known.unplaced_bound, unplaced_bound))

    def save(self) -> bytes:
        """The engine as bytes; loaded again it gives the same answers."""
        return to_bytes(self.region, self._proof)

    @classmethod
    def load(cls, saved: bytes, knobs: Knobs = Knobs()) -> "Engine":  # noqa: B008 - frozen
        """An engine that was saved. Raises UnreadableState, or RegionProblems."""
        region, proof = from_bytes(saved)
        engine = cls(region, knobs)
        engine.prove(proof.bound, proof.unplaced_bound)
        return engine

    def _begin_again(self, region: Region) -> Answer:
        """Everything looked up anew."""
        value = self.value
        self._state, self.lost_at_start = _started(region)
        self._proof = Proof()
        return replace(self.begin(), value_change=self.value - value)

    def begin(self) -> Answer:
        """Who lost a place at the start or has none is placed where that goes without a move; improving is left to others."""
        value, state, lost = self.value, self._state, self.lost_at_start
        region = state.region
        state.hold({one.placement.student: one.placement for one in lost if one.placement.student in region.students})
        trial = Trial(state)
        causes = {one.placement.student: Cause(one.cause) for one in lost}
        value_before = sum(trial.parts(causes).values())
        openings = Openings(state.atlas)
        places = {one: openings.of(region.students[one]) for one in sorted(state.waiting)}
        complete(state.ledger, places)
        complete_with_levers(state.ledger, places)
        if not trial.seat(places):
            trial.take_back()
        moves = trial.moves({*causes, *trial.changed}, {one.placement.student: one.placement for one in lost}, causes)
        parts = trial.parts({*causes, *trial.changed})
        trial.adopt(moves)
        reasons = state.reasons(state.waiting)
        certificate = self._proof.certificate(parts)
        self.lost_at_start = ()
        return Answer(moves, certificate, value_before, self.value - value, reasons, asks_for_whole=True)


def _started(region: Region) -> tuple[State, tuple[Lost, ...]]:
    ledger = Ledger(Atlas(region))
    held = Plan(region.id, region.today, region.placements).by_student().values()
    lost = book_allowed(ledger, held)
    return State(region, (ledger.placed[one] for one in sorted(ledger.placed))), tuple(lost)
