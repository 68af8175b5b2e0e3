"""An event in a partition that is not its region's is parked: whoever reads that keeps another worker's region otherwise."""

from dataclasses import replace

import pytest

from services.matcher.handlers.matcher import Matcher
from shared.errors import Conflict
from shared.messaging.inbox import Inbox
from shared.messaging.record import Partition, Record
from shared.messaging.topics import partition_of
from tests.support import matcher as told
from tests.support.regions import student
from tests.support.running_matcher import BEFORE_STUDENTS, HERE, S1, S2, Running

COUNT = 6
HOME = partition_of(HERE, COUNT)
AWAY = (HOME + 1) % COUNT


@pytest.fixture
async def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(told, "PARTITION", HOME)
    made = Running()
    made.matcher = Matcher(made.store, made.planner, Inbox("test", COUNT), lambda: None)
    await made.take(*BEFORE_STUDENTS, told.student_event(student(1)))
    return made


def elsewhere(record: Record) -> Record:
    return replace(record, partition=Partition(record.partition.topic, AWAY), offset=0)


async def test_it_is_parked_and_neither_lost_nor_handled_twice(running: Running) -> None:
    before = running.state()
    event = told.student_event(student(2))
    stray = elsewhere(Running().log.record(event))
    await running.matcher.handle_batch([stray])
    ((parked, reason),) = running.store.parked
    assert (parked, reason) == (stray, f"the region {HERE} lies in partition {HOME}, not {AWAY}")
    assert running.state() == before
    assert running.store.offsets[stray.partition] == 1
    await running.take(event)
    assert set(running.state().places) == {S1, S2}
    await running.agrees()


async def test_erasing_from_there_is_parked_too(running: Running) -> None:
    stray = elsewhere(Running().log.raw(told.TOPICS[2], b"student/s1", None))
    await running.matcher.handle_batch([stray])
    named = replace(stray, headers={"ce_region": HERE.encode()})
    assert [record for record, _ in running.store.parked] == [named], "with where it belongs"
    assert S1 in running.state().places
    await running.agrees()


async def test_a_stranger_is_erased_wherever_that_is_told(running: Running) -> None:
    await running.matcher.handle_batch([elsewhere(Running().log.raw(told.TOPICS[2], b"student/s99", None))])
    assert running.store.parked == []


async def test_who_does_not_know_yet_that_a_region_has_moved_overwrites_nothing_of_it(running: Running) -> None:
    old = running.matcher
    running.begin()
    await running.matcher.resume([Partition(topic, HOME) for topic in told.TOPICS])
    await running.take(told.student_event(student(2)))
    kept, published = await running.store.load(HERE), len(running.store.published)
    with pytest.raises(Conflict, match="offset-moved"):
        await old.handle_batch([running.log.record(told.withdrawal("s1"))])
    with pytest.raises(Conflict, match="plan-replaced"):
        await old.plan_anew(HERE)
    assert (await running.store.load(HERE), len(running.store.published)) == (kept, published)
