"""Cuts that say that a trainer goes where a student is placed: one per student and site, added where they are broken.

All of them at once make the program many times slower; counting students per site alone lets a trainer go to a fifth of
a site for a fifth of its students.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.program import Floats, Ints

BROKEN = 0.05
AT_ONCE = 4_000
"""Rows added in one round, the most broken first."""


@dataclass(frozen=True, slots=True)
class Visiting:
    """The columns of each student and site, and the openings of the trainers of whom one must go there, end to end."""

    columns: Ints
    column_starts: Ints
    openings: Ints
    opening_starts: Ints
    most: Ints

    def placed(self, solution: Floats) -> Floats:
        """How much of each student is at each site."""
        return np.add.reduceat(solution[self.columns], self.column_starts[:-1]) if len(self.columns) else np.zeros(0)

    def visited(self, solution: Floats) -> Floats:
        """How much the trainers go there."""
        return np.add.reduceat(solution[self.openings], self.opening_starts[:-1]) if len(self.openings) else np.zeros(0)


def visiting(model: Model) -> Visiting:
    """Every cut that there could be."""
    found = model.visits
    return Visiting(
        np.array([column for one in found for column in one.columns], dtype=np.int64),
        np.cumsum([0, *(len(one.columns) for one in found)]),
        np.array([column for one in found for column in one.openings], dtype=np.int64),
        np.cumsum([0, *(len(one.openings) for one in found)]),
        np.array([one.most for one in found], dtype=np.int64),
    )


def add_broken(model: Model, known: Visiting, solution: Floats, is_in: Callable[[int], bool]) -> int:
    """Add the cuts about trainers who are in that a solution breaks, and tell how many."""
    if not model.visits:
        return 0
    excess = known.placed(solution) - known.most * known.visited(solution)
    broken = np.flatnonzero(excess > BROKEN)
    broken = broken[[is_in(model.visits[number].openings[0]) for number in broken.tolist()]] if len(broken) else broken
    for number in sorted(broken[np.argsort(-excess[broken], kind="stable")][:AT_ONCE].tolist()):
        one = model.visits[number]
        entries = [*((column, 1) for column in one.columns), *((opening, -one.most) for opening in one.openings)]
        model.visit_rows[model.program.row(entries, at_most=0)] = one.openings
    return min(len(broken), AT_ONCE)
