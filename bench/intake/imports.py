"""`python -m bench imports`: a file of 60,000 rows over HTTP, until the last verdict: seconds, processor time, peak memory."""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import httpx
from rich.console import Console
from rich.table import Table

from bench.intake.stage import INSTITUTE, PERIOD, REGION, Intake, intake_on, stages
from bench.processes import between, used_s
from bench.results import Measured, keep, machine
from bench.stack import Broker
from tests.support.import_files import large_file

ROWS = 60_000
PIECE = 65_536


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the figures."""
    options = argparse.ArgumentParser(prog="python -m bench imports", description=__doc__)
    options.add_argument("--rows", type=int, default=ROWS)
    given = options.parse_args(arguments)
    columns = ("on", "rows", "taken in", "worked off", "again", "intake's CPU", "peak memory")
    table, measured = Table(*columns, title=machine()), []
    with stages() as found:
        for name, broker, logs in found:
            row, seconds = asyncio.run(_measured(name, broker, logs, given.rows))
            table.add_row(name, *row)
            measured.append(Measured("import", name, seconds))
    Console().print(table)
    print(keep("imports", measured))


async def _measured(name: str, broker: Broker, logs: str, rows: int) -> tuple[list[str], list[float]]:
    async with intake_on(name, broker, logs) as intake:
        before = used_s()
        taken, worked = await _import(intake, rows, "registered")
        used = between(before, used_s())["intake"]
        _, again = await _import(intake, rows, "unchanged")
        figures = [
            f"{rows:,}",
            f"{taken:.1f} s",
            f"{worked:.1f} s",
            f"{again:.1f} s",
            f"{used:.1f} s",
            f"{intake.peak_mb():.0f} MB",
        ]
        return figures, [taken, worked, again]


async def _import(intake: Intake, rows: int, verdict: str) -> tuple[float, float]:
    """Seconds until the file was accepted, and until its last row had its verdict."""
    async with httpx.AsyncClient(base_url=intake.url, timeout=600, trust_env=False) as http:
        started = time.monotonic()
        headers = {"Content-Type": "text/csv"}
        sent = await http.post("/v1/imports", content=_pieces(rows), params={"region": REGION}, headers=headers)
        assert sent.status_code == httpx.codes.ACCEPTED, sent.text
        taken = time.monotonic() - started
        while (state := (await http.get(sent.headers["location"])).json())["status"] != "done":  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.5)
        wrong = -(-rows // 100)
        assert state["counts"][verdict] == rows - wrong, state
        assert state["counts"]["refused"] == wrong, state
        return taken, time.monotonic() - started


async def _pieces(rows: int) -> AsyncIterator[bytes]:
    waiting = b""
    for line in large_file(rows, PERIOD, INSTITUTE):
        waiting += line
        if len(waiting) >= PIECE:
            yield waiting
            waiting = b""
    yield waiting
