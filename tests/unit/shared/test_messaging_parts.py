"""The parts of messaging that need no broker: backoff, watchdog, the partition of a region, a relay whose producer fails."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest
from aiokafka.errors import KafkaError, KafkaTimeoutError
from sqlmodel import col, select

from shared.errors import TransientError
from shared.messaging import watchdog
from shared.messaging.relay import Relay
from shared.messaging.retry import Backoff, Wakeup, until_possible
from shared.messaging.topics import partition_of
from shared.messaging.watchdog import EXIT_STALLED, Progress, Watchdog
from shared.persistence.database import Database
from shared.persistence.tables import OutboxRow
from tests.support.databases import open_database
from tests.support.eventually import PATIENCE, eventually


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    made = Progress("intake consumer", clock)
    made.assigned = True
    return made


def test_a_consumer_with_nothing_to_do_never_stalls(progress: Progress, clock: Clock) -> None:
    clock.now += 10_000
    assert progress.stalled_for_s() == 0
    assert Watchdog([progress], 60).stalled() == []


def test_stalling_counts_from_the_moment_there_is_something_to_do(progress: Progress, clock: Clock) -> None:
    clock.now += 10_000
    progress.lag = 5
    clock.now += 29
    assert progress.stalled_for_s() == 29
    assert Watchdog([progress], 60).stalled() == []
    clock.now += 2
    assert Watchdog([progress], 60).stalled() == ["intake consumer stalls"]


def test_lag_that_grows_while_nothing_moves_does_not_hide_the_stall(progress: Progress, clock: Clock) -> None:
    progress.lag = 5
    for more in range(6, 40):
        clock.now += 1
        progress.lag = more
    assert progress.stalled_for_s() == 34


def test_whatever_moves_does_not_stall_however_much_lies_waiting(progress: Progress, clock: Clock) -> None:
    progress.lag = 50_000
    for _ in range(100):
        clock.now += 20
        progress.moved()
        progress.lag -= 200
    assert Watchdog([progress], 60).stalled() == []


def test_a_consumer_without_partitions_is_not_ready(progress: Progress) -> None:
    progress.assigned = False
    assert Watchdog([progress], 60).waiting() == ["intake consumer has no partitions yet"]


def test_a_consumer_for_which_no_partition_is_left_is_ready_and_says_so(progress: Progress) -> None:
    progress.assigned = progress.is_spare = True
    guard = Watchdog([progress], 60)
    assert guard.waiting() == []
    assert guard.spare() == ["intake consumer is spare: others read all partitions"]


async def test_while_kafka_is_away_standing_still_is_no_stall_and_afterwards_there_is_time_to_catch_up(
    progress: Progress, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "CHECK_EVERY_S", 0.001)
    ended: list[int] = []
    is_away = True
    guard = Watchdog([progress], 60, ended.append, is_excused=lambda: is_away)
    dog = asyncio.create_task(guard.run())
    try:
        progress.lag = 1
        clock.now += 3600
        await eventually(lambda: progress.stalled_for_s() == 0, every_s=0.002, what="an excuse")
        assert (ended, guard.stalled()) == ([], [])
        is_away = False
        clock.now += 61
        await eventually(lambda: bool(ended), every_s=0.002, what="the end")
    finally:
        dog.cancel()


async def test_the_watchdog_ends_the_process_of_a_consumer_that_stalls_and_of_no_other(
    progress: Progress, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "CHECK_EVERY_S", 0.001)
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    checks = 0

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    dog = asyncio.create_task(Watchdog([progress], 60, end).run())
    try:
        progress.lag = 1
        clock.now += 60
        while checks < 5:
            checks += 1
            await asyncio.sleep(0.002)
        assert not ended.done()
        clock.now += 1
        assert await asyncio.wait_for(ended, 5 * PATIENCE) == EXIT_STALLED
    finally:
        dog.cancel()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for, none of them waited for."""
    asked: list[float] = []

    async def pause(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr("shared.messaging.retry.asyncio.sleep", pause)
    return asked


async def test_pauses_double_up_to_the_cap_and_are_shortened_by_at_most_half(pauses: list[float]) -> None:
    backoff = Backoff(first_s=0.2, cap_s=10)
    for _ in range(40):
        await backoff.pause()
    longest = [min(10, 0.2 * 2**n) for n in range(40)]
    assert all(limit / 2 <= pause <= limit for pause, limit in zip(pauses, longest, strict=True))
    assert len(set(pauses[-20:])) > 1, "many waiters do not knock at once"


async def test_after_a_success_pauses_start_small_again(pauses: list[float]) -> None:
    backoff = Backoff()
    for _ in range(10):
        await backoff.pause()
    backoff.reset()
    await backoff.pause()
    assert pauses[-1] <= 0.2


async def test_what_is_away_is_tried_until_it_is_there_and_a_bug_is_not(pauses: list[float]) -> None:
    answers = [TransientError("away"), TransientError("still away")]

    async def attempt() -> str:
        if answers:
            raise answers.pop()
        return "there"

    assert await until_possible("database", attempt) == "there"
    assert len(pauses) == 2

    async def bug() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await until_possible("database", bug)


async def test_who_was_woken_before_waiting_does_not_wait_and_the_next_time_does() -> None:
    wakeup = Wakeup()
    wakeup.wake()
    async with asyncio.timeout(10 * PATIENCE):
        await wakeup.wait(60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await wakeup.wait(60)
    await wakeup.wait(0.01)


def test_a_region_keeps_its_partition_for_ever() -> None:
    """Fixed values: another answer after an upgrade would move regions and lose their order."""
    found = [partition_of(region, 6) for region in ("NL-R01", "NL-R02", "NL-R07", "NL-R25", "")]
    assert found == FIXED
    assert {partition_of(f"NL-R{n:02d}", 6) for n in range(1, 60)} == set(range(6))


FIXED = [1, 4, 2, 4, 3]


class ScriptedProducer:
    """A producer of which single sends fail, as its script says."""

    def __init__(self, fails: Callable[[bytes], bool]) -> None:
        self._fails = fails
        self.sent: list[bytes] = []

    async def partitions_for(self, topic: str) -> set[int]:
        return {0, 1}

    async def send(self, topic: str, *, key: bytes, **_: object) -> Awaitable[object]:
        self.sent.append(key)
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if self._fails(key):
            future.set_exception(KafkaTimeoutError())
        else:
            future.set_result(object())
        return future


async def test_of_a_batch_that_fails_in_part_only_what_was_acknowledged_in_order_is_marked(sqlite_url: str) -> None:
    """The third of partition 0 fails: what follows it there is sent again, partition 1 is not held up."""
    async with open_database(sqlite_url) as database:
        async with database.transaction() as tx:
            for n in range(10):
                now = datetime.now(UTC)
                tx.add(OutboxRow(topic="t", partition=n % 2, key=b"%d" % n, value=b"", headers={}, created_at=now))
        relay = Relay(database, "nowhere:1", idempotence=False)
        with pytest.raises(KafkaError):
            await relay._publish_batch(ScriptedProducer(lambda key: key == b"4"))
        assert await waiting(database) == [b"4", b"6", b"8"]
        again = ScriptedProducer(lambda key: False)
        assert await relay._publish_batch(again) == 3
        assert again.sent == [b"4", b"6", b"8"]
        assert await relay._publish_batch(again) == 0, "marks what was acknowledged"
        assert await waiting(database) == []


async def waiting(database: Database) -> Sequence[bytes | None]:
    async with database.reading() as tx:
        rows = select(OutboxRow.key).where(col(OutboxRow.published_at).is_(None)).order_by(col(OutboxRow.id))
        return list((await tx.exec(rows)).all())
