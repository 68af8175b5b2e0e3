"""The course of a bound: linear programs, cuts and blocks one after the other, each proving a little more."""

from collections.abc import Callable, Iterator
from math import ceil
from time import perf_counter

import numpy as np

from services.matcher.adapters.solver.bounds.blocks import SAFETY, by_blocks, divide
from services.matcher.adapters.solver.bounds.cuts import Mixed, mixes, separate
from services.matcher.adapters.solver.bounds.easing import largest_price
from services.matcher.adapters.solver.bounds.highs import IPM_WORK, Relaxed, Watch, branch, relax
from services.matcher.adapters.solver.bounds.limits import BoundLimits, BoundResult, Prices
from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.prices import dearest, prices_of
from services.matcher.adapters.solver.bounds.program import COUNTS, EVERYTHING, HEADS, Arrays, Ints, proven
from services.matcher.adapters.solver.bounds.visiting import add_broken, visiting

TOO_DEAR = 1 << 36
"""With single prices beyond this the exact sums would not fit in 64 bits; then nothing but 0 is proven."""
DEARER = 32
"""A unit of primary cost weighs so many times the dearest place when the whole cost is bounded."""
WORTH = 1e-4
"""Another round of cuts is worth its time when the last one raised the bound by this part."""
SMALL, VERY_SMALL = 400, 80
"""Students up to whom the region is tried as one integer program for the primary cost, and for the whole cost."""
POINT = 0.05
"""What is taken off a bound in points that HiGHS found by branching, since it counts in floats; points are whole."""
USUAL_ITERATIONS = 40
LAST_ROUNDS = 2
"""Rounds of cuts for the whole cost, of which those for the primary cost have done most."""


