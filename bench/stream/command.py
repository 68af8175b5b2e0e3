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
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.processes import between, used_s
from bench.results import RESULTS, console, machine
from bench.stack import Broker, Stage, brokers, planned_region, until_at_rest
from bench.stream.audit import audit, state_of, told
from bench.stream.backlog import drain
from bench.stream.load import Loaded, load, seconds
from bench.stream.mix import Mix
from bench.stream.serving import serving
from bench.stream.stages import stages
from bench.stream.tables import PARTS, Asked, Found, tables
from bench.stream.way import way
from bench.stream.workers import shared
from shared.contracts.services import SERVICES
from shared.testing.postgres import PostgresServer, start_postgres
from simulator.report import percentile

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
    row["way"] = await way(stage, loaded)
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
        console().print(table)
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
