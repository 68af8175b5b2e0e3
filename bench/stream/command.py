"""`python -m bench stream`: mixed events on Apache Kafka and PostgreSQL, a kill under load, and a backlog.

Told are the seconds from accepted over HTTP to the placement on Kafka, what was lost or doubled (both must be 0), the
students moved for each place lost, and how far the plan is from a fresh solve of the same state.
"""

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.processes import between, used_s
from bench.results import RESULTS, machine
from bench.stack import Broker, Stage, brokers, planned_region, until_at_rest
from bench.stream.audit import audit, state_of, told
from bench.stream.backlog import drain
from bench.stream.load import Loaded, load, seconds
from bench.stream.mix import Mix
from bench.stream.serving import serving
from bench.stream.stages import STAGES, stages
from bench.stream.workers import shared
from shared.contracts.services import SERVICES
from shared.testing.postgres import PostgresServer, start_postgres
from simulator.report import percentile

PARTS = ("load", "kill", "backlog", "workers", "serving", "stages")
QUICK: dict[str, Any] = {
    "students": 60,
    "rates": [5.0],
    "seconds": 4.0,
    "backlog": 200,
    "kill_rate": 5.0,
    "fresh_s": 1.0,
    "country": (120, 2),
    "workers": (3, 20, 5.0, 4.0),
    "staged": 20,
}
"""Whether it runs at all."""


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


async def measure(asked: Asked, postgres: PostgresServer, folder: Path) -> Found:
    """One part after another; those on Kafka on the best broker there is."""
    found = Found("no broker")
    if {*asked.parts} & {"load", "kill", "backlog", "workers"}:
        with brokers() as offered:
            found.broker = offered[-1].name
            await _on_kafka(asked, postgres, offered[-1], found)
            if "workers" in asked.parts and offered[-1].bootstrap is not None:
                async with postgres.fresh_database() as database:
                    found.workers = asdict(await shared(offered[-1].bootstrap, database, folder, asked.workers))
    if "serving" in asked.parts:
        found.serving = asdict(await serving(folder, *asked.country))
    if "stages" in asked.parts:
        found.stages = [asdict(one) for one in await stages(folder, asked.students, (1, 15), asked.staged)]
    return found


async def _on_kafka(asked: Asked, postgres: PostgresServer, broker: Broker, found: Found) -> None:
    """Bring a region in once, and put one load after another on it."""
    if not {*asked.parts} & {"load", "kill", "backlog"}:
        return
    async with AsyncExitStack() as stack:
        databases: dict[str, str] = {
            name: await stack.enter_async_context(postgres.fresh_database()) for name in SERVICES
        }
        stage = await stack.enter_async_context(planned_region(broker, asked.students, databases))
        mix = Mix(stage.cast, random.Random(asked.seed))
        for rate in asked.rates if "load" in asked.parts else ():
            found.loads.append(await _loaded(stage, mix, asked, rate, databases["matcher"]))
        if "kill" in asked.parts and asked.kill_rate:
            found.loads.append(await _killed(stage, mix, asked, databases["matcher"]))
        if "backlog" in asked.parts and asked.backlog:
            state = await state_of(databases["matcher"], stage.cast.world.region)
            put_s, drained_s = await drain(stage, state, asked.backlog)
            found.backlog = {"events": asked.backlog, "put_s": put_s, "drained_s": drained_s}


async def _loaded(stage: Stage, mix: Mix, asked: Asked, rate: float, database: str) -> dict[str, Any]:
    first, before = len(await told(stage.stack.bootstrap, stage.cast.world.region)), used_s()
    loaded = await load(stage, mix, rate, asked.seconds)
    used = between(before, used_s())
    row = await _row(f"{rate:g}/s", stage, loaded, (database, first, asked.fresh_s))
    quiet_since = time.monotonic()
    await until_at_rest(stage.client, stage.cast.world.region)
    rested_s = time.monotonic() - quiet_since
    rested = await audit(stage, database, loaded, first, asked.fresh_s)
    return {
        **row,
        "rested_s": rested_s,
        "rested": {"gap": rested.gap, "moved_per_lost": rested.moved_per_lost, **asdict(rested)},
        "cpu_ms_per_event": {name: 1000 * one / len(loaded.sent) for name, one in used.items()},
        "load_average": os.getloadavg(),
    }


