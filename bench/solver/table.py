"""The figures as tables for people."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from bench import chain
from bench.solver.targets import Verdict
from bench.solver.trace import Case, Sample, Trace

NUMBERS = ("core s", "value (k)", "bound (k)", "gap", "unplaced", "at least", "MB", "ended")
ELSEWHERE = "Not measured here: small regions to their proven optimum (tests), a whole country in 25 regions."
WORDS = {True: "reached", False: "NOT reached", None: "not measured"}


def over_time(traces: Sequence[Trace], marks: Sequence[float]) -> Iterator[Table]:
    """A table for each size: what each method knew at each mark, and at the end of what needed no more time."""
    for size in dict.fromkeys(trace.case.students for trace in traces):
        table = Table("family", "method", *NUMBERS, title=f"{size:,} students")
        for trace in traces:
            if trace.case.students == size:
                for row in rows(trace, marks):
                    table.add_row(*row)
        yield table


def rows(trace: Trace, marks: Sequence[float]) -> Iterator[tuple[str, ...]]:
    """A row for each mark that was reached, one for the end where it came before the last."""
    head = (named(trace.case), trace.method)
    if trace.chain is not None:
        return
    end = trace.last.seconds if trace.seconds is None else trace.seconds
    reached = [mark for mark in marks if mark <= end] if trace.ended != "done" else []
    for mark in reached:
        is_end = mark == marks[-1] and trace.seconds is not None
        yield (*head, *_cells(trace.at(mark)), trace.ended if is_end else "")
    if trace.seconds is None or marks[-1] not in reached:
        yield (*head, *_cells(trace.last), trace.ended)


def chains(traces: Sequence[Trace]) -> Iterator[Table]:
    """What answering events one after another came to, a table for each region."""
    for case in dict.fromkeys(trace.case for trace in traces if trace.chain is not None):
        found = {one.method: one.chain for one in traces if one.case == case and one.chain is not None}
        yield chain.table(f"{named(case)}, {case.students:,} students", found)


def judged(verdicts: Sequence[Verdict]) -> Table:
    """A line for each target: reached or not."""
    names = ("family", "students", "level", "target", "", "found")
    table = Table(*names, title="what we want to reach", caption=ELSEWHERE)
    for one in verdicts:
        size = f"{one.case.students:,}"
        table.add_row(named(one.case), size, one.level, one.target, WORDS[one.is_reached], one.found)
    return table


def named(case: Case) -> str:
    """The family, with its seed where that is not the first."""
    return case.family if case.seed == 1 else f"{case.family} (seed {case.seed})"


def _cells(at: Sample) -> tuple[str, ...]:
    points = (_or_dash(None if one is None else one / 1000, "{:,.1f}") for one in (at.value, at.bound))
    counts = (_or_dash(one, "{}") for one in (at.unplaced, at.unplaced_bound))
    return (f"{at.seconds:.2f}", *points, _or_dash(at.gap, "{:.3%}"), *counts, _or_dash(at.memory_mb, "{:,.0f}"))


def _or_dash(found: float | None, shown: str) -> str:
    return "-" if found is None else shown.format(found)
