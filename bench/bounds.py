"""`python -m bench bounds`: what is proven over time, against the best plan of the compiled search.

Seconds are those of one core (CPU time), so that a busy machine does not show; compiling is left out.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.results import RESULTS
from services.matcher.adapters.solver.bounds.bound import bound
from services.matcher.adapters.solver.bounds.limits import BoundLimits, BoundResult
from services.matcher.adapters.solver.compiled.loading import compiled
from services.matcher.adapters.solver.compiled.search import SearchLimits, improve
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region

MARKS = (5.0, 20.0, 60.0, 120.0)
FAMILIES = (Family.SEATS, Family.HOURS, Family.TRAINERS, Family.PERIODS, Family.INCREMENTAL, Family.LEVERS)


@dataclass(frozen=True, slots=True)
class Row:
    """What was proven after so many seconds of one core, beside the best plan known."""

    family: str
    seconds: float
    bound: float
    value: int
    unplaced_bound: int
    unplaced: int

    @property
    def gap(self) -> float:
        """As in a certificate."""
        return (self.value - self.bound) / max(1, self.value)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench bounds", description=__doc__)
    options.add_argument("--students", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--steps", type=int, default=40_000_000, help="of the search for the plan to compare with")
    options.add_argument("--seconds", type=float, default=MARKS[-1])
    options.add_argument("families", nargs="*", type=Family, default=list(FAMILIES))
    given = options.parse_args(arguments)
    compiled()
    names = ("family", "core s", "bound (k)", "best plan (k)", "gap", "unplaced at least", "unplaced")
    console, table = Console(log_path=False), Table(*names, title=f"{given.students} students")
    measured: list[Row] = []
    for family in given.families:
        made = invent(Wanted(given.students, family, given.seed))
        best = improve(made.region, made.planted, SearchLimits(given.steps, given.seed))
        for row in measure(made.region, best, family.value, given.seconds):
            unplaced = (str(row.unplaced_bound), str(row.unplaced))
            cells = (f"{row.seconds:.1f}", f"{row.bound / 1000:,.1f}", f"{row.value / 1000:,.1f}", f"{row.gap:.2%}")
            table.add_row(row.family, *cells, *unplaced)
            console.log(row.family, *cells, *unplaced)
            measured.append(row)
    console.print(table)
    console.print(f"kept in {keep(given.students, given.seed, measured)}")


def keep(students: int, seed: int, measured: Sequence[Row]) -> Path:
    """Writes the figures as JSON and gives the file."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"bounds-{now:%Y%m%dT%H%M%SZ}.json"
    rows = [{**asdict(row), "gap": row.gap} for row in measured]
    document = {"at": now.isoformat(), "students": students, "seed": seed, "measured": rows}
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def measure(region: Region, best: Plan, family: str, seconds: float) -> Iterator[Row]:
    """The bound at each mark, and at the end."""
    value, unplaced = sum(cost_parts(region, best).values()), len(region.students) - len(best.placements)
    start = time.process_time()
    told: list[tuple[float, BoundResult]] = []

    def spent() -> float:
        return time.process_time() - start

    limits = BoundLimits(rounds=12, nodes=10_000, steps=40)
    last = bound(region, value, limits, lambda one: told.append((spent(), one)), lambda: spent() > seconds)
    end = spent()
    for mark in (*(mark for mark in MARKS if mark < end), end):
        known = [one for when, one in told if when <= mark]
        if known:
            result = last if mark == end else known[-1]
            yield Row(family, mark, result.bound, value, result.unplaced_bound, unplaced)
