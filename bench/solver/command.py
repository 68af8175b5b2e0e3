"""`python -m bench solver`: tables, a picture and JSON of our solver over time, beside what a user would pick instead.

Seconds are those of one core (CPU time), so that a busy machine does not show; loading compiled code is told apart.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.results import RESULTS, machine
from bench.solver import table
from bench.solver.methods import OURS
from bench.solver.picture import describe, draw
from bench.solver.running import Effort, run_case
from bench.solver.targets import Known, Verdict, verdicts
from bench.solver.trace import Trace
from services.matcher.domain.inventing import Family, Wanted

MARKS = (1.0, 4.0, 20.0, 60.0, 120.0)
SIZES = (300, 2_000)
MEMORY_MB = 8_000
EVENTS = 40
LEAST, MOST = 20, 100_000
WIDTH = 160


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep."""
    given = _options().parse_args(arguments)
    console, effort = _console(), Effort(given.marks, given.memory_mb, given.events)
    wishes = [Wanted(size, one, seed) for size in given.sizes for one in given.families for seed in given.seeds]
    known = []
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as folder:
        for wanted in wishes:
            traces = {}
            for trace in run_case(wanted, effort, Path(folder)):
                for row in table.rows(trace, effort.marks):
                    console.log(trace.case.students, *row)
                traces[trace.method] = trace
            known.append(_known(traces, given.out))
    judged = list(verdicts(known))
    traces_ = [trace for one in known for trace in one.traces.values()]
    for shown in (*table.over_time(traces_, effort.marks), *table.chains(traces_), table.judged(judged)):
        if shown.row_count:
            console.print(shown)
    for path in _keep(known, judged, given):
        console.print(path, soft_wrap=True)


def _console() -> Console:
    """As wide as the terminal, or as the tables where there is none."""
    console = Console(log_path=False)
    return console if console.is_terminal else Console(log_path=False, width=WIDTH)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="python -m bench solver", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--families", nargs="+", type=Family, default=list(Family), metavar="FAMILY")
    options.add_argument("--sizes", type=_sizes, default=list(SIZES), help="students, such as 300,2000 (the default)")
    options.add_argument("--marks", type=_marks, default=list(MARKS), help="seconds of one core, such as 1,4,20,60,120")
    options.add_argument("--seeds", type=_numbers, default=[1], help="such as 1,2,3")
    options.add_argument(
        "--events",
        type=int,
        default=EVENTS,
        help="on the incremental family, answered by planner, fresh solve and engine; 0 for none",
    )
    options.add_argument("--memory-mb", type=int, default=MEMORY_MB, help="address space of each process")
    options.add_argument("--out", type=Path, default=RESULTS, metavar="DIR")
    return options


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


def _sizes(text: str) -> list[int]:
    found = _numbers(text)
    if not all(LEAST <= one <= MOST for one in found):
        raise argparse.ArgumentTypeError(f"a size is from {LEAST} to {MOST} students")
    return found


def _marks(text: str) -> list[float]:
    found = sorted(float(one) for one in text.split(","))
    if found[0] <= 0:
        raise argparse.ArgumentTypeError("a mark is more than 0 seconds")
    return found


def _known(traces: dict[str, Trace], out: Path) -> Known:
    """With the best plan of this run and of all that were kept for the very same region."""
    case = next(iter(traces.values())).case
    runs = [_run(trace) for trace in traces.values()]
    for path in sorted(out.glob("solver-*.json")):
        runs += json.loads(path.read_text(encoding="utf-8"))["runs"]
    same = [run for run in runs if run["case"]["digest"] == case.digest and run["chain"] is None]
    values = [sample["value"] for run in same for sample in run["samples"] if "value" in sample]
    ours = [inf if run["ended"] == "proven" else run["seconds"] or 0.0 for run in same if run["method"] == OURS]
    return Known(case, traces, min(values, default=0), max(ours, default=0.0))


def _keep(known: Sequence[Known], judged: Sequence[Verdict], given: argparse.Namespace) -> Iterator[Path]:
    """Everything as JSON, and a picture for each size."""
    now = datetime.now(UTC)
    given.out.mkdir(parents=True, exist_ok=True)
    name = given.out / f"solver-{now:%Y%m%dT%H%M%SZ}"
    document = {
        "at": now.isoformat(),
        "machine": machine(),
        "marks": list(given.marks),
        "runs": [_run(trace) for one in known for trace in one.traces.values()],
        "best_known": {one.case.digest: one.best for one in known},
        "verdicts": [asdict(one) for one in judged],
        "text": [describe(one) for one in known],
    }
    path = name.with_suffix(".json")
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    yield path
    for size in given.sizes:
        path = name.with_name(f"{name.name}-{size}.svg")
        path.write_text(draw([one for one in known if one.case.students == size], max(given.marks)), encoding="utf-8")
        yield path


def _run(trace: Trace) -> dict[str, Any]:
    """The trace without what is not known."""
    found = asdict(trace)
    found["samples"] = [{key: value for key, value in one.items() if value is not None} for one in found["samples"]]
    return found
