"""Fairness over a whole country: what the unplaced of its groups cost, felt in a part, and told by a line from below."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.valuation import Group as Prices
from services.matcher.domain.ids import StudentId
from services.matcher.domain.region import Region, Student
from services.matcher.domain.settings import Fairness, FairnessWithin, Group

Left = Mapping[Group, int]
"""How many of each group have no place."""


def groups_of(fairness: Fairness, student: Student) -> Iterator[Group]:
    """The groups that a student is in, watched or not."""
    return ((name, str(getattr(student, name))) for name in fairness.groups)


@dataclass(frozen=True, slots=True)
class Groups:
    """The watched groups of a country, each with its size and its prices by rank."""

    fairness: Fairness
    sizes: Mapping[Group, int]
    prices: Mapping[Group, Prices]
    of: Mapping[StudentId, tuple[Group, ...]]

    def left(self, students: Iterable[StudentId]) -> Counter[Group]:
        """How many of each group are among these students."""
        return Counter(group for one in students for group in self.of[one])

    def cost(self, left: Left) -> int:
        """What so many of each group without a place cost."""
        return sum(prices.price(left.get(group, 0)) for group, prices in self.prices.items())

    def within(self, elsewhere: Left) -> FairnessWithin:
        """The fairness that a part feels when so many of each group have no place elsewhere."""
        shifted = ((group, _after(prices, elsewhere.get(group, 0))) for group, prices in self.prices.items())
        own = self.fairness
        return FairnessWithin(own.groups, own.min_size, own.steps, tuple(sorted(shifted)))

    def slopes(self, left: Left) -> dict[Group, int]:
        """What the last of so many of each group costs, or the next where nobody of it is left."""
        return {group: _price_of(prices, max(1, left.get(group, 0))) for group, prices in self.prices.items()}

    def beyond(self, slopes: Mapping[Group, int]) -> int:
        """By how much lines of these slopes lie above the prices at most.

        A line is `slope x left`; less this it is nowhere above what `left` cost, since prices rise by rank.
        """
        return sum(_most_above(prices, slopes[group], self.sizes[group]) for group, prices in self.prices.items())


def watched(region: Region) -> Groups:
    """The groups of a whole country."""
    fairness = region.settings.fairness
    of = {one.id: tuple(groups_of(fairness, one)) for one in region.students.values()}
    sizes = Counter(group for groups in of.values() for group in groups)
    ranks = {group: fairness.ranks_of(group, size) for group, size in sorted(sizes.items())}
    prices = {group: Prices(frozenset(), found) for group, found in ranks.items() if found is not None}
    mine = {one: tuple(group for group in groups if group in prices) for one, groups in of.items()}
    return Groups(fairness, {group: sizes[group] for group in prices}, prices, mine)


def unwatched(region: Region) -> Region:
    """The region without groups, for whoever prices each student alone."""
    return replace(region, settings=replace(region.settings, fairness=replace(region.settings.fairness, groups=())))


def _after(prices: Prices, passed: int) -> tuple[tuple[int, int], ...]:
    """The prices by rank for who comes after so many."""
    later = tuple((upto - passed, price) for upto, price in prices.steps if upto > passed)
    return later or ((1, prices.steps[-1][1]),)


def _price_of(prices: Prices, rank: int) -> int:
    return next((price for upto, price in prices.steps if rank <= upto), prices.steps[-1][1])


def _most_above(prices: Prices, slope: int, size: int) -> int:
    """The largest of `slope x left - price(left)` for 0 to `size`: where the price of a rank passes the slope."""
    at = sum(width for width, price in prices.segments(0, size) if price < slope)
    return slope * at - prices.price(at)
