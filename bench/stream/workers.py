"""Two matchers share regions and one of them is killed: how long until the other answers for all of them, and what is lost or doubled."""

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
from aiokafka import AIOKafkaProducer
from sqlmodel import col, select

from bench.stream.audit import doubled, not_as_told, state_of, told
from services.matcher.bootstrap import GROUP, READS, WRITES
from services.matcher.domain.documents import plain, region_from_document, region_to_document
from services.matcher.domain.inventing import Wanted, invent
from services.matcher.domain.region import Region, Student
from shared.child_process import HOST, free_port, on_leash
from shared.contracts import availability, registrations
from shared.contracts import region as regions
from shared.contracts.catalogue import STUDENT_REGISTRATIONS, event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.vocabulary import Contract
from shared.messaging.topics import TopicPlan, ensure_topics, partition_of
from shared.persistence.database import Database
from shared.persistence.tables import ConsumerOffset

PARTITIONS, SESSION_MS = 6, 6_000
READY_WITHIN_S, ANSWERED_WITHIN_S, POLL_S = 90.0, 120.0, 0.1
SITE = re.compile(r"\b(\d\d)[A-Z]([A-Z]\d\d)")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Shared:
    """How many regions and partitions there were, seconds until in each something new was answered after the kill, and what must be 0."""

    regions: int
    partitions: int
    events: int
    silent_s: float
    drained_s: float
    lost: int
    doubled: int


@dataclass(slots=True)
class _Worker:
    """A matcher as a process of its own, on the database of all."""

    name: str
    port: int
    process: asyncio.subprocess.Process

    async def is_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"http://{HOST}:{self.port}/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@dataclass(slots=True)
class _Log:
    """Writes events as intake and capacity do, and notes where each student's came to lie."""

    producer: AIOKafkaProducer
    sent: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def put(self, data: Contract) -> None:
        event = new_event("urn:nld:leerplek:bench", data, datetime.now(UTC))
        headers = [(name, text.encode()) for name, text in to_headers(event).items()]
        topic, number = event_type_of(data).topic, partition_of(event.region, PARTITIONS)
        value = data.model_dump_json().encode()
        done = await self.producer.send_and_wait(topic, value, event.subject.encode(), number, headers=headers)
        if topic == STUDENT_REGISTRATIONS:
            self.sent[f"{topic}/{number}"] = done.offset + 1


async def shared(bootstrap: str, database: str, folder: Path, asked: tuple[int, int, float, float]) -> Shared:
    """So many regions of so many students, so many events a second for so many seconds, and a kill at half time."""
    number, students, rate, seconds = asked
    made = [_invented(rank, students) for rank in range(number)]
    await ensure_topics(bootstrap, (*READS, *WRITES), TopicPlan(PARTITIONS, 1))
    async with _log(bootstrap) as log, httpx.AsyncClient(timeout=10, trust_env=False) as client:
        workers = [await _start(name, bootstrap, database, folder) for name in ("1", "2")]
        try:
            await _until(lambda: _all_ready(workers, client), READY_WITHIN_S, "both workers are ready")
            for data in (data for one in made for data in _events(one)):
                await log.put(data)
            await _until(lambda: _has_read(database, log), ANSWERED_WITHIN_S, "all regions are planned")
            sending = asyncio.create_task(_send(log, made, rate, seconds))
            await asyncio.sleep(seconds / 2)
            workers[0].process.send_signal(signal.SIGKILL)
            killed, reached = time.monotonic(), {where: end + 1 for where, end in log.sent.items()}
            await _until(lambda: _has_read(database, log, reached), ANSWERED_WITHIN_S, "the survivor answers")
            silent = time.monotonic() - killed
            await sending
            ended = time.monotonic()
            await _until(lambda: _has_read(database, log), ANSWERED_WITHIN_S, "everything is answered")
            drained = time.monotonic() - ended
        finally:
            for one in workers:
                if one.process.returncode is None:
                    one.process.kill()
                    await one.process.wait()
    return await _audited(bootstrap, database, made, (round(rate * seconds), silent, drained))


async def _audited(bootstrap: str, database: str, made: Sequence[Region], took: tuple[int, float, float]) -> Shared:
    lost = twice = 0
    for one in made:
        events, state = await told(bootstrap, one.id), await state_of(database, one.id)
        lost += not_as_told(events, state) + len(one.students.keys() - state.places.keys())
        twice += doubled(events)
    partitions = len({partition_of(one.id, PARTITIONS) for one in made})
    return Shared(len(made), partitions, *took, lost, twice)


