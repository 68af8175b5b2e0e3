"""`python -m bench answers`: how long questions about plans take, with a country of students in the matcher's database.

Over HTTP, on a process of its own; on SQLite, or on a database that is given. Each question is asked `first` of a region that was
not asked about before, then each time `after an event` (another plan, one student changed), and then `again` by several at a time.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import httpx

from bench.results import Measured, keep, show
from services.matcher.adapters.solver.board import certified
from services.matcher.adapters.store import SqlStore
from services.matcher.bootstrap import GROUP, MIGRATIONS
from services.matcher.domain.assembling import assemble
from services.matcher.domain.capacity import capacity
from services.matcher.domain.documents import plain
from services.matcher.domain.facts import Fact, RegionFacts
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId
from services.matcher.domain.inventing import Wanted, invent
from services.matcher.domain.places import ChangedPlace, Outcome, Place, PlaceStatus
from services.matcher.domain.plan import Placement, Plan, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region, Student
from services.matcher.ports import Commit, NewPlan, Planned, Snapshot
from shared.child_process import HOST, free_port
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade

AT_ONCE, TIMES, EVENTS = 4, 200, 10
LEFT_OUT = 20
"""One in so many students is left without a place."""
START_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """How large the country is, and where it is kept."""

    students: int = 60_000
    regions: int = 25
    database: str | None = None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and keep the figures."""
    usual = Asked()
    options = argparse.ArgumentParser(
        prog="python -m bench answers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--students", type=int, default=usual.students)
    options.add_argument("--regions", type=int, default=usual.regions)
    options.add_argument("--database", help="the URL of an empty database; without it SQLite in a temporary folder")
    given = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as folder:
        url = given.database or f"sqlite+aiosqlite:///{Path(folder) / 'matcher.db'}"
        measured = asyncio.run(_measured(Asked(given.students, given.regions, url), url))
    show(measured)
    print(f"{keep('answers', measured)}, load {os.getloadavg()[0]:.1f}")


async def _measured(asked: Asked, url: str) -> list[Measured]:
    print(f"{asked.students} students in {asked.regions} regions are put in the database …", flush=True)
    regions = await fill(url, asked)
    name = url.partition("+")[0]
    async with serving(url) as client, Events(url, regions[0]) as events:
        measured = []
        for number, (what, path) in enumerate(_questions(regions[0])):
            first = list(_questions(regions[1 + number % (len(regions) - 1)]))[number][1] if regions[1:] else path
            measured.append(Measured(f"{what}, first", name, [await _timed(client, first)]))
            seconds = []
            for _ in range(EVENTS):
                await events.happen()
                seconds.append(await _timed(client, path))
            measured.append(Measured(f"{what}, after an event", name, seconds))
        for number, (what, _) in enumerate(_questions(regions[0])):
            paths = [list(_questions(regions[one % len(regions)]))[number][1] for one in range(TIMES)]
            measured.append(Measured(f"{what}, again, {AT_ONCE} at once", name, await _many(client, paths)))
    return measured


class Events:
    """One event after another in a region, each answered with a plan, as the matcher does."""

    def __init__(self, url: str, region: Region) -> None:
        self._database, self._region, self._version = Database(url), region, 1
        self._store = SqlStore(self._database, Outbox("urn:nld:leerplek:bench"), Inbox(GROUP))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()

    async def happen(self) -> None:
        """A student moves house, and keeps the place."""
        self._version += 1
        one = self._region.students[sorted(self._region.students)[self._version]]
        fact = Fact(self._region.id, f"student/{one.id}", self._version, plain(replace(one, lat=one.lat + 0.001)))
        certificate = certified(
            self._region, Plan(self._region.id, self._region.today, self._region.placements), 0.0, 0
        )
        assert certificate.certificate is not None
        planned = Planned(Outcome(), certificate.certificate, 0, 0.0)
        plan = NewPlan(self._region.id, self._version, self._region.today, planned, ())
        await self._store.commit(Commit(facts=[fact], plans=[plan]), datetime.now(UTC))


def _questions(region: Region) -> Iterator[tuple[str, str]]:
    here = f"/regions/{region.id}"
    placed = min(one.student for one in region.placements)
    left = min(region.students.keys() - {one.student for one in region.placements})
    yield "plan, 50 students", f"{here}/plan"
    yield "plan, 500 students", f"{here}/plan?limit=500"
    yield "versions", f"{here}/plan-versions"
    yield "explanation as published, placed", f"/students/{placed}/explanation?wait=0&include=why"
    yield "explanation as published, unplaced", f"/students/{left}/explanation?wait=0&include=why"
    yield "explanation with who competes", f"/students/{left}/explanation?wait=60&include=why"
    yield "fairness", f"{here}/fairness"
    yield "capacity", f"{here}/capacity"
    yield "trend of the region", f"{here}/capacity/trend"
    yield "scenarios", f"{here}/scenarios"
    yield "region file", f"{here}/region-file"


