"""Regions of the partitions that were assigned are loaded and got ready at once, and those of others are forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.matcher.domain.ids import RegionId
from services.matcher.ports import Base
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.planning import DirectPlanner
from tests.support.regions import student
from tests.support.running_matcher import BEFORE_STUDENTS, HERE, PARTITIONS, Running

ELSEWHERE = RegionId("NL-R99")


class Noting(DirectPlanner):
    """Notes for what it was got ready, and when it had to be told a state."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[RegionId] = []
        self.ours: set[RegionId] = set()
        self.told: list[RegionId] = []

    async def begin(self, region: RegionId, stamp: int, base: Base) -> None:
        self.begun.append(region)
        await super().begin(region, stamp, base)

    async def only(self, regions: object) -> None:
        self.ours = set(regions)  # type: ignore[call-overload]
        await super().only(self.ours)

    async def plan(self, step, base):  # type: ignore[no-untyped-def]
        def asked():  # type: ignore[no-untyped-def]
            self.told.append(step.region)
            return base()

        return await super().plan(step, asked)


@asynccontextmanager
async def restarted(running: Running, *, is_mine: bool = True) -> AsyncIterator[Noting]:
    """Another process on the same store, until it says that it is prepared."""
    running.planner = planner = Noting()
    running.begin()
    preparing = asyncio.create_task(running.matcher.prepare(lambda _region: PARTITIONS[0].number if is_mine else 99))
    try:
        await running.matcher.resume(PARTITIONS)
        assert not running.matcher.is_prepared
        await eventually(lambda: running.matcher.is_prepared, what="all regions loaded")
        await eventually(lambda: planner.begun or not is_mine, what="planning ready")
        yield planner
    finally:
        preparing.cancel()


async def lived() -> Running:
    running = Running()
    await running.take(*BEFORE_STUDENTS, *(told.student_event(student(number)) for number in (1, 2)))
    return running


async def test_a_region_is_ready_before_its_first_event() -> None:
    running = await lived()
    async with restarted(running) as planner:
        assert (planner.begun, planner.ours) == ([HERE], {HERE})
        assert running.matcher.memory.regions[HERE] == await running.store.load(HERE)
        await running.take(told.student_event(student(3)))
        assert planner.told == []
        await running.agrees()


async def test_a_region_of_a_partition_of_somebody_else_is_not_loaded_and_forgotten() -> None:
    running = await lived()
    async with restarted(running, is_mine=False) as planner:
        assert (planner.begun, planner.ours) == ([], set())
        assert running.matcher.memory.regions == {}


async def test_after_a_rebalance_in_which_nobody_else_was_at_it_planning_goes_on_from_what_it_has() -> None:
    running = await lived()
    async with restarted(running) as planner:
        stamp = running.matcher.memory.seen(HERE).stamp  # type: ignore[union-attr]
        await running.matcher.resume(PARTITIONS)
        await eventually(lambda: running.matcher.is_prepared, what="all regions ready")
        assert running.matcher.memory.seen(HERE).stamp == stamp  # type: ignore[union-attr]
        await running.take(told.student_event(student(3)))
        assert planner.told == []


async def test_after_a_rebalance_in_which_another_was_at_it_planning_begins_from_what_the_database_has() -> None:
    running = await lived()
    async with restarted(running):
        ours = running.matcher
        running.begin()
        await running.matcher.resume(PARTITIONS)
        await running.take(told.student_event(student(3)))
        running.matcher = ours
        before = ours.memory.seen(HERE).stamp  # type: ignore[union-attr]
        await ours.resume(PARTITIONS)
        await eventually(lambda: ours.is_prepared, what="all regions ready")
        assert ours.memory.seen(HERE).stamp > before  # type: ignore[union-attr]
        await running.take(told.withdrawal("s1"))
        await running.agrees()


async def test_who_loses_the_last_partition_has_nothing_left_and_is_prepared() -> None:
    running = await lived()
    async with restarted(running) as planner:
        await running.matcher.resume([])
        assert running.matcher.memory.seen(HERE) is None
        await eventually(lambda: running.matcher.is_prepared, what="nothing to prepare")
        assert (running.matcher.memory.regions, planner.ours) == ({}, set())
