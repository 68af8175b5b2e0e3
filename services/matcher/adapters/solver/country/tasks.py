"""What a process is asked to do for one part of a country, and what it answers: look for a better plan, or prove a bound."""

import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from services.matcher.adapters.solver.board import Board
from services.matcher.adapters.solver.bounds.course import Course
from services.matcher.adapters.solver.bounds.highs import Watch
from services.matcher.adapters.solver.bounds.limits import BoundLimits
from services.matcher.adapters.solver.bounds.rows import Alone, build
from services.matcher.adapters.solver.portfolio import FEW, default_parts, improve_for
from services.matcher.adapters.solver.portfolio_parts import Annealing
from services.matcher.adapters.solver.valuation import named_groups
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Group

NOBODY = 1e-6
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one core on a task, and the most megabytes that the process has held."""

    seconds: float = 0.0
    megabytes: float = 0.0


@dataclass(frozen=True, slots=True)
class PlanTask:
    """Look for better plans of a part, from an allowed one, for so much counted work; the first time by what is quickest."""

    part: int
    region: Region
    begin: tuple[Placement, ...]
    turns: tuple[int, ...]
    work: float
    seed: int


@dataclass(frozen=True, slots=True)
class PlanFound:
    """The better plan, if any; what the plans before and after cost, fairness apart; turns that each way to look had."""

    part: int
    placements: tuple[Placement, ...] | None
    before: int
    after: int
    turns: tuple[int, ...]
    spent: Spent


@dataclass(frozen=True, slots=True)
class Shares:
    """How students count in the bound of a part: what each costs who is left out, and who is not counted where heads are."""

    prices: Mapping[StudentId, int]
    uncounted: frozenset[StudentId]


@dataclass(frozen=True, slots=True)
class BoundTask:
    """Prove what a part costs at least, for so much counted work.

    Without `shares` students and groups cost what the region says. `asked` are those of whom is told what they cost.
    """

    part: int
    region: Region
    shares: Shares | None
    asked: frozenset[StudentId]
    work: float


@dataclass(frozen=True, slots=True)
class BoundFound:
    """The bound on the cost and on how many of those who count are left out.

    Of the last linear program: what it costs to place those asked about and which part of them is left out, how many of the
    others are left out by group, and what one more of a group costs.
    """

    part: int
    bound: int
    unplaced: int
    worth: Mapping[StudentId, float] = field(default_factory=dict)
    left: Mapping[StudentId, float] = field(default_factory=dict)
    others: Mapping[StudentId, float] = field(default_factory=dict)
    slopes: Mapping[Group, float] = field(default_factory=dict)
    spent: Spent = Spent()


Task = PlanTask | BoundTask
Found = PlanFound | BoundFound


def run(task: Task, seconds: float | None, is_stopped: Callable[[], bool] = lambda: False) -> Found:
    """Do what is asked, and end early when the seconds are over."""
    end = None if seconds is None else time.perf_counter() + seconds

    def stop() -> bool:
        return is_stopped() or (end is not None and time.perf_counter() >= end)

    begun = time.process_time()
    found = _plan(task, stop) if isinstance(task, PlanTask) else _bound(task, stop)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return replace(found, spent=Spent(time.process_time() - begun, most))


def _plan(task: PlanTask, stop: Callable[[], bool]) -> PlanFound:
    region = task.region
    begin = Plan(region.id, region.today, task.begin)
    board = Board(region, lambda _: None, stop, begin)
    before = _without_fairness(region, begin)
    is_first = not task.turns and len(region.students) > FEW
    improvers = (Annealing(),) if is_first else default_parts(board).improvers
    turns = improve_for(board, improvers, task.work, (task.turns, task.seed))
    if board.best is begin:
        return PlanFound(task.part, None, before, before, turns, Spent())
    after = _without_fairness(region, board.best)
    return PlanFound(task.part, board.best.placements, before, after, turns, Spent())


def _without_fairness(region: Region, plan: Plan) -> int:
    return sum(points for name, points in cost_parts(region, plan).items() if name != "fairness")


def _bound(task: BoundTask, stop: Callable[[], bool]) -> BoundFound:
    names, shares, alone = sorted(task.region.students), task.shares, None
    if shares is not None:
        counted = [one not in shares.uncounted for one in names]
        alone = Alone(np.array([shares.prices[one] for one in names], np.int64), np.array(counted, np.int64))
    watch = Watch(stop)
    watch.stop = lambda: watch.work >= task.work or stop()
    model = build(task.region, alone)
    course = Course(model, BoundLimits(), watch)
    for _ in course.steps():
        if watch():
            break
    told = course.of_students()
    worth = {one: round(price, 3) for one, price in zip(names, told.worth.tolist(), strict=True) if one in task.asked}
    left = {one: round(share, 6) for one, share in zip(names, told.left.tolist(), strict=True) if share > NOBODY}
    groups = list(named_groups(model.eased.atlas))
    return BoundFound(
        task.part,
        course.bound,
        course.unplaced,
        worth,
        {one: left.get(one, 0.0) for one in sorted(task.asked)},
        {one: share for one, share in left.items() if one not in task.asked},
        {groups[number]: price for number, price in told.groups.items()},
    )