async def _killed(stage: Stage, mix: Mix, asked: Asked, database: str) -> dict[str, Any]:
    """The matcher is killed (SIGKILL) at half time: how long nothing is heard, and what is lost."""
    first, killed_at = len(await told(stage.stack.bootstrap, stage.cast.world.region)), 0.0

    def kill() -> None:
        nonlocal killed_at
        killed_at = time.monotonic()
        stage.stack.kill("matcher")

    loaded = await load(stage, mix, asked.kill_rate, asked.seconds / 2, kill)
    row = await _row(f"{asked.kill_rate:g}/s, killed", stage, loaded, (database, first, 0.0))
    later = [at for arrivals in stage.watcher.arrivals.values() for at in arrivals.values() if at > killed_at + 0.2]
    return {**row, "silent_s": min(later, default=float("inf")) - killed_at}


async def _row(name: str, stage: Stage, loaded: Loaded, about: tuple[str, int, float]) -> dict[str, Any]:
    database, first, fresh_s = about
    took = sorted(one for sent in loaded.told() if (one := seconds(stage, sent)) is not None)
    found = await audit(stage, database, loaded, first, fresh_s)
    versions = await stage.client.get("matcher", f"/regions/{stage.cast.world.region}/plan-versions")
    solves = sorted(one["solve_s"] for one in versions["versions"] if one["effort"] == "repair")
    return {
        "load": name,
        "events": len(loaded.sent),
        "per_second": loaded.per_second,
        "p50_s": percentile(took, 0.5),
        "p99_s": percentile(took, 0.99),
        "solve_p50_s": percentile(solves, 0.5),
        "drained_s": loaded.answered_by - loaded.sent_by,
        "moved_per_lost": found.moved_per_lost,
        "gap": found.gap,
        **asdict(found),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the figures."""
    usual = Asked()
    options = argparse.ArgumentParser(
        prog="python -m bench stream", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--students", type=int, default=usual.students)
    options.add_argument("--rates", type=lambda text: [float(one) for one in text.split(",")], default=usual.rates)
    options.add_argument("--seconds", type=float, default=usual.seconds, help="of each load")
    options.add_argument("--backlog", type=int, default=usual.backlog, help="events put on Kafka at once; 0 for none")
    options.add_argument(
        "--kill-rate", type=float, default=usual.kill_rate, help="events a second round a kill; 0 for none"
    )
    options.add_argument(
        "--fresh", dest="fresh_s", type=float, default=usual.fresh_s, help="seconds of the fresh solves"
    )
    options.add_argument("--seed", type=int, default=usual.seed)
    options.add_argument(
        "--parts", type=_parts, default=usual.parts, help=f"some of {','.join(PARTS)}; the last two need no broker"
    )
    options.add_argument("--quick", action="store_true", help="everything small: whether it runs at all")
    given = vars(options.parse_args(arguments))
    asked = Asked(**{**given, **QUICK}) if given.pop("quick") else Asked(**given)
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as logs:
        postgres = start_postgres(Path(logs))
        try:
            found = asyncio.run(measure(asked, postgres, Path(logs)))
        finally:
            postgres.stop()
    for table in tables(asked, found):
        Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"stream-{now:%Y%m%dT%H%M%SZ}.json"
    document = {
        "at": now.isoformat(),
        "machine": machine(),
        "load": os.getloadavg(),
        "asked": asdict(asked),
        "measured": asdict(found),
    }
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(path)


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    if wrong := [one for one in parts if one not in PARTS]:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(wrong)}; there are {', '.join(PARTS)}")
    return parts


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
        plan = [f"{one['moved_per_lost']:.2f}", _gap(one)]
        if rested := one.get("rested"):
            plan.append(f"{rested['moved_per_lost']:.2f}; {_gap(rested)} after {one['rested_s']:.0f} s")
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
    return [one for one in (loads, backlog, _cpu_table(found), *_other_tables(found)) if one.row_count]


def _gap(audited: dict[str, Any]) -> str:
    put_out = f", {audited['put_out']} put out" if audited["put_out"] else ""
    return f"{audited['gap']:.2%} ({audited['unplaced']}, fresh {audited['fresh_unplaced']}{put_out})"


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
