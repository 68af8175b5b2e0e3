"""What students over a border and groups of a country count for in the bounds of its parts, so that these add up to one.

Write x(s, p) for: student s has a place in part p. At home s is left out at the lower of what that costs and lambda(s); in
every other part a copy of s is left out at lambda(s), and lambda(s) is taken off again. Since s has one place at most, the
sum is never above what s costs, for any lambda(s) >= 0. See decision 8.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import gcd

from services.matcher.adapters.solver.country.division import Division
from services.matcher.adapters.solver.country.groups import Groups, unwatched
from services.matcher.adapters.solver.country.regions import Regions
from services.matcher.adapters.solver.country.tasks import BoundFound, BoundTask, PlanTask, Shares
from services.matcher.domain.ids import StudentId
from services.matcher.domain.prices import break_cost
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Group
from services.matcher.domain.vocabulary import PlacementState

PARTS = 1_000
"""Of a student: programs divide them."""
FINER = 50
"""Prices are whole parts of what divides the country's prices: coarser ones lose more than what rounding a bound up gains."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The price of one more unplaced of each group, and of each student who can cross a border."""

    slopes: Mapping[Group, int]
    border: Mapping[StudentId, int]


@dataclass(frozen=True, slots=True)
class Proven:
    """What no plan of the country can beat, and which part of that is about each part's own students."""

    bound: int
    unplaced: int
    of_parts: tuple[int, ...]
    unplaced_of_parts: tuple[int, ...]

    def with_unplaced(self, other: "Proven") -> "Proven":
        """The same, with what another says of how many are left out where that is more."""
        if other.unplaced <= self.unplaced:
            return self
        return replace(self, unplaced=other.unplaced, unplaced_of_parts=other.unplaced_of_parts)


class Pricing:
    """States the bounds of the parts at some prices, and adds them up."""

    def __init__(self, regions: Regions, groups: Groups) -> None:
        """Look up who can cross a border."""
        self._regions, self.groups = regions, groups
        self._country: Region = unwatched(regions.country)
        division: Division = regions.division
        self.abroad = {one: parts for one in sorted(division.home) if (parts := division.abroad(one))}
        self._copies: list[list[StudentId]] = [[] for _ in division.names]
        self._own: list[list[StudentId]] = [[] for _ in division.names]
        for student in sorted(division.home):
            self._own[division.home[student]].append(student)
            for part in self.abroad.get(student, ()):
                self._copies[part].append(student)
        proposed = (one for one in regions.country.placements if one.state is PlacementState.PROPOSED)
        self._dropped = {one.student: break_cost(regions.country.settings.costs, one) for one in proposed}
        self.unit = self._unit()
        self._sizes = [groups.left(own) for own in self._own]

    def _unit(self) -> int:
        """A price that divides all prices of who is left out, so that bounds may still be rounded up to its multiples."""
        prices = {price for group in self.groups.prices.values() for _, price in group.steps}
        return max(1, gcd(self._country.settings.costs.unplaced, *prices) // FINER)

    def own(self, part: int) -> list[StudentId]:
        """Who is at home in a part."""
        return self._own[part]

    def alone(self, student: StudentId, slopes: Mapping[Group, int]) -> int:
        """What it costs to leave a student out, broken promises apart, when groups count by their slopes."""
        return self._country.settings.costs.unplaced + sum(slopes[group] for group in self.groups.of[student])

    def rounded(self, price: float, student: StudentId, slopes: Mapping[Group, int]) -> int:
        """A price of a student over a border, in units, and no more than leaving them out costs."""
        most = self.alone(student, slopes) + self._dropped.get(student, 0)
        return min(most, self._whole(price))

    def task(self, part: int, prices: Prices, work: float) -> BoundTask:
        """The part with its own students and a copy of everybody who could come from over a border."""
        own, copies = self._own[part], self._copies[part]
        left_out = {one: self._at_home(one, prices) for one in own} | {one: prices.border[one] for one in copies}
        region = self._regions.of(part, [*own, *copies], {}, self._country.settings.fairness)
        held = tuple(one for one in region.placements if self._regions.division.home[one.student] == part)
        free = frozenset(one for one in (*own, *copies) if prices.border.get(one) == 0)
        asked = frozenset(one for one in (*own, *copies) if one in self.abroad)
        return BoundTask(part, replace(region, placements=held), Shares(left_out, free), asked, work)

    def sounding(self, turn: PlanTask, before: Mapping[int, BoundFound], work: float) -> BoundTask:
        """What things cost in a part with just those who are there now, and the groups of the country: prices to begin with.

        Elsewhere so many of each group are left out as the programs of a sounding before this one say, or the plan.
        """
        region = turn.region
        if before:
            elsewhere = Counter[Group]()
            for part, found in before.items():
                if part != turn.part:
                    elsewhere.update(self._left(found))
            fairness = self.groups.within({group: round(left / PARTS) for group, left in elsewhere.items()})
            region = replace(region, settings=replace(region.settings, fairness=fairness))
        asked = frozenset(one for one in region.students if one in self.abroad)
        return BoundTask(turn.part, region, None, asked, work)

    def _left(self, found: BoundFound) -> Counter[Group]:
        """How many of each group a program leaves out, in parts of a student."""
        left = Counter[Group]()
        for student, share in (*found.left.items(), *found.others.items()):
            left.update(dict.fromkeys(self.groups.of[student], round(share * PARTS)))
        return left

    def _at_home(self, student: StudentId, prices: Prices) -> int:
        """With what it costs to drop a proposal, which is added where the part's program is made, never more than the price."""
        if student not in self.abroad:
            return self.alone(student, prices.slopes)
        dropped = self._dropped.get(student, 0)
        return min(self.alone(student, prices.slopes) + dropped, prices.border[student]) - dropped

    def sum(self, found: Iterable[BoundFound], prices: Prices) -> Proven:
        """The bounds of all parts as one of the country."""
        by_part = {one.part: one for one in found}
        parts, unplaced = [], []
        for part, copies in enumerate(self._copies):
            parts.append(by_part[part].bound - sum(prices.border[one] for one in copies))
            unplaced.append(by_part[part].unplaced - sum(prices.border[one] > 0 for one in copies))
        bound = sum(parts) - self.groups.beyond(prices.slopes)
        return Proven(max(0, bound), max(0, sum(unplaced)), tuple(parts), tuple(unplaced))

    def first(self, found: Iterable[BoundFound], left: Counter[Group]) -> Prices:
        """Prices to begin with, by what each part says of its students and groups as they are in a plan that leaves so many."""
        found = list(found)
        slopes = self.groups.slopes(left)
        for group in slopes:
            told = [(one.slopes[group], self._size(one.part, group)) for one in found if group in one.slopes]
            weight = sum(size for _, size in told)
            if weight:
                slopes[group] = self._whole(sum(price * size for price, size in told) / weight)
        worth = {student: price for one in found for student, price in one.worth.items()}
        return Prices(slopes, {one: self.rounded(worth.get(one, 0.0), one, slopes) for one in self.abroad})

    def _size(self, part: int, group: Group) -> int:
        return self._sizes[part][group]

    def _whole(self, price: float) -> int:
        return max(0, round(price / self.unit)) * self.unit
