"""The whole matcher as a process to kill, a region that no other test has, and what was told of it."""

import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from services.matcher.adapters.store import SqlStore
from services.matcher.domain.assembling import assemble
from services.matcher.domain.checker import check, check_reasons
from services.matcher.domain.documents import region_from_document, region_to_document
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.ports import RegionState
from shared.child_process import free_port
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS, event_type_of
from shared.contracts.envelope import new_event, to_headers
from shared.contracts.signals import PlacementLost
from shared.contracts.vocabulary import Contract
from shared.errors import TransientError
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition
from shared.messaging.topics import TopicPlan, ensure_topics, partition_of
from shared.persistence.database import Database
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.service_process import ServiceProcess
from tests.support.topics import read_topic

PARTITIONS = 6


class WholeMatcher(ServiceProcess):
    """The matcher on one database."""

    def __init__(self, bootstrap: str, is_apache: bool, database_url: str, directory: Path) -> None:
        self.database_url = database_url
        self.metrics_port = free_port()
        settings = {
            "DATABASE_URL": database_url,
            "METRICS_PORT": str(self.metrics_port),
            "SESSION_TIMEOUT_MS": "10000" if is_apache else "2000",
            "PARTITIONS": str(PARTITIONS),
        }
        super().__init__("matcher", bootstrap, is_apache, settings, directory)

    def answers(self) -> "WholeAnswers":
        """The process that answers questions about its plans, not started."""
        return WholeAnswers(self.database_url, self.output.parent)

    async def metrics(self) -> list[str]:
        """The lines that it tells to whoever watches it."""
        async with httpx.AsyncClient(timeout=10) as client:
            return (await client.get(f"http://127.0.0.1:{self.metrics_port}/metrics")).text.splitlines()


class WholeAnswers(ServiceProcess):
    """What answers questions about plans, on the database of a matcher."""

    words = ("answers",)

    def __init__(self, database_url: str, directory: Path, **settings: str) -> None:
        super().__init__("matcher", "", True, {}, directory)
        self.output = directory / "answers.log"
        own = {"DATABASE_URL": database_url, "HTTP_PORT": str(self.port), **settings}
        self.environment |= {f"LEERPLEK_ANSWERS_{name}": value for name, value in own.items()}


@asynccontextmanager
async def state_of(database_url: str, region: str) -> AsyncIterator[SqlStore]:
    """The store that a matcher writes, to look into."""
    database = Database(database_url)
    try:
        yield SqlStore(database, Outbox("urn:test"), Inbox("leerplek-matcher"))
    finally:
        await database.close()


async def kept(matcher: WholeMatcher, region: Region) -> RegionState:
    """What the matcher has in its database of this region."""
    async with state_of(matcher.database_url, region.id) as store:
        return await store.load(region.id)


async def offsets(matcher: WholeMatcher, sent: Sequence[Partition]) -> dict[Partition, int]:
    """Where the matcher goes on reading."""
    async with state_of(matcher.database_url, "") as store:
        return dict(await store.next_offsets(frozenset(sent)))


