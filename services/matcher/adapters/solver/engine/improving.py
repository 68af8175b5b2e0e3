"""Improves the whole region while nothing happens: annealing on all tables, then exact rounds over a few sites."""

from dataclasses import dataclass, replace

import numpy as np

from services.matcher.adapters.solver.compiled.search import EjectionSearch, rows_of
from services.matcher.adapters.solver.compiled.tables import tables_of
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.rounds import Rounds
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Placement

HEATS = (0.02, 0.05, 0.01, 0.1)
"""Where one turn after another begins, as parts of the price of an unplaced student."""
COLD = 0.00005
PUT_OUT = 10**12
LEAST_ROUND = 0.01
"""What a round counts for at least."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """How much one turn may do: steps of annealing and deterministic time of exact rounds; and its number."""

    steps: int = 1_000_000
    rounds_time: float = 0.5
    turn: int = 0

    @property
    def seed(self) -> int:
        """Another one each turn."""
        return self.turn + 1


def annealed(state: State, improvement: Improvement) -> dict[StudentId, Placement | None]:
    """What differs in the best plan of one annealing from the present plan; nobody is put out."""
    placed = state.ledger.placed
    fixed = {one for one, now in placed.items() if not state.is_simple(now)}
    tables = tables_of(state.atlas)
    fixed |= {one for one, now in placed.items() if one not in fixed and rows_of(tables, now) is None}
    stays = np.array([PUT_OUT * (one in placed) for one in tables.index.students], dtype=np.int64)
    tables = replace(tables, unplaced_cost=tables.unplaced_cost + stays)
    search = EjectionSearch(
        state.atlas,
        tables,
        Ledger(state.atlas, (placed[one] for one in sorted(fixed))),
        state.region.students.keys() - fixed,
        state.region.settings.seed + improvement.seed,
    )
    search.begin(placed[one] for one in sorted(placed) if one not in fixed)
    unplaced = state.region.settings.costs.unplaced
    heat = HEATS[improvement.turn % len(HEATS)]
    search.run(improvement.steps, (0, improvement.steps), (heat * unplaced, COLD * unplaced))
    if search.best is None:
        return {}
    best = {one.student: one for one in search.placements()}
    return {one: best.get(one) for one in sorted({*best, *placed}) if best.get(one) != placed.get(one)}


def rounded(state: State, improvement: Improvement) -> set[StudentId]:
    """Exact rounds on the ledger itself, with every lever; whoever may differ afterwards."""
    openings, students = Openings(state.atlas), state.region.students
    places = {one: openings.of(students[one]) for one in sorted(students)}
    limits = SolveLimits(1.0, state.region.settings.seed + improvement.seed)
    spent = 0.0
    for outcome in Rounds(state.ledger, places, groups_of(state.atlas), limits).run():
        spent += max(LEAST_ROUND, outcome.deterministic_time)
        if spent >= improvement.rounds_time:
            break
    return set(students)