async def _timed(client: httpx.AsyncClient, path: str) -> float:
    started = time.perf_counter()
    answer = await client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:200]}"
    return time.perf_counter() - started


async def _many(client: httpx.AsyncClient, paths: Sequence[str]) -> list[float]:
    """So many at a time."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(path: str) -> float:
        async with turns:
            return await _timed(client, path)

    for path in dict.fromkeys(paths):  # once, so that what is put together is there
        await client.get(path)
    return list(await asyncio.gather(*(one(path) for path in paths)))


@asynccontextmanager
async def serving(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The process that answers, on this database."""
    port = free_port()
    settings = {"DATABASE_URL": url, "HTTP_PORT": str(port)}
    environment = {**os.environ, **{f"LEERPLEK_ANSWERS_{name}": value for name, value in settings.items()}}
    command = (sys.executable, "-m", "services.matcher", "answers")
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=120, trust_env=False) as client:
            deadline = time.monotonic() + START_WITHIN_S
            while not await _is_ready(client):
                assert time.monotonic() < deadline, "the process that answers does not start"
                await asyncio.sleep(0.1)
            client.base_url = httpx.URL(f"http://{HOST}:{port}/v1")
            yield client
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def fill(url: str, asked: Asked) -> list[Region]:
    """Puts invented regions with their plans in the database, as the matcher would; gives them with what holds."""
    database = Database(url)
    await upgrade(database, MIGRATIONS)
    store = SqlStore(database, Outbox("urn:nld:leerplek:bench"), Inbox(GROUP))
    found = []
    for number in range(asked.regions):
        region = await _put(store, number, asked.students // asked.regions)
        found.append(region)
    await database.close()
    return found


async def _put(store: SqlStore, number: int, students: int) -> Region:
    made = invent(Wanted(students=students, seed=number + 1, region=f"NL-B{number:02}", mark=f"{number:02}-"))
    region, held = made.region, sorted(made.planted.placements, key=lambda one: one.student)
    placed = {one.student: one for at, one in enumerate(held) if at % LEFT_OUT}
    facts = list(facts_of(region))
    model = assemble(fold(RegionFacts(region.id), facts), tuple(placed.values()))
    assert model is not None
    left = {one: Unplaced(one, Reason.OUTWEIGHED) for one in sorted(region.students.keys() - placed.keys())}
    plan = Plan(region.id, region.today, tuple(placed.values()))
    certificate = certified(model, plan, 0.0, 0).certificate
    assert certificate is not None
    outcome = Outcome(placed, left)
    changed = [ChangedPlace(_place(model, one, placed.get(one.id)), ()) for one in model.students.values()]
    stream = Partition("student.registrations", number)
    new = NewPlan(
        region.id, 1, region.today, Planned(outcome, certificate, len(left), 0.0), changed, covers={stream: 1}
    )
    snapshot = Snapshot(region.id, region.today, capacity(model))
    await store.commit(Commit({}, {stream: 1}, facts, (), [new], [snapshot]), datetime.now(UTC))
    return model


def _place(region: Region, one: Student, held: Placement | None) -> Place:
    known = (one.id, one.institute, one.subject, 1)
    if held is None:
        why = Unplaced(one.id, Reason.OUTWEIGHED)
        return Place(*known, PlaceStatus.UNPLACED, region.today, unplaced=why)
    site = region.workplaces[held.workplace].site
    return Place(*known, PlaceStatus.PLACED, region.today, placement=held, site=site)


def facts_of(region: Region) -> Iterator[Fact]:
    """A region as it was told."""
    document = {"periods": plain(tuple(region.periods.values())), "settings": plain(region.settings)}
    yield Fact(region.id, f"region/{region.id}", 1, document)
    yield Fact(region.id, f"day/{region.id}", 1, {"day": region.today.isoformat()})
    for kind, things in (
        ("site", region.sites),
        ("workplace", region.workplaces),
        ("supervisor", region.supervisors),
        ("student", region.students),
    ):
        for key, one in things.items():
            yield Fact(RegionId(region.id), f"{kind}/{key}", 1, plain(one))
