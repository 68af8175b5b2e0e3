"""Beside the events plans are improved, and published only where that pays."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from services.matcher.domain.changes import Change, Suggestion
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.places import Outcome
from services.matcher.domain.plan import Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.handlers import matcher
from services.matcher.handlers.turns import Turn
from services.matcher.ports import Base, Effort, Held, Planned, Step
from shared.contracts import placements
from shared.errors import Conflict
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.planning import DirectPlanner
from tests.support.regions import student
from tests.support.running_matcher import HERE, S1, SCHOOL, Running

THERE = RegionId("NL-R08")


@pytest.fixture
def running() -> Running:
    return Running()


class Slow:
    """A look that waits until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, asked: Step | int) -> None:
        if isinstance(asked, int):
            self.begun.set()
            await self.go.wait()


class Lazy(DirectPlanner):
    """Gives newcomers no place, so that there is something to improve."""

    async def plan(self, step: Step, base: Base) -> Planned:
        if not isinstance(step.work, Change) or step.work.whole is not None:
            return await super().plan(step, base)
        self.steps.append(step)
        if not self._answering.can_take(step):
            self._answering.begin(step.region, step.after, base())
        engine = self._answering._kept[step.region].engine
        engine.apply(step.work)
        for one in [one for one in step.work.students if engine.placement(one) is not None]:
            kept = replace(engine.region, placements=tuple(x for x in engine.region.placements if x.student != one))
            self._answering.begin(step.region, step.after, Held(kept))
            engine = self._answering._kept[step.region].engine
        self._answering._kept[step.region].stamp = step.stamp
        left = {StudentId(one): Unplaced(one, Reason.OUTWEIGHED) for one in engine.without_place}
        return Planned(Outcome({}, left), engine.certificate, len(left), 0.0)


@pytest.fixture
def lazy(running: Running) -> Running:
    running.planner = Lazy()
    running.begin()
    return running


@asynccontextmanager
async def improving(running: Running) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.ensure_future(running.matcher.improve())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def taken(running: Running) -> None:
    """The school is told of first, its students in a batch of their own."""
    await running.take(*told.events_before_students(SCHOOL))
    await running.take(*(told.student_event(one) for one in SCHOOL.students.values()))


def is_at_rest(running: Running, of: RegionId = HERE) -> bool:
    seen = running.matcher.memory.seen(of)
    return seen is not None and running.matcher._done.get(of) == seen.stamp


async def test_the_plan_is_improved_until_nothing_is_left_to_look_for(lazy: Running) -> None:
    await taken(lazy)
    assert all(isinstance(one, placements.StudentUnplaced) for one in lazy.store.published)
    elsewhere = replace(SCHOOL, id=THERE, students={}, sites={}, workplaces={}, supervisors={})
    async with improving(lazy):
        await eventually(lambda: is_at_rest(lazy), what="a plan that cannot be improved")
        await lazy.take(*told.events_of(elsewhere))
        await eventually(lambda: is_at_rest(lazy, THERE), what="a look at the other region")
    plans = lazy.store.plans[HERE]
    assert {one.effort for one in plans[2:]} == {Effort.IMPROVE}
    assert len(lazy.state().held()) == 2
    certificate = lazy.state().certificate
    assert certificate is not None
    assert certificate.bound == certificate.value > 0
    await lazy.agrees()


async def test_an_improvement_tells_how_it_was_found(lazy: Running) -> None:
    await taken(lazy)
    async with improving(lazy):
        await eventually(lambda: is_at_rest(lazy), what="a plan that cannot be improved")
    found = next(one for one in lazy.store.plans[HERE] if one.effort is Effort.IMPROVE and one.changes)
    assert found.seen_version == 2
    assert found.turn is not None
    assert found.covers == lazy.store.offsets


async def test_what_is_found_for_an_older_state_is_adopted_as_far_as_it_still_fits(lazy: Running) -> None:
    slow = Slow()
    lazy.planner.before = slow
    await taken(lazy)
    async with improving(lazy):
        await eventually(slow.begun.is_set, what="a look under way")
        await lazy.take(told.withdrawal("s1"))
        slow.go.set()
        await eventually(lambda: is_at_rest(lazy), what="a plan that cannot be improved")
    assert S1 not in lazy.state().held()
    assert len(lazy.state().held()) == 2
    await lazy.agrees()


async def test_a_bound_for_an_older_state_is_not_believed(running: Running) -> None:
    await taken(running)
    seen = running.matcher.memory.seen(HERE)
    assert seen is not None
    await running.take(told.withdrawal("s1"), told.withdrawal("s2"), told.withdrawal("s3"))
    turn = Turn()
    await running.matcher.memory.adopt(turn, Suggestion(bound=1e9, unplaced_bound=3), seen, 1)
    assert turn.plans == []


async def test_a_bound_is_believed_where_only_signals_were_told_meanwhile(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    seen = running.matcher.memory.seen(HERE)
    assert seen is not None
    assert seen.state.certificate is not None
    bound = float(seen.state.certificate.value)
    await running.matcher.look(HERE)
    assert running.store.plans[HERE][-1].effort is Effort.SIGNALS
    await running.matcher.adopt(Suggestion(bound=bound, unplaced_bound=0, proof_steps=3), seen, 1)
    certificate = running.state().certificate
    assert certificate is not None
    assert certificate.bound == bound > seen.state.certificate.bound
    await running.agrees()


async def test_the_looking_goes_on_while_events_arrive(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    async with improving(running):
        for number in range(4, 8):
            running.planner.looks.clear()
            await running.take(told.student_event(student(number)))
            await eventually(lambda: running.planner.looks, what="a look")
        await eventually(lambda: is_at_rest(running), what="rest")
    await running.agrees()


async def test_the_looking_waits_while_events_come_together_and_not_for_ever(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matcher, "QUIET_S", 3600.0)
    monkeypatch.setattr(matcher, "LONGEST_WAIT_S", 0.3)
    await running.take(*told.events_of(SCHOOL))
    begun = time.monotonic()
    async with improving(running):
        await eventually(lambda: running.planner.looks, what="a look")
    assert time.monotonic() - begun >= 0.3


async def test_an_improvement_is_fenced_off_when_another_worker_was_first(lazy: Running) -> None:
    await taken(lazy)
    lazy.store.plans[HERE].append(replace(lazy.store.plans[HERE][-1], version=3))
    async with improving(lazy) as task:
        await asyncio.wait([task], timeout=10)
        assert isinstance(task.exception(), Conflict)
    assert lazy.state().version == 2
