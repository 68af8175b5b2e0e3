"""What the levers that pool hours may save at most: the places and needs on which a bound may rest.

A duo, a peer group, a senior or a team changes how many hours one student takes of one supervisor. A bound must hold for
every such plan, so each student counts with the least hours that any lever could leave, and with team on the hours of one
student may be split at will.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, lcm

import numpy as np

from services.matcher.adapters.solver.compiled.tables import Tables, tables_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import StudentId
from services.matcher.domain.region import Region, Student
from services.matcher.domain.settings import Levers, Needs


@dataclass(frozen=True, slots=True)
class Eased:
    """Every place that any allowed plan may use, and the least hours each student takes, in `scale` parts of a qh."""

    atlas: Atlas
    tables: Tables
    shares: tuple[int, ...]
    scale: int

    @property
    def is_split(self) -> bool:
        """With team on the hours of one student may come from several supervisors."""
        return self.atlas.region.settings.levers.team.on


def ease(region: Region) -> Eased:
    """The places and needs that no allowed plan of the region undercuts."""
    atlas, levers = Atlas(region), region.settings.levers
    least = {}
    for student in region.students.values():
        needs = atlas.needs(student.id)
        least[student.id] = Fraction(0) if needs is None else least_hours(levers, student, needs.wpb)
    scale = lcm(1, *(hours.denominator for hours in least.values()))
    tables = tables_of(Atlas(_with_room(region, atlas, least)))
    return Eased(atlas, tables, tuple(int(least[one] * scale) for one in tables.index.students), scale)


def least_hours(levers: Levers, student: Student, need: int) -> Fraction:
    """The least that a student can take of workplace supervisors' hours; of a duo each counts with its part of the need.

    Two of a duo share one supervisor, so together they take no less than the sum of their parts.
    """
    return min(_candidates(levers, student, need))


def _candidates(levers: Levers, student: Student, need: int) -> Iterator[Fraction]:
    yield Fraction(need)
    if need and levers.peer.on:
        yield Fraction(max(1, need - levers.peer.relief_qh))
    if need and levers.senior.on and student.phase in levers.senior.juniors:
        yield Fraction(max(1, need - levers.senior.relief_qh))
    if levers.duo.on and student.duo:
        yield Fraction(levers.duo.factor) * need


def _with_room(region: Region, atlas: Atlas, least: Mapping[StudentId, Fraction]) -> Region:
    """The same region with needs so small that no supervisor is left out who could guide with a lever's help."""
    team = region.settings.levers.team
    students = {}
    for student in region.students.values():
        needs = atlas.needs(student.id)
        if needs is not None:
            hours = ceil(least[student.id])
            asked = min(hours, team.min_qh) if team.on else hours
            student = replace(student, needs=Needs(asked, needs.so, needs.io))
        students[student.id] = student
    return replace(region, students=students)


def largest_price(tables: Tables) -> int:
    """The largest single price of the region, which exact sums must hold."""
    found = (tables.unplaced_cost, tables.places.cost, tables.guides.cost, tables.load, tables.groups.price)
    return max((int(np.abs(one).max(initial=0)) for one in found), default=0)
