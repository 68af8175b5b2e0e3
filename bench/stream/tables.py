"""What is measured on the stream, what was found, and the tables that tell it to people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from bench.results import machine
from bench.stream.stages import STAGES
from bench.stream.way import STRETCHES

PARTS = ("load", "kill", "backlog", "workers", "serving", "stages")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured."""

    students: int = 2_000
    rates: Sequence[float] = (5.0, 50.0, 200.0)
    seconds: float = 120.0
    backlog: int = 50_000
    kill_rate: float = 50.0
    fresh_s: float = 60.0
    seed: int = 1
    parts: Sequence[str] = PARTS
    country: tuple[int, int] = (60_000, 25)
    workers: tuple[int, int, float, float] = (6, 150, 20.0, 60.0)
    """Regions, students in each, events a second, seconds."""
    staged: int = 300


@dataclass(slots=True)
class Found:
    """One row for each load, and what the backlog took."""

    broker: str
    loads: list[dict[str, Any]] = field(default_factory=list)
    backlog: dict[str, float] = field(default_factory=dict)
    workers: dict[str, Any] = field(default_factory=dict)
    serving: dict[str, Any] = field(default_factory=dict)
    stages: list[dict[str, Any]] = field(default_factory=list)


def tables(asked: Asked, found: Found) -> list[Table]:
    """The figures for people."""
    title = f"{asked.students:,} students, {found.broker}, PostgreSQL; {machine()}"
    loads = Table(
        "load",
        "events/s",
        "p50",
        "p99",
        "solve",
        "drained",
        "lost",
        "doubled",
        "moved/lost",
        "gap",
        "at rest",
        title=title,
    )
    for one in found.loads:
        times = [f"{1000 * one[name]:,.0f} ms" for name in ("p50_s", "p99_s", "solve_p50_s")]
        silent = f" (silent {one['silent_s']:.1f} s)" if "silent_s" in one else ""
        plan = [_moved(one), _gap(one)]
        if rested := one.get("rested"):
            plan.append(f"{_moved(rested)}; {_gap(rested)} after {one['rested_s']:.0f} s")
        loads.add_row(
            one["load"] + silent,
            f"{one['per_second']:.0f}",
            *times,
            f"{one['drained_s']:.1f} s",
            str(one["lost"]),
            str(one["doubled"]),
            *plan,
        )
    backlog = Table("backlog", "put on Kafka in", "answered in", title=title)
    if found.backlog:
        backlog.add_row(
            f"{found.backlog['events']:,}", *(f"{found.backlog[name]:.1f} s" for name in ("put_s", "drained_s"))
        )
    return [
        one for one in (loads, backlog, _way_table(found), _cpu_table(found), *_other_tables(found)) if one.row_count
    ]


def _moved(audited: dict[str, Any]) -> str:
    by_answers, in_all = audited["moved_per_lost"]
    return f"{by_answers:.2f}, {in_all:.2f} with looking"


def _gap(audited: dict[str, Any]) -> str:
    put_out = f", {audited['put_out']} put out" if audited["put_out"] else ""
    return f"{audited['gap']:.2%} ({audited['unplaced']}, fresh {audited['fresh_unplaced']}{put_out})"


def _way_table(found: Found) -> Table:
    """Where the time of an answer goes, on its way from accepted to told."""
    table = Table("load", *STRETCHES, title="the way of an answer, p50 and p99")
    for one in found.loads:
        if one.get("way"):
            table.add_row(
                one["load"],
                *(", ".join(f"{1000 * each:,.0f}" for each in one["way"][name]) + " ms" for name in STRETCHES),
            )
    return table


def _cpu_table(found: Found) -> Table:
    """What each process used, whatever else the machine had to do."""
    names = sorted({name for one in found.loads for name in one.get("cpu_ms_per_event", {})})
    table = Table("load", *names, "together", title="milliseconds of processor time an event")
    for one in found.loads:
        if used := one.get("cpu_ms_per_event"):
            table.add_row(one["load"], *(f"{used.get(name, 0):.1f}" for name in names), f"{sum(used.values()):.0f}")
    return table


def _other_tables(found: Found) -> list[Table]:
    """Two workers, a country in the database, and the stages of an event."""
    workers = Table("two workers, one killed", "silent", "drained", "lost", "doubled")
    if one := found.workers:
        times = (f"{one[name]:.1f} s" for name in ("silent_s", "drained_s"))
        where = f"{one['regions']} regions on {one['partitions']} partitions, {one['events']} events"
        workers.add_row(where, *times, str(one["lost"]), str(one["doubled"]))
    country = Table(
        "start with a country in the database", "loaded", "of processor", "first answer", "first events, max"
    )
    if one := found.serving:
        figures = (f"{one[name]:.1f} s" for name in ("loaded_s", "loaded_cpu_s", "first_answer_s"))
        country.add_row(f"{one['students']:,} in {one['regions']}", *figures, f"{max(one['first_events_s']):.2f} s")
    staged = Table("answered together", "CPU an event", *STAGES, title="where the time of an event goes in the matcher")
    for each in found.stages:
        shares = (f"{each['shares'][name]:.0%}" for name in STAGES)
        staged.add_row(str(each["together"]), f"{each['cpu_ms']:.1f} ms", *shares)
    return [workers, country, staged]
