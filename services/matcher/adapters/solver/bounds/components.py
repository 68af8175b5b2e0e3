"""The components of a region: students whom no rule ties to the others, though fairness may; and the plan that stands."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.parts import Union
from services.matcher.adapters.solver.bounds.program import Ints
from services.matcher.domain.plan import Plan

LEAST = 12
"""Fewer students than this are no component of their own: they are searched with the last one that is."""


def components(model: Model) -> list[Ints]:
    """The students of each component, the largest first."""
    program = model.program
    union, ties = Union(program.width), _ties(model)
    for row in range(program.height):
        if row not in ties:
            union.join(program.entries(row)[0])
    members: dict[int, list[int]] = defaultdict(list)
    for student in range(model.first):
        members[union.find(student)].append(student)
    ordered = sorted(members.values(), key=lambda one: (-len(one), one))
    large = [one for one in ordered if len(one) >= LEAST] or [[]]
    large[-1] = sorted([*large[-1], *(student for one in ordered if len(one) < LEAST for student in one)])
    return [np.array(one, dtype=np.int64) for one in large if one]


def _ties(model: Model) -> set[int]:
    """The rows about groups and about all together; those added later name places or what they bring."""
    program = model.program
    rows = {*model.group_rows.values()}
    return rows | {row for row in range(program.height) if _is_about_all(model, program.entries(row)[0])}


def _is_about_all(model: Model, columns: Iterable[int]) -> bool:
    """The row names everybody who might be left out."""
    return sum(column < model.first for column in columns) == model.first > 1


def fixed_but(model: Model, standing: Ints, free: Ints) -> Ints:
    """The columns that say where each student is, or that they are left out, but for those of the free students."""
    is_free = np.zeros(model.first, dtype=np.bool_)
    is_free[free] = True
    of_column = np.concatenate([np.arange(model.first), model.eased.tables.places.student])
    return np.flatnonzero(~is_free[of_column[: len(standing)]])


def standing_of(model: Model, plan: Plan) -> Ints:
    """The values of the columns that say who is left out and which place is taken, for a plan."""
    tables, held = model.eased.tables, plan.by_student()
    places, index = tables.places, tables.index
    found = np.zeros(model.first + len(places.student), dtype=np.int64)
    sets = [[frozenset(one) for one in model.eased.atlas.region.students[name].period_sets] for name in index.students]
    found[: model.first] = [name not in held for name in index.students]
    for place, student in enumerate(places.student.tolist()):
        one = held.get(index.students[student])
        if one is not None and one.workplace == index.workplaces[places.workplace[place]]:
            found[model.first + place] = sets[student][places.set_index[place]] == frozenset(one.periods)
    return found