def own_region(document: dict[str, Any], unique: str) -> Region:
    """The region of a file with names of its own: the log of the broker is everybody's."""
    number = int(unique, 16)
    letters = "".join(chr(ord("A") + number // 26**place % 26) for place in (0, 1))
    names = {one["id"]: f"{60 + number % 20}{letters}{index:02}" for index, one in enumerate(document["sites"])}
    for kind in ("workplaces", "supervisors", "students"):
        names.update({one["id"]: f"{one['id']}-{unique}" for one in document[kind]})

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(one) for key, one in value.items()}
        if isinstance(value, list):
            return [renamed(one) for one in value]
        return names.get(value, value) if isinstance(value, str) else value

    return region_from_document({**renamed(document), "region": f"NL-{unique.upper()}"})


def small_region(shared_regions: Path) -> dict[str, Any] | None:
    """The file of a small region with a proven optimum, where it is there."""
    path = shared_regions / "hours-40.json"
    return json.loads(path.read_text()) if path.exists() else None


def invented(of: Region, unique: str) -> Region:
    """An invented region with names of its own."""
    return own_region(region_to_document(of), unique)


async def make_topics(bootstrap: str) -> None:
    """The topics as services make them."""

    async def made() -> bool:
        try:
            await ensure_topics(bootstrap, (*told.TOPICS, PLACEMENTS, PLACEMENT_SIGNALS), TopicPlan(PARTITIONS, 1))
        except TransientError:  # the matcher is making them at this moment
            return False
        return True

    await eventually(made, within_s=30, what="the topics")


class Sender:
    """Sends events as intake and capacity do, and remembers the end of each partition it wrote to."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self.ends: dict[Partition, int] = {}

    async def send(self, events: Iterable[Contract]) -> None:
        """Sends events in order; returns when all are acknowledged."""
        made = [new_event("urn:nld:leerplek:test", data, datetime.now(UTC)) for data in events]
        for event in made:
            headers = {name: text.encode() for name, text in to_headers(event).items()}
            topic, value = event_type_of(event.data).topic, event.data.model_dump_json().encode()
            await self.raw(topic, event.region, (event.subject.encode(), value), headers)

    async def astray(self, data: Contract) -> None:
        """Sends an event to the partition after that of its region, as a program with another partitioner may."""
        event = new_event("urn:nld:leerplek:test", data, datetime.now(UTC))
        headers = {name: text.encode() for name, text in to_headers(event).items()}
        message = (event.subject.encode(), data.model_dump_json().encode())
        await self.raw(event_type_of(data).topic, event.region, message, headers, beside=1)

    async def raw(
        self,
        topic: str,
        region: str,
        message: tuple[bytes | None, bytes | None],
        headers: dict[str, bytes],
        beside: int = 0,
    ) -> Partition:
        """Sends any key and value to the partition of a region, or to one so far beside it."""
        key, value = message
        partition = (partition_of(region, PARTITIONS) + beside) % PARTITIONS
        done = await self.producer.send_and_wait(
            topic, value, key=key, partition=partition, headers=list(headers.items())
        )
        place = Partition(done.topic, done.partition)
        self.ends[place] = done.offset + 1
        return place


@asynccontextmanager
async def sending(bootstrap: str) -> AsyncIterator[Sender]:
    """A sender on a broker."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        yield Sender(producer)
    finally:
        await producer.stop()


async def has_caught_up(matcher: WholeMatcher, sender: Sender) -> bool:
    """Everything that was sent is applied."""
    if not await matcher.is_up():
        return False
    at = await offsets(matcher, list(sender.ends))
    return all(at.get(partition, 0) >= end for partition, end in sender.ends.items())


async def check_all(matcher: WholeMatcher, region: Region) -> RegionState:
    """What must always hold: the plan is allowed, and what was published folds to it, each version told once."""

    async def published() -> RegionState | None:
        state = await kept(matcher, region)  # again each time: an improvement may come in between
        return state if await _known(matcher.bootstrap, region) == told.known_of(state.places) else None

    state: RegionState = await matcher.until(published, "the places in the log")
    model = assemble(state.facts, state.placements(), state.had())
    assert model is not None
    unplaced = tuple(one.unplaced for one in state.places.values() if one.unplaced)
    plan = Plan(region.id, model.today, model.placements, unplaced)
    assert [*check(model, plan), *check_reasons(model, plan)] == []
    return state


async def _known(bootstrap: str, region: Region) -> dict[str, told.Known]:
    placements, signals = [await read_topic(bootstrap, topic, region.id) for topic in (PLACEMENTS, PLACEMENT_SIGNALS)]
    for topic in (placements, signals):
        assert all(len(ids) == 1 for ids in topic.ids_by_version().values())
        assert all(seen == list(range(1, len(seen) + 1)) for seen in topic.sequences().values())
    known = told.known_from([event.data for event in {event.id: event for event in placements.events}.values()])
    lost = [one.data for one in signals.events if isinstance(one.data, PlacementLost)]
    open_signals = {one.student: one.status == "raised" for one in lost}
    return {
        student: told.Known(one.status, one.placement, one.reason, one.site, open_signals.get(student, False))
        for student, one in known.items()
    }


def children_of(pid: int) -> list[int]:
    """The processes that this one started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def s(self) -> float:
        return time.monotonic() - self._began
