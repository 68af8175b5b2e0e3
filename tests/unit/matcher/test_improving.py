"""While nothing happens plans are improved, and published only where that pays."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from services.matcher.domain.checker import cost_parts
from services.matcher.domain.ids import RegionId
from services.matcher.domain.plan import Certificate, Plan, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.ports import Effort, Planned, Task
from shared.contracts import placements
from shared.errors import Conflict
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.matcher import DirectPlanner
from tests.support.regions import student
from tests.support.running_matcher import HERE, S1, SCHOOL, Running


@pytest.fixture
def running() -> Running:
    return Running()


class Slow:
    """An improvement that waits until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, task: Task) -> None:
        if task.effort is Effort.IMPROVE:
            self.begun.set()
            await self.go.wait()


class Lazy(DirectPlanner):
    """Repairs nothing, so that there is something to improve."""

    async def plan(self, task: Task) -> Planned:
        planned = await super().plan(task)
        if task.effort is Effort.IMPROVE:
            return planned
        left = tuple(Unplaced(one, Reason.OUTWEIGHED) for one in sorted(task.region.students))
        nobody = Plan(task.region.id, task.region.today, (), left)
        certificate = Certificate.of(cost_parts(task.region, nobody), 0, 0)
        return replace(planned, plan=replace(nobody, certificate=certificate))


@pytest.fixture
def lazy(running: Running) -> Running:
    running.planner = Lazy()
    running.begin()
    return running


@asynccontextmanager
async def improving(running: Running, idle_s: float = 0.01) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.ensure_future(running.matcher.improve_when_idle(idle_s))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def improvements(running: Running, of: str = told.REGION) -> int:
    asked = [task for task in running.planner.tasks if task.effort is Effort.IMPROVE]
    return sum(task.region.id == of for task in asked)


async def test_while_nothing_happens_the_plan_is_improved_and_published_once(lazy: Running) -> None:
    await lazy.take(*told.events_of(SCHOOL))
    assert all(isinstance(one, placements.StudentUnplaced) for one in lazy.store.published)
    elsewhere = replace(SCHOOL, id=RegionId("NL-R08"), students={}, sites={}, workplaces={}, supervisors={})
    async with improving(lazy):
        await eventually(lambda: improvements(lazy) == 2, what="an improvement, and one that finds nothing more")
        await lazy.take(*told.events_of(elsewhere))
        await eventually(lambda: improvements(lazy, "NL-R08") >= 1, what="a look at the other region")
    first, second = lazy.store.plans[HERE]
    assert (first.effort, second.effort) == (Effort.REPAIR, Effort.IMPROVE)
    assert improvements(lazy) == 2
    assert lazy.committed == 3
    await lazy.agrees()


async def test_a_plan_that_holds_is_published_again_when_more_is_proven_about_it_and_moves_nobody(
    running: Running,
) -> None:
    await running.take(*told.events_of(SCHOOL))
    state = running.state()
    assert state.certificate is not None
    unproven = replace(state.certificate, bound=0.0, gap=1.0)
    running.matcher._states[HERE] = replace(state, certificate=unproven)
    published = len(running.store.published)
    async with improving(running):
        await eventually(lambda: len(running.store.plans[HERE]) == 2, what="the proven bound")
    assert running.store.plans[HERE][-1].changes == []
    assert len(running.store.published) == published
    certificate = running.state().certificate
    assert certificate is not None
    assert certificate.bound > 0
    await running.agrees()


async def test_an_improvement_that_comes_after_an_event_is_dropped(lazy: Running) -> None:
    slow = Slow()
    lazy.planner.before = slow
    await lazy.take(*told.events_of(SCHOOL))
    async with improving(lazy):
        await eventually(slow.begun.is_set, what="an improvement under way")
        await lazy.take(told.withdrawal("s1"))
        kept = lazy.state()
        slow.begun.clear()
        slow.go.set()
        await eventually(lambda: lazy.state().version == 3, what="an improvement of what holds now")
    efforts = [plan.effort for plan in lazy.store.plans[HERE]]
    assert efforts == [Effort.REPAIR, Effort.REPAIR, Effort.IMPROVE]
    assert kept.version == 2
    assert S1 not in lazy.store.plans[HERE][-1].planned.plan.by_student()
    await lazy.agrees()


async def test_nothing_is_improved_while_events_arrive(lazy: Running) -> None:
    await lazy.take(*told.events_of(SCHOOL))
    idle_s = 0.1
    async with improving(lazy, idle_s):
        until = time.monotonic() + 4 * idle_s
        while time.monotonic() < until:
            await lazy.take(told.student_event(student(1)))
            await asyncio.sleep(0)
            assert improvements(lazy) == 0
        await eventually(lambda: improvements(lazy) > 0, what="an improvement once it is quiet")


async def test_an_improvement_is_fenced_off_when_another_worker_was_first(lazy: Running) -> None:
    await lazy.take(*told.events_of(SCHOOL))
    lazy.store.plans[HERE].append(replace(lazy.store.plans[HERE][-1], version=2))
    async with improving(lazy) as task:
        await asyncio.wait([task], timeout=10)
        assert isinstance(task.exception(), Conflict)
    assert lazy.state().version == 1
