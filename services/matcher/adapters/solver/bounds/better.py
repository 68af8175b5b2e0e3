"""Searches for a plan that costs less than the best one known, in whole numbers: of the region, or of one component of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from services.matcher.adapters.solver.bounds.components import components, fixed_but
from services.matcher.adapters.solver.bounds.highs import Effort, Searched, Watch, branch
from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.program import EVERYTHING, Ints
from services.matcher.adapters.solver.bounds.scarce import Scarce

TOO_DEAR = 1 << 36
"""With single prices beyond this the exact sums would not fit in 64 bits; then nothing but 0 is proven."""
LOOKING, FIRST_TRY = 0.1, 3
"""The part of the work of a search that looks for solutions, and how many times its first try is halved."""
AMONG_TRAINERS = 6.0
"""Measured: a search where trainers are scarce takes so many times the seconds that its iterations say (300 students: 9.7 s of
which 0.8 were counted, on a machine where hours took 27.8 s for 9.7), since every corner is degenerate."""


@dataclass(frozen=True, slots=True)
class BestPlan:
    """What a course may know about the best plan: its primary cost, where it has everybody (see `standing_of`), and how
    many it leaves out; and what others have proven of the primary cost of every plan."""

    primary: Callable[[], int]
    standing: Callable[[], Ints] | None = None
    left_out: Callable[[], int] = lambda: 1 << 62
    least: Callable[[], int] = lambda: 0


def attempt(nodes: int, number: int) -> Effort:
    """Of the search for a plan: each time twice as long, and another one, since how long it takes is mostly luck."""
    return Effort(max(1, nodes >> FIRST_TRY << number), LOOKING, number + 1)


@dataclass(slots=True)
class Better:
    """The searches of one course."""

    model: Model
    scarce: Scarce
    best: BestPlan
    watch: Watch
    _components: list[Ints] = field(default_factory=list)

    def search(self, row: int, depth: int, effort: Effort, fixed: Ints | None = None) -> Searched:
        """Among the plans of which the primary cost, which this row counts, is less than the best one's.

        With some columns fixed as they stand it is no bound, but a plan.
        """
        arrays, unit = self.model.program.arrays(), self.model.program.unit()
        most = self.best.primary() // unit - 1
        upper = arrays.row_upper.copy()
        upper[row] = most if most * unit < TOO_DEAR else np.inf
        arrays = replace(arrays, row_upper=upper)
        if fixed is not None and self.best.standing is not None:
            low, high, standing = arrays.lower.copy(), arrays.upper.copy(), self.best.standing()
            low[fixed] = high[fixed] = standing[fixed]
            arrays = replace(arrays, lower=low, upper=high)
        cost = (arrays.primary // unit).astype(np.float64)
        before, rows = self.watch.work, np.flatnonzero(self.scarce.rows())
        found = branch(arrays, cost, depth, effort, self.watch, rows=rows)
        if self.scarce.asks_for_trainers:
            self.watch.work += (AMONG_TRAINERS - 1) * (self.watch.work - before)
        return found

    def by_component(self, row: Callable[[], int], effort: Effort, least: Callable[[], int]) -> Iterator[Searched]:
        """Each component anew beside the others as they stand, until none of them finds anything better.

        What ties them is fairness alone, so the plan of all is mostly one of the best when each is.
        """
        if self.best.standing is None:
            return
        self._components = self._components or components(self.model)
        if len(self._components) < 2:
            return
        settled: set[int] = set()
        while len(settled) < len(self._components):
            for number, free in enumerate(self._components):
                before = self.best.primary()
                if number in settled or before <= least() or self.watch():
                    settled.add(number)
                    continue
                fixed = fixed_but(self.model, self.best.standing(), free)
                found = self.search(row(), EVERYTHING, effort, fixed)
                yield found
                is_better = self.best.primary() < before
                settled = ({number} if found.is_optimal else set()) if is_better else settled | {number}
