"""Which rows about supervisors a linear program needs: those where somebody turns out to be scarce.

Most supervisors have more hours than anybody asks of them. Leaving their rows out makes the program many times smaller and
a bound no less valid; a solution then shows who is scarce after all.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.parts import Union
from services.matcher.adapters.solver.bounds.program import Floats, Ints
from services.matcher.adapters.solver.bounds.visiting import Visiting

BEYOND, FAR_BEYOND = 1e-6, 0.5
"""What is too much for a guide, and for a trainer, of whom the filled solution is no more than a guess."""
MANY_TRAINERS = 0.3
MOST = 0.5
"""With more than this part of the guides scarce, all are brought in."""
NONE = -1


class Scarce:
    """The rows about supervisors in teams who share students; a team is in when a solution asks too much of it."""

    def __init__(self, model: Model, visiting: Visiting) -> None:
        """Nobody is scarce yet."""
        self._model, self._visiting = model, visiting
        self._first = model.first + len(model.eased.tables.places.student)
        self._of_row, self._of_column = _teams(model, self._first)
        self.is_in = np.zeros(int(self._of_row.max(initial=NONE)) + 1, dtype=np.bool_)
        self._is_guide = np.zeros(len(self.is_in), dtype=np.bool_)
        counts = [
            column for load in model.loads if load.is_guide for _, columns, _ in load.counts for column in columns
        ]
        self._is_guide[self._of_column[counts]] = True
        self.prices_load = False
        self._made = _Made(model)

    def team(self, column: int) -> int:
        """The team that a column counts for, or NONE."""
        return int(self._of_column[column])

    def rows(self) -> npt.NDArray[np.bool_]:
        """Which rows of the program are in."""
        found = np.ones(self._model.program.height, dtype=np.bool_)
        known, is_in = len(self._of_row), self.is_in | (self._is_guide & self.prices_load)
        found[:known] = np.where(self._of_row >= 0, np.append(is_in, True)[self._of_row], True)
        if not self.prices_load:
            found[self._model.load_rows] = False
        return found

    @property
    def asks_for_trainers(self) -> bool:
        """So many trainers are scarce that their openings make every corner degenerate."""
        return self._are_trainers_scarce(self.is_in)

    def _are_trainers_scarce(self, teams: npt.NDArray[np.bool_]) -> bool:
        trainers = ~self._is_guide
        return bool((teams & trainers).sum() > MANY_TRAINERS * trainers.sum())

    def filled(self, solution: Floats) -> Floats:
        """The solution with who guides whom among those who are not in, divided by their hours."""
        full = solution.copy()
        absent = (self._of_column >= 0) & ~np.append(self.is_in, True)[self._of_column]
        for columns, values in self._made.values(full, self._visiting):
            mine = absent[columns]
            full[columns[mine]] = values[mine]
        return full

    def has(self, column: int) -> bool:
        """Is the team in that the column counts for?"""
        team = self.team(column)
        return team != NONE and bool(self.is_in[team])

    def bring_in(self, full: Floats) -> int:
        """Bring in the teams of whom a filled solution asks too much; tell how many.

        Trainers come when no guides are to come: who is placed where is a guess before. When most guides are scarce, all
        are, to spare a program for each few.
        """
        arrays, known = self._model.program.arrays(), len(self._of_row)
        activity = np.bincount(arrays.row_of_entry(), arrays.values * full[arrays.columns], len(arrays.row_lower))
        excess = np.maximum(activity - arrays.row_upper, arrays.row_lower - activity)[:known]
        is_guide = np.append(self._is_guide, True)
        off = excess > np.where(is_guide[self._of_row], BEYOND, FAR_BEYOND)
        off[self._model.load_rows] = False
        over = full - arrays.upper > np.where(is_guide[self._of_column], BEYOND, FAR_BEYOND)
        wanted = self.is_in.copy()
        wanted[sorted({*self._of_row[off].tolist(), *self._of_column[over].tolist()} - {NONE})] = True
        before, guides = int(self.is_in.sum()), wanted & self._is_guide
        if guides.sum() > MOST * self._is_guide.sum():
            guides = self._is_guide
        is_new = bool((guides & ~self.is_in).any())
        if not is_new and self._are_trainers_scarce(wanted):
            wanted = wanted | ~self._is_guide
        self.is_in = (self.is_in | guides) if is_new else wanted
        return int(self.is_in.sum()) - before


class _Made:
    """How the columns about supervisors follow from who is placed where, when students are divided by hours."""

    def __init__(self, model: Model) -> None:
        program = model.program
        self._of_split = np.repeat(np.arange(len(model.splits)), [len(one.columns) for one in model.splits])
        self._columns = np.array([column for one in model.splits for column in one.columns], dtype=np.int64)
        self._made = np.array([column for one in model.splits for column in one.made], dtype=np.int64)
        self._split_of_made = np.repeat(np.arange(len(model.splits)), [len(one.made) for one in model.splits])
        self._parts = np.array([part for one in model.splits for part in one.parts], dtype=np.float64)
        links = [program.entries(row) for rows in model.links.values() for row in rows]
        counts = [next(column for column, value in zip(*one, strict=True) if value < 0) for one in links]
        self._counts = np.array(counts, dtype=np.int64)
        members = [[column for column in one[0] if column != count] for one, count in zip(links, counts, strict=True)]
        self._of_count = np.repeat(np.arange(len(links)), [len(one) for one in members])
        self._members = np.array([column for one in members for column in one], dtype=np.int64)

    def values(self, full: Floats, visiting: Visiting) -> Iterable[tuple[Ints, Floats]]:
        """Columns and their values, one kind after the other, each from those that are filled before."""
        totals = np.bincount(self._of_split, full[self._columns], int(self._of_split.max(initial=-1)) + 1)
        yield self._made, totals[self._split_of_made] * self._parts
        yield self._counts, np.bincount(self._of_count, full[self._members], len(self._counts)).astype(np.float64)
        placed = visiting.placed(full)
        visits = np.zeros(len(full))
        np.maximum.at(visits, visiting.openings, np.repeat(placed / visiting.most, np.diff(visiting.opening_starts)))
        opened = np.unique(visiting.openings)
        yield opened, np.minimum(visits[opened], 1.0)


def _teams(model: Model, first: int) -> tuple[Ints, Ints]:
    """The team of each row about supervisors and of each of their columns; NONE for the rest."""
    program = model.program
    union, priced = Union(program.width), {*model.load_rows}
    for row in model.guidance:
        if row not in priced:
            union.join(column for column in program.entries(row)[0] if column >= first)
    numbers: dict[int, int] = defaultdict(lambda: len(numbers))
    of_row = np.full(program.height, NONE, dtype=np.int64)
    of_column = np.full(program.width, NONE, dtype=np.int64)
    for row in model.guidance:
        inner = [column for column in program.entries(row)[0] if column >= first]
        if inner and row not in priced:
            of_row[row] = numbers[union.find(inner[0])]
            of_column[inner] = of_row[row]
    for row in priced:
        counts = [column for column in program.entries(row)[0] if of_column[column] != NONE]
        of_row[row] = of_column[counts[0]] if counts else NONE
    return of_row, of_column
