"""Makes several plans for one region: what was looked up for the first is there for the others."""

from collections.abc import Iterable, Sequence, Set

from services.matcher.adapters.solver.greedy import complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.repair import Lost, book_allowed
from services.matcher.adapters.solver.search import search
from services.matcher.adapters.solver.submodel import halves
from services.matcher.adapters.solver.valuation import Group, groups_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import StudentId
from services.matcher.domain.judging import Candidate
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.options import Place, places_of
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region


class Drafts:
    """Plans of one region; each method gives what the solver's own would, without a reason for who is left out."""

    def __init__(self, region: Region) -> None:
        """Make the tables that all plans share."""
        self.atlas = Atlas(region)
        self.groups = groups_of(self.atlas)
        self._openings = Openings(self.atlas)
        self._places: dict[StudentId, Sequence[Place]] = {}

    def allowed(self, placements: Iterable[Placement]) -> tuple[Plan, tuple[Lost, ...]]:
        """What of a plan may stay, and what may not with its cause."""
        ledger = Ledger(self.atlas)
        lost = book_allowed(ledger, placements)
        return self._plan(ledger), tuple(lost)

    def completed(self, held: Plan, newcomers: Set[StudentId]) -> Plan:
        """The plan with as many of these placed as fit, one by one; nobody else moves."""
        ledger, students = Ledger(self.atlas, held.placements), self.atlas.region.students
        complete(ledger, {one: places_of(self.atlas, students[one]) for one in sorted(newcomers)})
        return self._plan(ledger)

    def solved(
        self, start: Plan, free: Set[StudentId], limits: SolveLimits, groups: Sequence[Group] | None = None
    ) -> Candidate:
        """A plan at least as good as the start, which is one of these drafts; who is not free keeps what they have.

        `groups` are those to be fair to: all, when none are given.
        """
        held = start.by_student()
        movable = {one for one in self.atlas.region.students if one in free}
        movable -= halves(held, movable)
        ledger = Ledger(self.atlas, (held[one] for one in sorted(held) if one not in movable))
        book_allowed(ledger, (held[one] for one in sorted(held) if one in movable))
        places = {one: self._places_of(one) for one in sorted(movable)}
        complete(ledger, places)
        complete_with_levers(ledger, places)
        outcome = search(ledger, places, list(self.groups if groups is None else groups), limits)
        if len(movable) < len(self.atlas.region.students):
            return Candidate(self._plan(ledger))
        return Candidate(self._plan(ledger), max(0.0, outcome.bound), sum(not found for found in places.values()))

    def _places_of(self, student: StudentId) -> Sequence[Place]:
        if student not in self._places:
            self._places[student] = self._openings.of(self.atlas.region.students[student])
        return self._places[student]

    def _plan(self, ledger: Ledger) -> Plan:
        """What is booked: `book_allowed` and places give each placement the state that it should have."""
        placements = tuple(ledger.placed[one] for one in sorted(ledger.placed))
        return Plan(self.atlas.region.id, self.atlas.region.today, placements)
