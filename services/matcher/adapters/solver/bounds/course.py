"""The course of a bound: linear programs, cuts and blocks one after the other, each proving a little more."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, inf
from operator import attrgetter
from time import perf_counter

import numpy as np
import numpy.typing as npt

from services.matcher.adapters.solver.bounds.better import TOO_DEAR, BestPlan, Better, attempt
from services.matcher.adapters.solver.bounds.blocks import SAFETY, Divided, by_blocks, divide
from services.matcher.adapters.solver.bounds.cuts import Mixed, mixes, separate
from services.matcher.adapters.solver.bounds.easing import largest_price
from services.matcher.adapters.solver.bounds.highs import IPM_WORK, Effort, Relaxed, Watch, branch
from services.matcher.adapters.solver.bounds.limits import BoundLimits, BoundResult, Prices
from services.matcher.adapters.solver.bounds.model import Model
from services.matcher.adapters.solver.bounds.prices import OfStudents, dearest, of_students, prices_of
from services.matcher.adapters.solver.bounds.program import COUNTS, EVERYTHING, HEADS, Arrays, Floats, Ints, proven
from services.matcher.adapters.solver.bounds.relaxing import Relaxation
from services.matcher.adapters.solver.bounds.scarce import Scarce
from services.matcher.adapters.solver.bounds.visiting import add_broken, visiting
from services.matcher.domain.levers import shares_guidance

DEARER = 32
"""A unit of primary cost weighs so many times the dearest place when the whole cost is bounded."""
WORTH = 1e-4
"""Another round of cuts is worth its time when the last one raised the bound by this part."""
SMALL, VERY_SMALL = 400, 80
"""Students up to whom the region is tried as one integer program for the primary cost, and for the whole cost."""
AMONG_TRAINERS = 60.0
"""What a search takes where trainers are scarce: plans are to be good by then, since it asks for better ones."""
TRIES = 7
"""How often the search for a plan with the least primary cost begins anew."""
CORNERS, HEAD_CORNERS = 20_000, 3_000
"""Iterations of the simplex method within which it is the quicker one."""
SLOW_ROUNDS = 2
"""Rounds of cuts by the interior point method, after which other means bring more."""
NOTHING_KNOWN = BestPlan(lambda: 1 << 62)
_primary: Callable[[Arrays], Ints] = attrgetter("primary")
POINT = 0.05
"""What is taken off a bound in points that HiGHS found by branching, since it counts in floats; points are whole."""
USUAL_ITERATIONS = 12
"""Interior steps on the whole program that the first one, of what is scarce alone, mostly comes down to."""
LAST_ROUNDS = 2
"""Rounds of cuts for the whole cost, of which those for the primary cost have done most."""


class Course:
    """What is proven so far about a region, and the work that proves more: each step is one program solved, which takes about
    `expected_work` where that is known."""

    def __init__(self, model: Model, limits: BoundLimits, watch: Watch, best: BestPlan = NOTHING_KNOWN) -> None:
        """Nothing is proven yet, but for those who fit nowhere."""
        self.model, self._program, self._limits, self._watch = model, model.program, limits, watch
        self._mixed: list[Mixed] = mixes(model)
        self._visiting, self._best = visiting(model), best
        self._scarce, self._relaxation = Scarce(model, self._visiting), Relaxation(model.program, watch)
        self._better = Better(model, self._scarce, best, watch)
        self._is_slow = False
        self._unit = self._program.unit()
        self._primary_row: int | None = None
        self._primary, self._relaxed = 0, Relaxed(np.zeros(0), np.zeros(0), False)
        self._start = perf_counter()
        self.solution: Floats | None = None
        self._counted = np.ones(model.first, dtype=np.int64) if model.counted is None else model.counted
        nowhere = np.array(self._program.lower[: model.first], dtype=np.int64)
        self.bound, self.unplaced, self.prices = 0, int(nowhere @ self._counted), Prices()
        self._first = Relaxed(np.zeros(0), np.zeros(0), False)
        self.expected_work = len(self._program.arrays().values) * USUAL_ITERATIONS * IPM_WORK

    @property
    def rows_in(self) -> npt.NDArray[np.bool_]:
        """The rows that the linear programs are made of so far."""
        return self._scarce.rows()

    def steps(self) -> Iterator[None]:
        """First who is left out and what that costs, then the same in parts with whole numbers, then the whole cost; that at
        once where a plan is known whose primary cost is proven to be the least."""
        if largest_price(self.model.eased.tables) >= TOO_DEAR:
            return
        yield from self._rounds(_primary, self._primary_at_least, self._limits.rounds)
        self._first = self._relaxed
        self._learn_prices(_primary)
        divided = self._divided()
        blocks, heads = self._by_blocks(divided, self._relaxed), self._least_heads()
        whole = self._whole_cost()
        if self.model.first <= SMALL:
            order: tuple[Iterator[None], ...] = (heads, whole)
        elif not divided.is_loose or self._scarce.asks_for_trainers:
            order = (heads, whole, blocks)
        else:
            order = (blocks, heads, whole) if self._is_slow else (heads, blocks, whole)
        yield from (None for part in order for _ in part)
        if self.model.first <= SMALL:
            yield from self._in_whole_numbers()

    def _in_whole_numbers(self) -> Iterator[None]:
        """Better plans and the proof that there is none.

        Where levers pool hours, and students are not very few, only who is left out: a plan of the eased program is mostly
        none of the region.
        """
        is_eased = shares_guidance(self.model.eased.atlas.region.settings) and self.model.first > VERY_SMALL
        yield from () if is_eased else self._by_component()
        yield from self._branch(HEADS, [Effort(self._limits.nodes)])
        if not is_eased:
            if self._scarce.asks_for_trainers:
                self.expected_work = AMONG_TRAINERS
                yield
            yield from self._branch(EVERYTHING, [attempt(self._limits.nodes, number) for number in range(TRIES)])
            yield from self._close()

    def result(self, incumbent: int) -> BoundResult:
        """What is proven so far; a plan that costs no more than the bound is one of the cheapest."""
        seconds = perf_counter() - self._start
        return BoundResult(float(self.bound), self.unplaced, self.prices, seconds, self.bound >= incumbent)

    def of_students(self) -> OfStudents:
        """What the first linear programs, those of the primary cost, say about students; nothing before the first is solved."""
        return of_students(self.model, self._first if len(self._first.prices) else self._relaxed)

    def _rounds(self, cost: Callable[[Arrays], Ints], learn: Callable[[float], None], rounds: int) -> Iterator[None]:
        """Solve, learn what the prices prove, cut, and again while that pays; who turns out to be scarce comes in at once."""
        last, done = -1.0, 0
        while done < rounds:
            arrays, before = self._program.arrays(), self._primary
            self._relaxed = self._solved(cost(arrays))
            found = proven(arrays, cost(arrays), self._relaxed.prices)
            learn(found)
            yield
            if self._watch() or (cost is _primary and self._primary >= self._best.primary()):
                return
            full = self._scarce.filled(self._relaxed.solution)
            new, cut = self._sharpen(full)
            done += 1 if self._is_slow or not new else 0
            is_enough = self._is_slow and not self._scarce.asks_for_trainers and done >= SLOW_ROUNDS
            is_enough |= self._is_slow and cost is _primary and done > 1 and self._primary == before
            if is_enough or not new + cut or not (new or found > last + WORTH * max(1.0, abs(last))):
                return
            last = found

    def _solved(self, cost: Ints, corners: int = CORNERS) -> Relaxed:
        """By the simplex method as long as that is quick, from then on by the interior point method."""
        rows, relaxation = self._scarce.rows(), self._relaxation
        self._is_slow |= self._scarce.asks_for_trainers
        if not self._is_slow:
            found = relaxation.by_simplex(cost, rows, corners)
            if found.is_optimal or self._watch():
                return found
            self._is_slow = True
        return relaxation.by_interior(cost, rows, self._limits.iterations)

    def _sharpen(self, full: Floats) -> tuple[int, int]:
        """Bring in who is scarce and cut off what no mix allows: how many of each."""
        scarce = self._scarce
        looked_at = [one for one in self._mixed if scarce.has(one.columns[0][0])]
        cuts = separate(looked_at, full)
        for cut in cuts:
            self.model.add(cut)
        broken = add_broken(self.model, self._visiting, full, scarce.has)
        return scarce.bring_in(full), len(cuts) + broken

    def _least_heads(self) -> Iterator[None]:
        """How many are left out at least, by one program; people are told students."""
        arrays, is_slow = self._program.arrays(), self._is_slow
        cost = self._heads(arrays)
        found, self._is_slow = self._solved(cost, HEAD_CORNERS), is_slow
        self._unplaced_at_least(proven(arrays, cost, found.prices))
        yield

    def _heads(self, arrays: Arrays) -> Ints:
        """How many are left out."""
        return np.pad(self._counted, (0, len(arrays.upper) - self.model.first))

    def _whole_cost(self) -> Iterator[None]:
        """The whole cost, knowing what the primary cost is at least.

        A unit of primary cost weighs little more than the rest in this program, so that both are of one size; what it
        really costs beyond that is paid on the least number of units.
        """
        self._insist()
        cost, beyond = self._weighed()
        for self._scarce.prices_load in (False, True):
            yield from self._rounds(cost, lambda found: self._costs_at_least(found + beyond), LAST_ROUNDS)
            self._learn_prices(cost)
        self._scarce.prices_load = False

    def _weighed(self) -> tuple[Callable[[Arrays], Ints], int]:
        """The whole cost with light units, and what the least number of units costs beyond that."""
        unit = self._unit
        weight = min(unit, DEARER * max(1, max(self._program.secondary, default=0)))
        beyond = (unit - weight) * (self._primary // max(1, unit))
        return lambda arrays: arrays.secondary + (arrays.primary // unit * weight if unit else 0), beyond

    def _divided(self) -> Divided:
        """The primary cost in parts, without the row that would tie everything."""
        rows = self._scarce.rows()
        if self._primary_row is not None:
            rows[self._primary_row] = False
        return divide(self.model, self._program.arrays().primary, (self._unit, rows), self._relaxed)

    def _by_blocks(self, divided: Divided, relaxed: Relaxed) -> Iterator[None]:
        """The primary cost again, now in parts that little ties together; nothing where a plan has reached it."""
        if not self._unit or self._primary >= self._best.primary():
            return
        for found in by_blocks(divided, relaxed, self._limits, self._watch):
            self._primary_at_least(found)
            yield
            if self._primary >= self._best.primary():
                return

    def _branch(self, depth: int, efforts: Sequence[Effort]) -> Iterator[None]:
        """The primary cost of the region as one integer program of better plans; then the whole cost once more."""
        before = self._primary
        self._primary_at_least(self._best.least())
        for effort in efforts:
            if not self._unit or self._primary >= self._best.primary() or self._watch():
                break
            self._insist()
            searched = self._better.search(self._row_of_primary(), depth, effort)
            self._primary_at_least(min((searched.bound - SAFETY) * self._unit, self._best.primary()))
            yield from self._told(searched.solution if depth == EVERYTHING else None)
        if self._primary > before:
            yield from self._whole_cost()

    def _by_component(self) -> Iterator[None]:
        """Better plans, of one component after the other, which prove nothing; where trainers are scarce CP-SAT looks there."""
        if not self._unit or self._scarce.asks_for_trainers:
            return
        self._insist()
        for searched in self._better.by_component(
            self._row_of_primary, attempt(self._limits.nodes, 0), lambda: self._primary
        ):
            yield from self._told(searched.solution)

    def _told(self, solution: Floats | None) -> Iterator[None]:
        """A solution in whole numbers, if any, for whoever makes a plan of it; of whom it asks too much, they come in."""
        self.solution = solution
        yield
        self.solution = None
        if solution is not None:
            self._scarce.bring_in(self._scarce.filled(solution))

    def _row_of_primary(self) -> int:
        """The row that says what the primary cost is at least."""
        assert self._primary_row is not None
        return self._primary_row

    def _close(self) -> Iterator[None]:
        """Who is left out of a small region, and the whole cost of a very small one, in whole numbers throughout."""
        if self.unplaced < self._best.left_out():
            self._unplaced_at_least(self._branched(self._heads, COUNTS) - SAFETY)
            yield
        if self.model.first <= VERY_SMALL:
            cost, beyond = self._weighed()
            self._costs_at_least(self._branched(cost, EVERYTHING) - POINT + beyond)
            yield

    def _branched(self, cost: Callable[[Arrays], Ints], depth: int) -> float:
        """What branching proves; costs are never below 0."""
        arrays, effort = self._program.arrays(), Effort(self._limits.nodes)
        found = branch(arrays, cost(arrays).astype(np.float64), depth, effort, self._watch)
        return found.bound if np.isfinite(found.bound) else 0.0

    def _insist(self) -> None:
        """From now on a row says what the primary cost is at least, by what is proven here and elsewhere."""
        self._primary_at_least(self._best.least())
        units = self._primary // self._unit if self._unit else 0
        if self._primary_row is not None:
            self._program.raise_side(self._primary_row, units)
        else:
            entries = [(column, cost // self._unit) for column, cost in enumerate(self._program.primary) if cost]
            self._primary_row = self._program.row(entries, at_least=units)

    def _costs_at_least(self, found: float) -> None:
        """Costs are whole."""
        self.bound = max(self.bound, ceil(found))

    def _primary_at_least(self, found: float) -> None:
        """The primary cost is a multiple of the unit; a search that was stopped before its first program proves nothing."""
        if self._unit and found > -inf:
            self._primary = max(self._primary, ceil(found / self._unit) * self._unit)
            self._costs_at_least(self._primary)

    def _unplaced_at_least(self, found: float) -> None:
        """Students are whole."""
        self.unplaced = max(self.unplaced, ceil(found))

    def _learn_prices(self, cost: Callable[[Arrays], Ints]) -> None:
        """What scarce things are worth, by the rows' prices of the last program."""
        found = prices_of(self.model, cost(self._program.arrays()), self._relaxed.prices)
        self.prices = dearest(self.prices, found)
