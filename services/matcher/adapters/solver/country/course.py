"""The course of a country's solve: rounds of turns for every part and passes of bounds over all parts, by counted work."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from services.matcher.adapters.solver.board import Progress, Stop, certified, is_allowed
from services.matcher.adapters.solver.country.division import divide
from services.matcher.adapters.solver.country.groups import watched
from services.matcher.adapters.solver.country.prices import Prices, Pricing, Proven
from services.matcher.adapters.solver.country.processes import Alone, Crew, Processes
from services.matcher.adapters.solver.country.regions import Regions
from services.matcher.adapters.solver.country.reporting import CountryProgress, part_progress
from services.matcher.adapters.solver.country.state import Round, State
from services.matcher.adapters.solver.country.tasks import BoundFound, Task
from services.matcher.adapters.solver.portfolio import AnytimeLimits, without_fairness
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Group

FINISH_S = 2.5e-4
"""Seconds for each student to give reasons and to check the whole at the end (measured)."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Counted work on the plan of each part, and beside it on the bound of each, or on a sounding of prices for later bounds."""

    plans: float
    bounds: float = 0.0
    sounds: bool = False


STAGES = (
    Stage(0.8),
    Stage(3.0, 3.0, sounds=True),
    Stage(4.0, 4.0, sounds=True),
    Stage(6.0, 6.0),
    Stage(10.0, 4.0, sounds=True),
    Stage(10.0, 12.0),
    Stage(12.0, 24.0),
)
"""First a plan of everybody, soon; then prices, by two soundings, and a bound; then better ones. The last is repeated while
there is time. Prices of one sounding about an early plan gave half the bound that two about a better plan did."""


def solve_country(
    region: Region,
    limits: AnytimeLimits,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stop: Stop = lambda: False,
    stages: Sequence[Stage] = STAGES,
) -> Plan:
    """The best plan of a country within the limits, allowed by the checker, with its certificate.

    Without a time limit the stages decide, so that the same file and seed give the same plan with any number of threads.
    """
    started = time.perf_counter()
    end = None if limits.time_s is None else started + limits.time_s - FINISH_S * len(region.students)
    priced = region if limits.fairness else without_fairness(region)
    crew: Crew = Processes(limits.threads) if limits.threads > 1 else Alone()
    try:
        course = Course(priced, crew, on_progress, limits.seed)
        course.run(stages, end, stop)
    finally:
        crew.close()
    return certified(region, course.best, float(course.proven.bound), course.proven.unplaced)


@dataclass(slots=True)
class _Pass:
    """Bounds of all parts at the same prices, or without when prices are yet to be found; of worth when all are there."""

    prices: Prices | None
    found: dict[int, BoundFound] = field(default_factory=dict)


class Course:
    """The best plan of a country and what is proven about all, with everything that both rest on."""

    def __init__(self, region: Region, crew: Crew, on_progress: Callable[[Progress], None], seed: int) -> None:
        """Begin with what holds today, as far as that is allowed."""
        self._region, self._crew, self._on_progress = region, crew, on_progress
        self._started = time.perf_counter()
        self.best = drop_invalid(region, Plan(region.id, region.today, region.placements))[0]
        self.division = divide(region)
        regions, groups = Regions(region, self.division), watched(region)
        self.state, self.pricing = State(regions, groups, self.best, seed), Pricing(regions, groups)
        self.proven = self._proven_at_once()
        self._prices: Prices | None = None
        self._sounded = dict[int, BoundFound]()
        self._proven_at: Prices | None = None
        self._core_seconds, self._megabytes, self._stages = 0.0, 0.0, 0
        self._tell("start")

    def _proven_at_once(self) -> Proven:
        """Who reaches no workplace at all has a place in no plan; nobody else is known of, and prices never fall below 0."""
        nowhere = [one for one in self._region.students if not self.division.reach[one]]
        least = len(nowhere) * self._region.settings.costs.unplaced + self.pricing.groups.cost(
            self.pricing.groups.left(nowhere)
        )
        nothing = tuple(0 for _ in self.division.names)
        return Proven(least, len(nowhere), nothing, nothing)

    def run(self, stages: Sequence[Stage], end: float | None, stop: Stop) -> None:
        """Stage after stage; with an end the last one again and again until then, though the first always comes to its own end."""
        number = 0
        while number < len(stages) or end is not None:
            self._stage(number, stages[min(number, len(stages) - 1)], end if number else None, stop)
            if stop() or (end is not None and time.perf_counter() >= end):
                return
            number += 1

    def _stage(self, number: int, stage: Stage, end: float | None, stop: Stop) -> None:
        begun, parts = self.state.begin_round(number), range(len(self.division.names))
        bounds = _Pass(None if stage.sounds else self._prices)
        others: Iterator[Task] = (
            self._bound_task(begun, part, bounds.prices, stage.bounds) for part in parts if stage.bounds
        )
        turns: Iterator[Task] = (self.state.task(begun, part, stage.plans) for part in parts)
        for found in self._crew.results(_in_turn(turns, others), end, stop):
            self._megabytes = max(self._megabytes, found.spent.megabytes)
            self._core_seconds += found.spent.seconds
            if isinstance(found, BoundFound):
                bounds.found[found.part] = found
                if len(bounds.found) == len(parts):
                    self._learn(bounds, begun.left)
            elif self.state.take(begun, found):
                self._tell("plan")
        self._stages += 1
        self._settle()

    def _bound_task(self, begun: Round, part: int, prices: Prices | None, work: float) -> Task:
        if prices is None:
            return self.pricing.sounding(self.state.task(begun, part, 0.0), self._sounded, work)
        return self.pricing.task(part, prices, work)

    def _learn(self, bounds: _Pass, left: Counter[Group]) -> None:
        """What a whole pass proves, or which prices it found."""
        found = list(bounds.found.values())
        if bounds.prices is None:
            self._sounded = dict(bounds.found)
            self._prices = self.pricing.first(found, left)
            return
        new = self.pricing.sum(found, bounds.prices)
        if new.bound > self.proven.bound:
            self._proven_at, self.proven = bounds.prices, new.with_unplaced(self.proven)
        else:
            self.proven = self.proven.with_unplaced(new)
        self._tell("bound", is_whole=True)

    def _settle(self) -> None:
        """Keep the plan at the end of a stage, when the checker allows the whole."""
        plan = self.state.plan()
        if is_allowed(self._region, plan):
            self.best = plan
        else:
            self.state.begin_again(self.best)
        self._tell("stage", is_whole=True)

    def _tell(self, stage: str, *, is_whole: bool = False) -> None:
        """How it stands; of each part when a stage is over, since that is more to sum."""
        parts = part_progress(self.state, self.pricing, self.proven, self._proven_at) if is_whole else ()
        seconds = time.perf_counter() - self._started
        unplaced = len(self._region.students) - len(self.state.placed)
        bound, least = float(self.proven.bound), self.proven.unplaced
        value, plan = self.state.value, self.state.plan()
        spent = (self._core_seconds, self._megabytes, self._stages)
        told = CountryProgress(seconds, stage, plan, value, bound, unplaced, least, parts, *spent)
        self._on_progress(told)


def _in_turn(first: Iterator[Task], second: Iterator[Task]) -> Iterator[Task]:
    """One of each in turn."""
    return (task for task in chain.from_iterable(zip_longest(first, second)) if task is not None)
