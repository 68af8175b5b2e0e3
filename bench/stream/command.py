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

from bench.results import RESULTS, machine
from bench.stack import Stage, brokers, planned_region
from bench.stream.audit import audit, state_of, told
from bench.stream.backlog import drain
from bench.stream.load import Loaded, load, seconds
from bench.stream.mix import Mix
from bench.stream.processes import between, used_s
from shared.contracts.services import SERVICES
from shared.testing.postgres import PostgresServer, start_postgres
from simulator.report import percentile


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


@dataclass(slots=True)
class Found:
    """One row for each load, and what the backlog took."""

    broker: str
    loads: list[dict[str, Any]] = field(default_factory=list)
    backlog: dict[str, float] = field(default_factory=dict)


async def measure(asked: Asked, postgres: PostgresServer) -> Found:
    """Bring a region in once, and put one load after another on it."""
    with brokers() as offered:
        broker = offered[-1]
        found = Found(broker.name)
        async with AsyncExitStack() as stack:
            databases: dict[str, str] = {
                name: await stack.enter_async_context(postgres.fresh_database()) for name in SERVICES
            }
            stage = await stack.enter_async_context(planned_region(broker, asked.students, databases))
            mix = Mix(stage.cast, random.Random(asked.seed))
            for rate in asked.rates:
                found.loads.append(await _loaded(stage, mix, asked, rate, databases["matcher"]))
            if asked.kill_rate:
                found.loads.append(await _killed(stage, mix, asked, databases["matcher"]))
            if asked.backlog:
                state = await state_of(databases["matcher"], stage.cast.world.region)
                put_s, drained_s = await drain(stage, state, asked.backlog)
                found.backlog = {"events": asked.backlog, "put_s": put_s, "drained_s": drained_s}
    return found


async def _loaded(stage: Stage, mix: Mix, asked: Asked, rate: float, database: str) -> dict[str, Any]:
    first, before = len(await told(stage.stack.bootstrap, stage.cast.world.region)), used_s()
    loaded = await load(stage, mix, rate, asked.seconds)
    used = between(before, used_s())
    row = await _row(f"{rate:g}/s", stage, loaded, (database, first, asked.fresh_s))
    return {
        **row,
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
    asked = Asked(**vars(options.parse_args(arguments)))
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as logs:
        postgres = start_postgres(Path(logs))
        try:
            found = asyncio.run(measure(asked, postgres))
        finally:
            postgres.stop()
    for table in tables(asked, found):
        Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"stream-{now:%Y%m%dT%H%M%SZ}.json"
    document = {"at": now.isoformat(), "machine": machine(), "asked": asdict(asked), "measured": asdict(found)}
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(path)


def tables(asked: Asked, found: Found) -> list[Table]:
    """The figures for people."""
    title = f"{asked.students:,} students, {found.broker}, PostgreSQL; {machine()}"
    loads = Table(
        "load", "events/s", "p50", "p99", "solve", "drained", "lost", "doubled", "moved/lost", "gap", title=title
    )
    for one in found.loads:
        times = [f"{1000 * one[name]:,.0f} ms" for name in ("p50_s", "p99_s", "solve_p50_s")]
        silent = f" (silent {one['silent_s']:.1f} s)" if "silent_s" in one else ""
        plan = [f"{one['moved_per_lost']:.2f}", f"{one['gap']:.2%} ({one['unplaced']}, fresh {one['fresh_unplaced']})"]
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
    return [loads, backlog]
