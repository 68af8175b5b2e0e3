"""What the plan costs, part by part, kept up to date; each placement is priced with the checker's own functions."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.valuation import PARTS, Group
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker_costs import CASE_COSTS
from services.matcher.domain.checker_facts import Case
from services.matcher.domain.ids import PeriodId, StudentId, SupervisorId
from services.matcher.domain.plan import Placement
from services.matcher.domain.prices import break_cost, load_cost
from services.matcher.domain.region import Student
from services.matcher.domain.settings import Fairness
from services.matcher.domain.vocabulary import PlacementState

GroupName = tuple[str, str]


class Tally:
    """Sums over the students and placements that were put in; what it costs to break promises or move is apart."""

    def __init__(self, atlas: Atlas) -> None:
        """Nobody is there yet."""
        self._atlas = atlas
        self._parts = Counter[str]()
        self._of_case: dict[StudentId, dict[str, int]] = {}
        self.guided: Counter[tuple[SupervisorId, PeriodId]] = Counter()
        self.sizes: Counter[GroupName] = Counter()
        self.left: Counter[GroupName] = Counter()
        self.students = self.placed = 0

    def enter(self, student: Student, sign: int = 1) -> None:
        """A student without a place comes in, or with -1 leaves."""
        self.students += sign
        for name in self.groups_of(student):
            self.sizes[name] += sign
            self.left[name] += sign

    def groups_of(self, student: Student) -> list[GroupName]:
        """The groups that somebody is in, whether they are large enough or not."""
        return [(name, str(getattr(student, name))) for name in self._atlas.region.settings.fairness.groups]

    def place(self, case: Case) -> None:
        """Book a placement."""
        costs = {name: cost(self._atlas.region, case) for name, cost in CASE_COSTS.items()}
        self._of_case[case.id] = costs
        self._book(case, costs, 1)

    def unplace(self, case: Case) -> None:
        """Take a placement out; the case is the one that was booked."""
        self._book(case, self._of_case.pop(case.id), -1)

    def _book(self, case: Case, costs: Mapping[str, int], sign: int) -> None:
        self.placed += sign
        for name, points in costs.items():
            self._parts[name] += sign * points
        for group in self.groups_of(case.student):
            self.left[group] -= sign
        prices = self._atlas.region.settings.costs
        for share in case.placement.wpb:
            for period in case.placement.periods:
                key = (share.supervisor, period)
                rank = self.guided[key] if sign > 0 else self.guided[key] - 1
                self._parts["load"] += sign * load_cost(prices, rank)
                self.guided[key] += sign

    def parts(self) -> dict[str, int]:
        """The cost of what is booked, with nothing for promises and moves."""
        found = dict.fromkeys(PARTS, 0) | dict(self._parts)
        found["unplaced"] = self._atlas.region.settings.costs.unplaced * (self.students - self.placed)
        fairness = self._atlas.region.settings.fairness
        found["fairness"] = sum(_price(fairness, name, size, self.left[name]) for name, size in self.sizes.items())
        return found

    def ranks_of(self, name: GroupName) -> NDArray[np.int64]:
        """What the k-th unplaced of a watched group costs extra, as far as the group goes."""
        return _ranks(self._atlas.region.settings.fairness, name, self.sizes[name])

    def price_of(self, name: GroupName) -> Group | None:
        """What the unplaced of a group cost extra by rank; None when it is too small to be watched."""
        return group_of(self._atlas.region.settings.fairness, name, self.sizes[name])


def broken_and_moved(atlas: Atlas, held: Placement, now: Placement | None) -> tuple[int, int]:
    """Points for a promise that is not kept and for a move, from what a student of the region held to what they have."""
    costs = atlas.region.settings.costs
    if now is None:
        return break_cost(costs, held), 0
    if held.is_same_place(now):
        return 0, 0 if held.has_same_wpb(now) else costs.move_supervisor
    is_proposal = held.state is PlacementState.PROPOSED
    return (0, costs.move_workplace) if is_proposal else (break_cost(costs, held), 0)


@lru_cache(maxsize=4096)
def group_of(fairness: Fairness, name: GroupName, size: int) -> Group | None:
    """The prices of a group of this size, None when it is not watched; who is in it is left out."""
    ranks = fairness.ranks_of(name, size)
    return None if ranks is None else Group(frozenset(), ranks)


@lru_cache(maxsize=4096)
def _ranks(fairness: Fairness, name: GroupName, size: int) -> NDArray[np.int64]:
    group = group_of(fairness, name, size)
    segments = [] if group is None else group.segments(0, size)
    return np.array([price for width, price in segments for _ in range(width)], dtype=np.int64)


@lru_cache(maxsize=65536)
def _price(fairness: Fairness, name: GroupName, size: int, left: int) -> int:
    group = group_of(fairness, name, size)
    return 0 if group is None else group.price(left)