class Course:
    """What is proven so far about a region, and the work that proves more: each step is one program solved."""

    def __init__(self, model: Model, limits: BoundLimits, watch: Watch) -> None:
        """Nothing is proven yet, but for those who fit nowhere."""
        self._model, self._program, self._limits, self._watch = model, model.program, limits, watch
        self._mixed: list[Mixed] = mixes(model)
        self._visiting = visiting(model)
        self._unit = self._program.unit()
        self._primary_row: int | None = None
        self._primary, self._relaxed = 0, Relaxed(np.zeros(0), np.zeros(0), False)
        self._start = perf_counter()
        self.bound, self.unplaced, self.prices = 0, sum(self._program.lower[: model.first]), Prices()

    @property
    def expected_work(self) -> float:
        """About how much the first program takes."""
        return len(self._program.arrays().values) * USUAL_ITERATIONS * IPM_WORK

    def steps(self) -> Iterator[None]:
        """First who is left out and what that costs, then the whole cost, then parts of the region in whole numbers."""
        if largest_price(self._model.eased.tables) >= TOO_DEAR:
            return
        yield from self._rounds(_primary, self._primary_at_least, self._limits.rounds)
        self._learn_prices(_primary)
        yield from self._rounds(self._heads, self._unplaced_at_least, 1)
        yield from self._whole_cost()
        yield from self._branch(HEADS)
        yield from self._by_blocks()
        if self._model.first <= SMALL:
            yield from self._branch(COUNTS)
            yield from self._close()

    def result(self, incumbent: int) -> BoundResult:
        """What is proven so far; a plan that costs no more than the bound is one of the cheapest."""
        seconds = perf_counter() - self._start
        return BoundResult(float(self.bound), self.unplaced, self.prices, seconds, self.bound >= incumbent)

    def _rounds(self, cost: Callable[[Arrays], Ints], learn: Callable[[float], None], rounds: int) -> Iterator[None]:
        """Solve, learn what the prices prove, cut, and again while that pays."""
        last = -1.0
        for _ in range(rounds):
            arrays = self._program.arrays()
            self._relaxed = relax(arrays, cost(arrays), self._limits.iterations, self._watch)
            found = proven(arrays, cost(arrays), self._relaxed.prices)
            learn(found)
            yield
            if self._watch() or found <= last + WORTH * max(1.0, abs(last)):
                return
            last = found
            cuts = separate(self._mixed, self._relaxed.solution)
            for cut in cuts:
                self._model.add(cut)
            if not len(cuts) + add_broken(self._model, self._visiting, self._relaxed.solution):
                return

    def _heads(self, arrays: Arrays) -> Ints:
        """How many are left out."""
        cost = np.zeros(len(arrays.upper), dtype=np.int64)
        cost[: self._model.first] = 1
        return cost

    def _whole_cost(self) -> Iterator[None]:
        """The whole cost, knowing what the primary cost is at least.

        A unit of primary cost weighs little more than the rest in this program, so that both are of one size; what it
        really costs beyond that is paid on the least number of units.
        """
        self._insist()
        cost, beyond = self._weighed()
        yield from self._rounds(cost, lambda found: self._costs_at_least(found + beyond), LAST_ROUNDS)
        self._learn_prices(cost)

    def _weighed(self) -> tuple[Callable[[Arrays], Ints], int]:
        """The whole cost with light units, and what the least number of units costs beyond that."""
        unit = self._unit
        weight = min(unit, DEARER * max(1, max(self._program.secondary, default=0)))
        beyond = (unit - weight) * (self._primary // max(1, unit))
        return lambda arrays: arrays.secondary + (arrays.primary // unit * weight if unit else 0), beyond

    def _by_blocks(self) -> Iterator[None]:
        """The primary cost again, now in parts that little ties together; then the whole cost once more."""
        if not self._unit:
            return
        before = self._primary
        divided = divide(self._model, self._program.arrays().primary, self._unit, self._primary_row)
        for found in by_blocks(divided, self._limits, self._watch):
            self._primary_at_least(found)
            yield
        if self._primary > before:
            yield from self._whole_cost()

    def _branch(self, depth: int) -> Iterator[None]:
        """The primary cost of the region as one integer program; then the whole cost once more."""
        before, unit = self._primary, self._unit
        if unit:
            self._primary_at_least((self._branched(lambda arrays: arrays.primary // unit, depth) - SAFETY) * unit)
            yield
        if self._primary > before:
            yield from self._whole_cost()

    def _close(self) -> Iterator[None]:
        """Who is left out of a small region, and the whole cost of a very small one, in whole numbers throughout."""
        self._unplaced_at_least(self._branched(self._heads, COUNTS) - SAFETY)
        yield
        if self._model.first <= VERY_SMALL:
            cost, beyond = self._weighed()
            self._costs_at_least(self._branched(cost, EVERYTHING) - POINT + beyond)
            yield

    def _branched(self, cost: Callable[[Arrays], Ints], depth: int) -> float:
        """What branching proves; costs are never below 0."""
        arrays = self._program.arrays()
        found = branch(arrays, cost(arrays).astype(np.float64), depth, self._limits.nodes, self._watch)
        return found.bound if np.isfinite(found.bound) else 0.0

    def _insist(self) -> None:
        """From now on a row says what the primary cost is at least."""
        units = self._primary // self._unit if self._unit else 0
        if self._primary_row is not None:
            self._program.raise_side(self._primary_row, units)
        elif units:
            entries = [(column, cost // self._unit) for column, cost in enumerate(self._program.primary) if cost]
            self._primary_row = self._program.row(entries, at_least=units)

    def _costs_at_least(self, found: float) -> None:
        """Costs are whole."""
        self.bound = max(self.bound, ceil(found))

    def _primary_at_least(self, found: float) -> None:
        """The primary cost is a multiple of the unit."""
        if self._unit:
            self._primary = max(self._primary, ceil(found / self._unit) * self._unit)
            self._costs_at_least(self._primary)

    def _unplaced_at_least(self, found: float) -> None:
        """Students are whole."""
        self.unplaced = max(self.unplaced, ceil(found))

    def _learn_prices(self, cost: Callable[[Arrays], Ints]) -> None:
        """What scarce things are worth, by the rows' prices of the last program."""
        found = prices_of(self._model, cost(self._program.arrays()), self._relaxed.prices)
        self.prices = dearest(self.prices, found)


def _primary(arrays: Arrays) -> Ints:
    """Who is left out, fairness and promises."""
    return arrays.primary
