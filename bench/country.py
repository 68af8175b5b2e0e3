"""`python -m bench country`: a whole country in parts, over time, and each part against itself when it is solved alone.

Seconds are of the clock; on a machine that does other things too, see the core seconds beside them.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from bench.results import RESULTS, console, machine
from services.matcher.adapters.solver.board import Progress
from services.matcher.adapters.solver.country.course import STAGES, Course, solve_country
from services.matcher.adapters.solver.country.processes import Alone, Processes
from services.matcher.adapters.solver.country.reporting import CountryProgress, PartProgress
from services.matcher.adapters.solver.country.tasks import PlanFound, PlanTask
from services.matcher.adapters.solver.portfolio import AnytimeLimits
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent_country
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region

MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10


@dataclass(frozen=True, slots=True)
class Moment:
    """How the country stood after so many seconds of the clock, and so many of all its processes' cores."""

    seconds: float
    core_seconds: float
    value: int
    bound: float
    unplaced: int
    unplaced_bound: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A part's share of the country's plan, and the best plan when it alone is solved for the same work from nothing."""

    name: str
    students: int
    in_country: int
    alone: int


@dataclass(slots=True)
class Seen:
    """What a solve told."""

    moments: list[Moment] = field(default_factory=list)
    parts: tuple[PartProgress, ...] = ()
    megabytes: float = 0.0
    stages: int = 0

    def __call__(self, step: Progress) -> None:
        """Take down the end of each stage, and each better bound."""
        if not isinstance(step, CountryProgress):
            return
        self.megabytes, self.stages = max(self.megabytes, step.megabytes), step.stages
        if step.parts:
            self.parts = step.parts
            spent = (step.value, step.bound, step.unplaced, step.unplaced_bound)
            self.moments.append(Moment(step.seconds, step.core_seconds, *spent))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep."""
    options = argparse.ArgumentParser(prog="python -m bench country", description=__doc__)
    options.add_argument("--students", type=int, default=60_000)
    options.add_argument("--regions", type=int, default=25)
    options.add_argument("--family", type=Family, default=Family.HOURS)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--time", type=float, default=900.0, help="seconds of the clock; 0: until the stages are over")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--alone", type=int, default=4, help="so many parts are solved alone as well")
    given = options.parse_args(arguments)
    region = invent_country(Wanted(given.students, given.family, given.seed, region="NL"), given.regions).region
    started, seen = time.perf_counter(), Seen()
    plan = solve_country(region, AnytimeLimits(given.time or None, given.threads, given.seed), seen)
    seconds, own = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    compared = list(_compared(region, plan, given.alone, (seen.stages, given.threads)))
    screen = console()
    _show(screen, seen, seconds, compared)
    screen.print(f"memory at most: {own:,.0f} MB here, {seen.megabytes:,.0f} MB in a process of a part")
    screen.print(f"violations of the whole plan: {len(check(region, plan))}")
    path = RESULTS / f"country-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    RESULTS.mkdir(exist_ok=True)
    document = {
        "machine": machine(),
        "asked": {name: str(each) for name, each in vars(given).items()},
        "seconds": seconds,
        "moments": [asdict(one) for one in seen.moments],
        "parts": [{**asdict(one), "gap": one.gap} for one in seen.parts],
        "alone": [asdict(one) for one in compared],
        "megabytes": {"own": own, "part": seen.megabytes},
    }
    path.write_text(json.dumps(document, indent=1) + "\n")
    screen.print(f"kept in {path}")


def _compared(region: Region, plan: Plan, most: int, how: tuple[int, int]) -> Iterator[Compared]:
    """Some parts as they are at the end, each solved from nothing for the work that it has had."""
    stages, threads = how
    course = Course(region, Alone(), lambda _: None, 1)
    course.state.begin_again(plan)
    begun = course.state.begin_round(0)
    work = sum(STAGES[min(number, len(STAGES) - 1)].plans for number in range(stages))
    names = course.division.names
    chosen = range(0, len(names), max(1, len(names) // max(1, most)))[:most]
    tasks = {part: replace(course.state.task(begun, part, work), turns=(0, 0)) for part in chosen}
    crew = Processes(threads)
    try:
        for found in crew.results(iter([replace(one, begin=()) for one in tasks.values()]), None, lambda: False):
            if isinstance(found, PlanFound):
                task = tasks[found.part]
                values = (_value(task, task.begin), _value(task, found.placements or ()))
                yield Compared(names[found.part], len(task.region.students), *values)
    finally:
        crew.close()


def _value(task: PlanTask, placements: Sequence[Placement]) -> int:
    region = task.region
    return sum(cost_parts(region, Plan(region.id, region.today, tuple(placements))).values())


def _show(console: Console, seen: Seen, seconds: float, compared: Sequence[Compared]) -> None:
    table = Table(
        "s", "core s", "value (k)", "bound (k)", "gap", "unplaced", "at least", title=f"{seconds:.0f} s in all"
    )
    for one in seen.moments:
        gap = (one.value - one.bound) / max(1, one.value)
        numbers = (f"{one.value / 1000:,.0f}", f"{one.bound / 1000:,.0f}", f"{gap:.1%}")
        table.add_row(
            f"{one.seconds:.0f}", f"{one.core_seconds:.0f}", *numbers, str(one.unplaced), str(one.unplaced_bound)
        )
    console.print(table)
    parts = Table("part", "students", "unplaced", "at least", "gap")
    for part in seen.parts:
        cells = (str(part.students), str(part.unplaced), str(part.unplaced_bound), f"{part.gap:.1%}")
        parts.add_row(part.name, *cells)
    console.print(parts)
    alone = Table(
        "part", "students", "in the country (k)", "alone (k)", "difference", title="the same work, from nothing"
    )
    for each in compared:
        difference = f"{each.in_country / max(1, each.alone) - 1:+.1%}"
        values = (f"{each.in_country / 1000:,.0f}", f"{each.alone / 1000:,.0f}")
        alone.add_row(each.name, str(each.students), *values, difference)
    console.print(alone)
