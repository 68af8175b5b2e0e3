"""What the consumer's thread hands on while partitions come and go."""

import asyncio
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from aiokafka.structs import TopicPartition
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from services.matcher.entrypoints.faust_driver import OwnOffsetsThread
from shared.messaging.shorter_logs import ShorterLogs

HERE = TopicPartition("student.registrations", 2)


class Ended(Exception):
    """The process would have ended here."""


@pytest.fixture(autouse=True)
def _is_told_of_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def end() -> NoReturn:
        raise Ended

    monkeypatch.setattr("services.matcher.entrypoints.faust_driver.end_at_once", end)


@pytest.fixture
def thread(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A consumer's thread on a broker whose log begins at 0 and never moves."""

    async def fetched(*_: Any) -> dict[TopicPartition, list[Any]]:
        return {HERE: [SimpleNamespace(offset=offset) for offset in made.at]}

    async def nothing(*_: Any) -> None: ...

    monkeypatch.setattr(AIOKafkaConsumerThread, "_fetch_records", fetched)
    monkeypatch.setattr(AIOKafkaConsumerThread, "on_partitions_revoked", nothing)
    made: Any = OwnOffsetsThread.__new__(OwnOffsetsThread)
    made.next_read, made._shorter = {}, ShorterLogs()
    made.at = range(3)
    consumer = SimpleNamespace(seek=lambda *_: None, assignment=set, highwater=lambda _: 3)
    made._ensure_consumer = lambda: consumer
    return made


def handed_on(thread: Any) -> list[tuple[int, int]]:
    """Offset, and the offset that it follows, of what a fetch hands on."""
    fetched = asyncio.run(thread._fetch_records())
    return [(record.offset, follows) for records in fetched.values() for record, follows in records]


def test_every_record_is_handed_on_with_the_position_that_it_follows(thread: Any) -> None:
    asyncio.run(thread._seek_exactly({HERE: 0}))
    assert handed_on(thread) == [(0, 0), (1, 1), (2, 2)]
    thread.at = [5, 7]
    assert handed_on(thread) == [(5, 3), (7, 6)]


def test_what_arrives_between_an_assignment_and_its_seek_is_read_again_after_it(thread: Any) -> None:
    asyncio.run(thread._seek_exactly({HERE: 0}))
    assert len(handed_on(thread)) == 3
    asyncio.run(thread.on_partitions_revoked({HERE}))
    assert handed_on(thread) == []  # assigned again: the group knows no offset, so the consumer began at 0
    asyncio.run(thread._seek_exactly({HERE: 1}))
    thread.at = [1, 2]
    assert handed_on(thread) == [(1, 1), (2, 2)]


def test_a_log_that_begins_again_ends_the_process(thread: Any) -> None:
    asyncio.run(thread._seek_exactly({HERE: 3}))
    with pytest.raises(Ended):
        handed_on(thread)
