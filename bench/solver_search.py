"""`python -m bench.solver_search`: the compiled search over time, against the greedy plan and CP-SAT's rounds.

Seconds are those of one core (CPU time), so that a busy machine does not show; compiling is left out and told apart.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from services.matcher.adapters.solver.compiled.loading import compiled
from services.matcher.adapters.solver.compiled.search import SearchLimits, improve
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region

MARKS = (1.0, 3.3, 10.0, 20.0)
FAMILIES = (Family.SEATS, Family.HOURS, Family.TRAINERS, Family.PERIODS)
ENDLESS = 10**9


@dataclass(frozen=True, slots=True)
class Row:
    """One way to a plan: what it costs, who is left without a place, after so many seconds of one core."""

    family: str
    way: str
    seconds: float
    value: int
    unplaced: int
    note: str = ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.solver_search", description=__doc__)
    options.add_argument("--students", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--cp-sat", type=float, default=20.0, help="deterministic time of CP-SAT's rounds; 0 for none")
    options.add_argument("families", nargs="*", type=Family, default=list(FAMILIES))
    given = options.parse_args(arguments)
    compiling = _seconds(compiled)
    console, names = Console(log_path=False), ("family", "way", "core s", "value (k)", "unplaced", "")
    table = Table(*names, title=f"loading compiled code {compiling:.1f} s")
    for family in given.families:
        made = invent(Wanted(given.students, family, given.seed))
        for row in measure(made.region, made.planted, family.value, given.cp_sat):
            unplaced = "" if row.unplaced < 0 else str(row.unplaced)
            cells = (row.family, row.way, f"{row.seconds:.2f}", f"{row.value / 1000:,.0f}", unplaced, row.note)
            table.add_row(*cells)
            console.log(*cells)
    console.print(table)


def measure(region: Region, planted: Plan, family: str, cp_sat: float) -> Iterator[Row]:
    """The planted plan, greedy, CP-SAT's rounds, and the search at each mark."""
    yield _row(region, planted, (family, "planted", 0.0))
    nothing = Plan(region.id, region.today)
    for way, effort in (("greedy", 0.0), ("CP-SAT rounds", cp_sat)):
        if effort or way == "greedy":
            start = time.process_time()
            plan = CpSatSolver().solve(region, nothing, SolveLimits(effort))
            yield _row(region, plan, (family, way, time.process_time() - start))
    yield from _search(region, family)


def _search(region: Region, family: str) -> Iterator[Row]:
    """Run once without end, and look at the marks; the plan at the end is checked."""
    start, marks, seen = time.process_time(), list(MARKS), []

    def told(value: int, steps: int) -> None:
        seconds = time.process_time() - start
        if marks and seconds >= marks[0]:
            marks.pop(0)
            seen.append((seconds, value, steps))

    plan = improve(region, Plan(region.id, region.today), SearchLimits(ENDLESS), told, lambda: not marks)
    for seconds, value, steps in seen[:-1]:
        yield Row(family, "search", seconds, value, -1, f"{steps / seconds / 1e6:.2f}M steps/s")
    seconds, value, steps = seen[-1]
    last = _row(region, plan, (family, "search", seconds))
    assert last.value == value, "the search's own sum is not the checker's"
    yield Row(family, "search", seconds, value, last.unplaced, f"{steps / seconds / 1e6:.2f}M steps/s")


def _row(region: Region, plan: Plan, what: tuple[str, str, float]) -> Row:
    violations = check(region, plan)
    assert not violations, violations[:3]
    value = sum(cost_parts(region, plan).values())
    return Row(*what, value, len(region.students) - len(plan.placements))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
