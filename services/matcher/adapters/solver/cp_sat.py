"""The solver that the matcher uses: an allowed plan at once, a better one within the limits, and what is proven."""

from services.matcher.adapters.solver.greedy import Places, complete
from services.matcher.adapters.solver.greedy_levers import complete_with_levers
from services.matcher.adapters.solver.repair import book_allowed, with_states
from services.matcher.adapters.solver.search import search
from services.matcher.adapters.solver.submodel import halves
from services.matcher.adapters.solver.valuation import groups_of, parts_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.explanation import explain
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region


class CpSatSolver:
    """Solves regions with OR-Tools CP-SAT; it holds no state and travels between processes."""

    def solve(
        self, region: Region, incumbent: Plan, limits: SolveLimits, free: frozenset[StudentId] | None = None
    ) -> Plan:
        """A plan at least as good as the incumbent completed greedily; who is not free keeps exactly what they have,
        which must be allowed still (`drop_invalid` sees to that).

        The same input gives the same plan, whatever the order of the input. The certificate's bound is proven only
        when everybody is free; else it is 0.
        """
        atlas = Atlas(region)
        held = {one.student: one for one in with_states(atlas, incumbent.by_student().values())}
        movable = {one for one in region.students if free is None or one in free}
        movable -= halves(held, movable)
        ledger = Ledger(atlas, (held[one] for one in sorted(held) if one not in movable))
        book_allowed(ledger, (held[one] for one in sorted(held) if one in movable))
        openings = Openings(atlas)
        places = {one: openings.of(region.students[one]) for one in sorted(movable)}
        complete(ledger, places)
        complete_with_levers(ledger, places)
        outcome = search(ledger, places, groups_of(atlas), limits)
        return _plan(ledger, places, outcome.bound if movable == set(region.students) else None)


def _plan(ledger: Ledger, places: Places, bound: float | None) -> Plan:
    atlas, region = ledger.atlas, ledger.atlas.region
    parts = parts_of(atlas, ledger.placed)
    without_any = sum(not found for found in places.values())
    certificate = Certificate.of(parts, max(0.0, bound or 0.0), without_any if bound is not None else 0)
    return Plan(
        region.id,
        region.today,
        tuple(ledger.placed[student] for student in sorted(ledger.placed)),
        tuple(explain(ledger, region.students[one]) for one in sorted(region.students) if one not in ledger.placed),
        certificate,
    )
