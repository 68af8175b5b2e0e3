"""Which rows tie parts of a region together, and what is left when the ties are cut."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.matcher.adapters.solver.bounds.model import Key, Load, Model
from services.matcher.adapters.solver.bounds.program import Arrays, Floats, Ints, Program

NONE = -1
MOST_SHARED, MOST_STUDENTS, FREE = 0.5, 900, 500.0
"""Parts are made one where at most so many of the guides whom they share are scarce, up to so many students: else HiGHS
could take minutes for a part. And what a guide's rows cost together who is scarce."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the program with its own rows; per column the one of the whole that it is, or NONE for a copy."""

    arrays: Arrays
    columns: Ints


class Union:
    """Sets of numbers that grow together."""

    def __init__(self, size: int) -> None:
        """Everybody alone."""
        self._above = list(range(size))

    def find(self, one: int) -> int:
        """The name of the set."""
        above = self._above
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def join(self, many: Iterable[int]) -> None:
        """One set of all of them."""
        name = NONE
        for one in many:
            found = self.find(one)
            if name not in (NONE, found):
                self._above[found] = name
            else:
                name = found


def part_of_columns(model: Model) -> list[int]:
    """The part of each column: students and the workplaces that they could have belong together; NONE for the rest."""
    places, students = model.eased.tables.places, model.first
    union = Union(students + int(places.workplace.max(initial=-1)) + 1)
    pairs = zip(places.student.tolist(), places.workplace.tolist(), strict=True)
    for student, workplace in pairs:
        union.join((student, students + workplace))
    part = [NONE] * model.program.width
    part[:students] = [union.find(student) for student in range(students)]
    part[students : students + len(places.student)] = [union.find(student) for student in places.student.tolist()]
    for column, place in model.counted_for.items():
        part[column] = part[place]
    return part


def joined(model: Model, part: list[int], prices: Floats, rows_in: npt.NDArray[np.bool_]) -> tuple[list[int], bool]:
    """Parts made one where they share a guide whose hours have a price, if that are few guides and parts stay small.

    And whether it is so few that the parts are nearly loose.
    """
    union, size = Union(model.program.width), Counter(part[: model.first])
    every = _shared_guides(model, part, prices, rows_in)
    shared = [one for one in every if -one[0] > FREE]
    if len(shared) > MOST_SHARED * len(every):
        return part, False
    for _, parts in sorted(shared):
        names = {union.find(one) for one in parts}
        total = sum(size[one] for one in names)
        if len(names) > 1 and total <= MOST_STUDENTS:
            union.join(sorted(names))
            size[union.find(parts[0])] = total
    return [NONE if one == NONE else union.find(one) for one in part], True


def _shared_guides(
    model: Model, part: list[int], prices: Floats, rows_in: npt.NDArray[np.bool_]
) -> list[tuple[float, list[int]]]:
    """The parts that share a guide, and less what that guide's rows cost, the dearest first when sorted."""
    cuts: dict[Key, list[int]] = defaultdict(list)
    for row, cut in model.cuts:
        cuts[cut.load.supervisor, cut.load.period].append(row)
    found = []
    for load in model.loads:
        key = (load.supervisor, load.period)
        links = [row for row in model.links[key] if rows_in[row]] if load.is_guide else []
        parts = {part[column] for row in links for column in model.program.entries(row)[0]} - {NONE}
        if len(parts) > 1:
            price = float(np.abs(prices[[*links, *model.limits[key], *cuts[key]]]).sum())
            found.append((-price, sorted(parts)))
    return found


def ties_of(model: Model, part: list[int]) -> npt.NDArray[np.bool_]:
    """The rows that name columns of more than one part, and those that count for somebody who guides in several."""
    program = model.program

    def parts(rows: Iterable[int]) -> set[int]:
        return {part[column] for row in rows for column in program.entries(row)[0]} - {NONE}

    ties = np.array([len(parts([row])) > 1 for row in range(program.height)], dtype=np.bool_)
    for rows in model.links.values():
        ties[rows] = len(parts(rows)) > 1 or ties[rows].any()
    loads = {column: (load.supervisor, load.period) for load in model.loads for column in load.openings}
    for row, openings in model.visit_rows.items():
        ties[row] |= any(ties[model.links[loads[opening]]].any() for opening in openings)
    return ties


def blocks_of(
    model: Model, part: list[int], ties: npt.NDArray[np.bool_], rows_in: npt.NDArray[np.bool_]
) -> Iterator[Block]:
    """What the rows that are in and no ties hold together, by first column; with copies of the limits of shared guides."""
    program = model.program
    union = Union(program.width)
    own = np.flatnonzero(rows_in & ~ties).tolist()
    for row in own:
        union.join(program.entries(row)[0])
    rows: dict[int, list[int]] = defaultdict(list)
    for row in own:
        rows[union.find(program.entries(row)[0][0])].append(row)
    members: dict[int, list[int]] = defaultdict(list)
    for column in range(program.width):
        members[union.find(column)].append(column)
    copies = _shared(model, part, ties & rows_in)
    for name, columns in members.items():
        yield _block(model, columns, rows[name], copies.get(part[columns[0]], []))


def _shared(model: Model, part: list[int], ties: npt.NDArray[np.bool_]) -> dict[int, list[Load]]:
    """The guides with students of several parts, by part."""
    found: dict[int, list[Load]] = defaultdict(list)
    for load in model.loads:
        rows = model.links[load.supervisor, load.period]
        if load.is_guide and ties[rows].any():
            for name in sorted({part[column] for row in rows for column in model.program.entries(row)[0]} - {NONE}):
                found[name].append(load)
    return found


def _block(model: Model, columns: list[int], rows: list[int], shared: list[Load]) -> Block:
    whole, program = model.program, Program()
    at = {}
    for column in columns:
        at[column] = program.column(whole.upper[column], lower=whole.lower[column], depth=whole.depth[column])
    for row in rows:
        named, values = whole.entries(row)
        entries = [(at[column], value) for column, value in zip(named, values, strict=True)]
        program.row(entries, at_least=whole.row_lower[row], at_most=whole.row_upper[row])
    cuts = defaultdict(list)
    for row, cut in model.cuts if shared else ():
        cuts[cut.load.supervisor, cut.load.period].append(row)
    for load in shared:
        limits = [*cuts[load.supervisor, load.period], *model.limits[load.supervisor, load.period]]
        _copy(model, program, at, load, limits)
    return Block(program.arrays(), np.array([*columns, *[NONE] * (program.width - len(columns))], dtype=np.int64))


def _copy(model: Model, program: Program, at: dict[int, int], load: Load, limits: list[int]) -> None:
    """What this part alone takes of a shared guide keeps the guide's limits too."""
    whole, counts = model.program, {}
    for row, (_, (count,), most) in zip(model.links[load.supervisor, load.period], load.counts, strict=True):
        here = [(at[column], 1) for column in whole.entries(row)[0] if column in at]
        counts[count] = program.column(most if here else 0, depth=whole.depth[count])
        program.row([*here, (counts[count], -1)], at_least=0, at_most=0)
    for row in limits:
        columns, values = whole.entries(row)
        entries = [(counts[column], value) for column, value in zip(columns, values, strict=True)]
        program.row(entries, at_least=whole.row_lower[row], at_most=whole.row_upper[row])
