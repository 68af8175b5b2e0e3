"""Work in processes of their own: done, refused, failed, given up, and never left behind."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.matcher.adapters.workroom.rooms import MOST_WAITING, Rooms
from services.matcher.bootstrap import MIGRATIONS
from services.matcher.domain.facts import Document
from services.matcher.domain.reading import RegionProblems
from services.matcher.ports.answering import Job, WorkFailed
from shared.errors import NotFound, TransientError
from shared.messaging.record import Partition
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from tests.integration.matcher.whole_matcher import children_of, invented
from tests.support.answers import publish
from tests.support.eventually import PATIENCE, eventually
from tests.support.regions import invented_region

REGION = invented_region(5, 30, 5, scarcity=1.6)
FAIRNESS = Job("fairness", {"region": REGION.id})
HARD = invented(invented_region(6, 160, 12, scarcity=2.0), "8")
"""So that a solve of it does not end by itself in a second."""
LONG = Job("scenario", {"region": HARD.id, "seconds": 60, "document": {"format": "leerplek/scenario/1"}}, solves=True)


@pytest.fixture
async def rooms(sqlite_url: str) -> AsyncIterator[Rooms]:
    database = Database(sqlite_url)
    await upgrade(database, MIGRATIONS)
    await publish(database, REGION)
    await publish(database, HARD, stream=Partition("student.registrations", 4))
    await database.close()
    opened = Rooms(sqlite_url, 1)
    yield opened
    opened.close()


def workers() -> set[int]:
    """The processes that this one started and that still live, apart from the one that keeps count of shared things."""
    found = set()
    for pid in children_of(os.getpid()):
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"spawn_main" in command.read_bytes():
            found.add(pid)
    return found


async def test_work_is_done_again_and_again_in_one_process(rooms: Rooms) -> None:
    first = await rooms.do(FAIRNESS)
    before = workers()
    assert (await asyncio.gather(*(rooms.do(FAIRNESS) for _ in range(5)))) == [first] * 5
    assert workers() == before
    assert len(before) == 1


async def test_what_the_work_refuses_is_told_and_the_process_goes_on(rooms: Rooms) -> None:
    await rooms.do(FAIRNESS)
    before = workers()
    with pytest.raises(NotFound, match="geen-plan"):
        await rooms.do(Job("fairness", {"region": "NL-NERGENS"}))
    with pytest.raises(RegionProblems) as wrong:
        await rooms.do(Job("scenario_check", {"region": REGION.id, "document": {"format": "x"}}))
    assert wrong.value.problems[0].path == "format"
    assert (await rooms.do(FAIRNESS))["version"] == 1
    assert workers() == before


async def test_a_bug_in_the_work_is_told_and_costs_its_process(rooms: Rooms) -> None:
    await rooms.do(FAIRNESS)
    before = workers()
    with pytest.raises(WorkFailed, match="KeyError"):
        await rooms.do(Job("fairness", {}))
    await eventually(lambda: not workers() & before, within_s=20, what="the end of the process")
    assert (await rooms.do(FAIRNESS))["version"] == 1


async def test_a_process_that_is_killed_costs_its_work_and_nothing_else(rooms: Rooms) -> None:
    await rooms.do(FAIRNESS)
    (pid,) = workers()
    told = asyncio.Event()
    solving = asyncio.create_task(rooms.do(LONG, lambda _: told.set()))
    await asyncio.wait_for(told.wait(), 60 * PATIENCE)
    os.kill((workers() - {pid}).pop(), signal.SIGKILL)
    with pytest.raises(WorkFailed, match="died"):
        await solving
    assert (await rooms.do(FAIRNESS))["version"] == 1


async def test_who_stops_waiting_ends_the_work_at_once_and_the_next_gets_the_turn(rooms: Rooms) -> None:
    told: list[Document] = []
    first = asyncio.create_task(rooms.do(LONG, told.append))
    await eventually(lambda: bool(told), within_s=60, what="a step")
    second = asyncio.create_task(rooms.do(Job("prices", {"region": REGION.id}, solves=True)))
    before = workers()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await asyncio.wait_for(second, 60 * PATIENCE))["version"] == 1
    assert not workers() & before


async def test_solving_never_keeps_a_quick_answer_waiting(rooms: Rooms) -> None:
    told: list[Document] = []
    solving = asyncio.create_task(rooms.do(LONG, told.append))
    await eventually(lambda: bool(told), within_s=60, what="a step")
    assert (await asyncio.wait_for(rooms.do(FAIRNESS), 30 * PATIENCE))["version"] == 1
    assert not solving.done()
    solving.cancel()
    await asyncio.wait({solving})


async def test_too_much_that_waits_is_refused(rooms: Rooms) -> None:
    told: list[Document] = []
    tasks = [asyncio.create_task(rooms.do(LONG, told.append))]
    await eventually(lambda: bool(told), within_s=60, what="a step")
    tasks += [asyncio.create_task(rooms.do(LONG)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TransientError):
        await rooms.do(LONG)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await eventually(lambda: not workers(), within_s=20, what="the end of the process")
