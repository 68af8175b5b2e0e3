"""`python -m bench intake`: registrations over HTTP: how many a second, how long each takes, and whether a kill -9 loses any.

`as fast as it can`: 16 at a time. `paced`: so many a second, whatever the answers take. `killed`: 1,000 with the process killed at
random; each is sent again with its key until it is answered, and everything answered 201 must be there, once.
"""

import argparse
import asyncio
import json
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from rich.console import Console
from rich.table import Table

from bench.intake.client import Connection
from bench.intake.stage import INSTITUTE, PERIOD, REGION, Intake, intake_on, stages
from bench.processes import between, used_s
from bench.results import Measured, keep, machine
from bench.stack import Broker

AT_ONCE, PACE, SECONDS, KILLED = 16, 300, 20.0, 1_000
PAUSE_S = (0.5, 1.5)
"""Between one kill and the next."""


@dataclass
class Load:
    """Seconds that each answer took; `due` are measured from when the request should have been sent."""

    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    used: float = 0.0

    @property
    def rate(self) -> float:
        """Accepted in a second."""
        return len(self.seconds) / self.elapsed


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the figures."""
    options = argparse.ArgumentParser(prog="python -m bench intake", description=__doc__)
    options.add_argument("--seconds", type=float, default=SECONDS, help="for each of the first two")
    options.add_argument("--pace", type=int, default=PACE, help="registrations a second")
    options.add_argument("--kills", type=int, default=KILLED, help="registrations while it is killed")
    given = options.parse_args(arguments)
    columns = ("on", "what", "n", "a second", "p50", "p99", "intake's CPU each")
    table, measured = Table(*columns, title=machine()), []
    with stages() as found:
        for name, broker, logs in found:
            for what, load in asyncio.run(_measured(name, broker, logs, given)):
                one = Measured(what, name, load.seconds)
                times = [f"{1000 * one.at(share):.0f} ms" for share in (0.5, 0.99)]
                each = f"{1000 * load.used / len(load.seconds):.2f} ms"
                table.add_row(name, what, str(len(load.seconds)), f"{load.rate:.0f}", *times, each)
                measured.append(one)
    Console().print(table)
    print(keep("intake", measured))


async def _measured(name: str, broker: Broker, logs: str, given: argparse.Namespace) -> list[tuple[str, Load]]:
    async with intake_on(name, broker, logs) as intake:
        await _as_fast_as_it_can(intake, 2.0)  # until everything is loaded
        fast = await _as_fast_as_it_can(intake, given.seconds)
        paced = await _paced(intake, given.pace, given.seconds)
        killed, lost, times = await _killed(intake, given.kills)
        print(
            f"{name}: {given.kills} registrations, {times} kills, {lost} of those answered 201 lost or twice",
            flush=True,
        )
        if lost:
            raise SystemExit(1)
        return [("as fast as it can", fast), (f"paced, {given.pace} a second", paced), ("killed", killed)]


def _body() -> dict[str, object]:
    return {
        "region": REGION, "institute": INSTITUTE, "route": "voltijd", "phase": "wpl1", "support": 1, "sector": "vo",
        "subject": "wiskunde", "lat": 52.1, "lon": 5.1, "period_sets": [[PERIOD]], "reference": f"st {uuid.uuid4()}",
    }  # fmt: skip


async def _register(connection: Connection) -> str:
    status, body = await connection.post("/v1/registrations", _body(), str(uuid.uuid4()))
    assert status == httpx.codes.CREATED, body
    return str(json.loads(body)["id"])


async def _as_fast_as_it_can(intake: Intake, seconds: float) -> Load:
    load, before, started = Load(), used_s(), time.monotonic()

    async def one_after_another() -> None:
        connection = Connection(intake.port)
        while (sent := time.monotonic()) < started + seconds:
            await _register(connection)
            load.seconds.append(time.monotonic() - sent)
        connection.close()

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    load.elapsed, load.used = time.monotonic() - started, between(before, used_s())["intake"]
    return load


async def _paced(intake: Intake, pace: int, seconds: float) -> Load:
    load, before, started = Load(), used_s(), time.monotonic()
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(4 * AT_ONCE):
        free.put_nowait(Connection(intake.port))

    async def register(due: float) -> None:
        await asyncio.sleep(due - time.monotonic())
        connection = await free.get()
        await _register(connection)
        load.seconds.append(time.monotonic() - due)
        free.put_nowait(connection)

    await asyncio.gather(*(register(started + number / pace) for number in range(int(pace * seconds))))
    load.elapsed, load.used = time.monotonic() - started, between(before, used_s())["intake"]
    while not free.empty():
        free.get_nowait().close()
    return load


async def _killed(intake: Intake, count: int) -> tuple[Load, int, int]:
    """What it took, how many that were answered 201 are not there exactly once, and how often it was killed."""
    load, before, started, accepted = Load(), used_s(), time.monotonic(), dict[str, str]()
    waiting, kills = list(range(count)), 0

    async def one_after_another() -> None:
        connection = Connection(intake.port)
        while waiting:
            waiting.pop()
            body, key, sent = _body(), str(uuid.uuid4()), time.monotonic()
            while True:
                try:
                    status, answer = await connection.post("/v1/registrations", body, key)
                except (OSError, EOFError):
                    await asyncio.sleep(0.05)
                    continue
                if status == httpx.codes.CREATED:
                    accepted[str(body["reference"])] = str(json.loads(answer)["id"])
                    break
                await asyncio.sleep(0.05)
            load.seconds.append(time.monotonic() - sent)
        connection.close()

    async def kill_now_and_then() -> None:
        nonlocal kills
        while waiting:
            await asyncio.sleep(random.uniform(*PAUSE_S))
            intake.kill()
            kills += 1
            await intake.start()

    await asyncio.gather(kill_now_and_then(), *(one_after_another() for _ in range(4)))
    load.elapsed, load.used = time.monotonic() - started, between(before, used_s()).get("intake", 0.0)
    return load, await _lost(intake, accepted), kills


async def _lost(intake: Intake, accepted: dict[str, str]) -> int:
    lost = 0
    async with httpx.AsyncClient(base_url=intake.url, timeout=60, trust_env=False) as http:
        for reference, student in accepted.items():
            found = await http.get("/v1/registrations", params={"institute": INSTITUTE, "reference": reference})
            lost += [one["id"] for one in found.json()["items"]] != [student]
    return lost