def _invented(rank: int, students: int) -> Region:
    """Regions whose ids, and those of all in them, are their own: no school is in two of them."""
    made = invent(Wanted(students, seed=1 + rank, region=f"NL-TWEE-{rank}", mark=f"{rank:02}-")).region
    own = chr(ord("A") + rank)
    document = json.dumps(region_to_document(replace(made, placements=())))
    renamed = region_from_document(json.loads(SITE.sub(rf"\g<1>{own}\g<2>", document)))
    assert len(renamed.sites) == len(made.sites)
    return renamed


def _events(of: Region) -> Iterator[Contract]:
    about = {"region": of.id, "sequence": 1}
    periods, settings = plain(tuple(of.periods.values())), _slugs(plain(of.settings))
    yield regions.RegionChanged.model_validate({**about, "name": of.id, "periods": periods, "settings": settings})
    yield regions.DayStarted.model_validate({**about, "day": of.today})
    for site in of.sites.values():
        yield availability.SiteChanged.model_validate({**about, "site": plain(site)})
    for place in of.workplaces.values():
        yield availability.WorkplaceChanged.model_validate({**about, "workplace": _slugs(plain(place))})
    for person in of.supervisors.values():
        yield availability.SupervisorRegistered.model_validate({**about, "supervisor": _slugs(plain(person))})
    for student in of.students.values():
        yield _registered(of, student)


def _registered(of: Region, student: Student, sequence: int = 1) -> registrations.StudentRegistered:
    needs = {"region": of.id, "sequence": sequence, "student": _slugs(plain(student))}
    return registrations.StudentRegistered.model_validate(needs)


def _slugs(document: object) -> object:
    """Subjects as they are written in events."""
    if isinstance(document, dict):
        return {key: _slugs(one) for key, one in document.items()}
    if isinstance(document, list):
        return [_slugs(one) for one in document]
    return document.replace(" ", "-") if isinstance(document, str) else document


async def _send(log: _Log, made: Sequence[Region], rate: float, seconds: float) -> None:
    """Students who move house, in one region after another."""
    began = time.monotonic()
    for rank in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, began + rank / rate - time.monotonic()))
        of = made[rank % len(made)]
        student = of.students[sorted(of.students)[rank // len(made) % len(of.students)]]
        moved = replace(student, lat=round(student.lat + 0.01 * (1 + rank % 7), 4))
        await log.put(_registered(of, moved, 2 + rank))


async def _start(name: str, bootstrap: str, database: str, folder: Path) -> _Worker:
    port = free_port()
    settings = {
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP": bootstrap,
        "HTTP_PORT": str(port),
        "WORKER_INSTANCE": name,
        "SESSION_TIMEOUT_MS": str(SESSION_MS),
        "PARTITIONS": str(PARTITIONS),
    }
    environment = {**os.environ, **{f"LEERPLEK_MATCHER_{key}": value for key, value in settings.items()}}
    environment["PYTHONPATH"] = str(ROOT)
    command = on_leash([sys.executable, "-m", "services.matcher"])
    with (folder / f"worker-{name}.log").open("ab") as output:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=output, stderr=output)
    return _Worker(name, port, process)


@asynccontextmanager
async def _log(bootstrap: str) -> AsyncIterator[_Log]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        yield _Log(producer)
    finally:
        await producer.stop()


async def _all_ready(workers: Sequence[_Worker], client: httpx.AsyncClient) -> bool:
    return all([await one.is_ready(client) for one in workers])


async def _has_read(database: str, log: _Log, ends: dict[str, int] | None = None) -> bool:
    """Whether the database is as far as what was sent."""
    wanted = log.sent if ends is None else ends
    opened = Database(database)
    try:
        async with opened.reading() as tx:
            rows = (await tx.exec(select(ConsumerOffset).where(col(ConsumerOffset.consumer) == GROUP))).all()
    finally:
        await opened.close()
    at = {f"{one.topic}/{one.partition}": one.next_offset for one in rows}
    return all(at.get(where, 0) >= end for where, end in wanted.items())


async def _until(condition: Callable[[], Awaitable[bool]], within_s: float, what: str) -> None:
    began = time.monotonic()
    while not await condition():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"not within {within_s:.0f} s: {what}")
        await asyncio.sleep(POLL_S)
