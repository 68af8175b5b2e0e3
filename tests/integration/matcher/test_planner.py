"""Planning in processes: the same plan, no pause for the event loop, and no process that outlives its parent."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.matcher.adapters.planner import MOST_BEHIND, PoolPlanner
from services.matcher.adapters.planning import Desk
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.domain.changes import Change
from services.matcher.domain.region import Region
from services.matcher.ports import CannotPlanNow, Held, Step
from tests.support.eventually import eventually
from tests.support.planning import planned_anew
from tests.support.regions import invented_region


@pytest.fixture
async def planner() -> AsyncIterator[PoolPlanner]:
    made = PoolPlanner()
    await made.warm_up()
    yield made
    made.close()
    await eventually(lambda: not multiprocessing.active_children(), what="the end of its processes")


def whole(of: Region, stamp: int = 1) -> Step:
    return Step(of.id, 0, stamp, Change(whole=of))


def nothing() -> Held | None:
    return None


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux knows who works while nobody else wants to")
async def test_who_looks_works_only_while_nobody_else_wants_to(planner: PoolPlanner) -> None:
    policies = [
        os.sched_getscheduler(one) for room in (planner._answering, planner._improving) for one in room.pool._processes
    ]
    assert policies == [os.SCHED_OTHER, os.SCHED_IDLE]


async def test_its_processes_make_the_plan_that_is_made_here(planner: PoolPlanner) -> None:
    of = invented_region(7, 60, 6, scarcity=1.3)
    here = planned_anew(of)
    assert replace(await planner.plan(whole(of), nothing), seconds=0) == replace(here, seconds=0)


async def test_the_process_that_looks_follows_the_one_that_answers_and_is_told_the_state_only_when_it_must(
    planner: PoolPlanner,
) -> None:
    of, asked = invented_region(7, 60, 6, scarcity=1.3), []
    first = (await planner.plan(whole(of), nothing)).outcome
    held = replace(of, placements=tuple(first.placed[one] for one in sorted(first.placed)))

    def base() -> Held:
        asked.append(1)
        return Held(held)

    desk = Desk()
    desk.begin(of.id, 0, None)
    desk.take(whole(of))
    assert await planner.suggest(of.id, 1, 0, base) == desk.suggest(of.id, 0)
    gone = Step(of.id, 1, 2, Change(students={min(first.placed): None}))
    await planner.plan(gone, base)
    desk.take(gone)
    assert await planner.suggest(of.id, 2, 1, base) == desk.suggest(of.id, 1)
    assert asked == [], "both went along"
    await planner.suggest(of.id, 77, 2, base)
    assert asked == [1], "a state that nobody was led to is told"


async def test_who_looks_and_is_far_behind_is_told_the_state_and_no_more_is_kept_for_it_than_that_takes(
    planner: PoolPlanner,
) -> None:
    of, asked = invented_region(7, 60, 6, scarcity=1.3), []
    planned = await planner.plan(whole(of), nothing)
    held = dict(planned.outcome.placed)
    somebody = of.students[min(of.students)]
    for number in range(2 * MOST_BEHIND):
        moved = replace(somebody, lat=somebody.lat + number / 10_000)
        step = Step(of.id, 1 + number, 2 + number, Change(students={somebody.id: moved}))
        planned = await planner.plan(step, nothing)
        held = {one: place for one, place in held.items() if one not in planned.outcome.unplaced} | dict(
            planned.outcome.placed
        )
    assert len(planner._unheard[of.id]) == MOST_BEHIND + 1

    def base() -> Held:
        asked.append(1)
        students = {**of.students, somebody.id: moved}
        return Held(replace(of, students=students, placements=tuple(held[one] for one in sorted(held))))

    assert await planner.suggest(of.id, 1 + 2 * MOST_BEHIND, 0, base) is not None
    assert asked == [1]


async def test_what_could_not_be_kept_is_not_taken_for_what_was(planner: PoolPlanner) -> None:
    of = invented_region(7, 60, 6, scarcity=1.3)
    first = (await planner.plan(whole(of), nothing)).outcome
    held = Held(replace(of, placements=tuple(first.placed[one] for one in sorted(first.placed))))
    lost, kept = (Change(students={one: None}) for one in sorted(first.placed)[:2])
    await planner.plan(Step(of.id, 1, 2, lost), lambda: held)
    planned = await planner.plan(Step(of.id, 1, 3, kept), lambda: held)
    desk = Desk()
    desk.begin(of.id, 1, held)
    assert replace(planned, seconds=0) == replace(desk.take(Step(of.id, 1, 3, kept)), seconds=0)


async def test_the_event_loop_never_waits_while_300_students_are_planned(planner: PoolPlanner) -> None:
    await planner.plan(whole(invented_region(1, 30, 5)), nothing)  # its process has started
    busiest, longest = 0.0, 0.0

    async def tick() -> None:
        nonlocal busiest, longest
        busy, last = time.thread_time(), time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            busy_now, now = time.thread_time(), time.monotonic()
            busiest, longest = max(busiest, busy_now - busy), max(longest, now - last)
            busy, last = busy_now, now

    ticking = asyncio.ensure_future(tick())
    began = time.monotonic()
    await planner.plan(whole(invented_region(1, 300, 30)), nothing)
    ticking.cancel()
    assert busiest < 0.1  # of this thread: other work on the machine is not ours
    assert longest < (time.monotonic() - began) / 2


async def test_a_process_that_is_killed_is_replaced_and_told_the_state(planner: PoolPlanner) -> None:
    of = invented_region(1, 150, 15)
    planning = asyncio.ensure_future(planner.plan(whole(of), nothing))
    await asyncio.sleep(0)
    for child in multiprocessing.active_children():
        child.kill()
    here = planned_anew(of)
    assert replace(await planning, seconds=0) == replace(here, seconds=0)


async def test_what_two_processes_die_of_is_laid_to_the_machine_and_the_next_is_answered(planner: PoolPlanner) -> None:
    planning = asyncio.ensure_future(planner.plan(whole(invented_region(1, 150, 15)), nothing))

    def kill() -> bool:
        for child in multiprocessing.active_children():
            child.kill()
        return planning.done()

    await eventually(kill, what="the end of the second process", every_s=0.01)
    with pytest.raises(CannotPlanNow, match=r"two processes that plan for .* died"):
        await planning
    of = invented_region(7, 60, 6)
    assert (await planner.plan(whole(of), nothing)).outcome.placed


async def test_looking_that_two_processes_die_of_is_given_up_and_answering_goes_on(planner: PoolPlanner) -> None:
    of = invented_region(1, 150, 15)
    looking = asyncio.ensure_future(planner.suggest(of.id, 1, 0, lambda: Held(of)))

    def kill() -> bool:
        for child in multiprocessing.active_children():
            child.kill()
        return looking.done()

    await eventually(kill, what="the end of the second process", every_s=0.01)
    assert await looking is None
    assert (await planner.plan(whole(of), nothing)).outcome.placed
    assert await planner.suggest(of.id, 1, 0, lambda: Held(of)) is not None


async def test_who_is_told_which_regions_are_left_does_not_wait_for_a_turn_of_looking(planner: PoolPlanner) -> None:
    of = invented_region(1, 300, 30)
    looking = asyncio.ensure_future(planner.suggest(of.id, 1, 0, lambda: Held(of)))
    await asyncio.sleep(0)
    await planner.only({of.id})
    assert not looking.done()
    assert await looking is not None
    assert await planner.suggest(of.id, 1, 1, nothing) is not None, "it still knows the region"
    await planner.only(set())
    told: list[Held] = []

    def held_again() -> Held:
        told.append(Held(of))
        return told[-1]

    assert await planner.suggest(of.id, 1, 2, held_again) is not None
    assert len(told) == 1, "it had let go of the region before the next turn"


async def test_looking_at_a_region_that_was_left_ends_at_once(planner: PoolPlanner) -> None:
    of = invented_region(1, 300, 30)
    (looks,) = (planner._improving.pool._processes or {}).values()
    looking = asyncio.ensure_future(planner.suggest(of.id, 1, 0, lambda: Held(of)))
    await eventually(lambda: planner._improving.busy_for_s() > 0, every_s=0.001, what="somebody who looks")
    await planner.only(set())
    assert await looking is None
    await eventually(lambda: not looks.is_alive(), what="its end")
    await planner.only({of.id})
    assert await planner.suggest(of.id, 1, 1, lambda: Held(of)) is not None, "it came back"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells of processes that are not ours")
async def test_who_looks_and_hangs_is_ended_and_another_looks_instead(planner: PoolPlanner) -> None:
    of = invented_region(7, 60, 6, scarcity=1.3)
    await planner.plan(whole(of), nothing)
    before = set(multiprocessing.active_children())
    looking = asyncio.ensure_future(planner.suggest(of.id, 1, 0, lambda: Held(of)))
    await asyncio.wait({looking}, timeout=0.01)
    for child in before:
        os.kill(child.pid, signal.SIGSTOP)  # type: ignore[arg-type]
    try:
        planner.end_hanging()
        assert set(multiprocessing.active_children()) == before
        planner._hangs_after_s = 0.0
        await eventually(lambda: planner._improving.busy_for_s() > 0, what="somebody who looks")
        planner.end_hanging()
    finally:
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGCONT)  # type: ignore[arg-type]
    await looking
    assert planner.busy_for_s() == 0


async def test_who_is_kept_waiting_for_a_processor_does_not_hang(planner: PoolPlanner) -> None:
    room = planner._improving
    room._since.append((time.monotonic() - 100.0, room._kept_waiting_s() - 99.0))
    assert room.works_for_s() == pytest.approx(1.0, abs=0.5)
    assert room.busy_for_s() > 99
    planner._hangs_after_s = 1.0
    (before,) = (room.pool._processes or {}).values()
    planner.end_hanging()
    assert before.is_alive(), "it had hardly begun"
    room._since.clear()


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="only Linux counts who waits for a processor")
async def test_the_time_without_a_processor_is_what_the_machine_counts(planner: PoolPlanner) -> None:
    room = planner._improving
    here = await asyncio.get_running_loop().run_in_executor(room.pool, kept_waiting_s)
    assert room._kept_waiting_s() == pytest.approx(here, abs=1.0)
    assert here > 0


def kept_waiting_s() -> float:
    """Asked of the process itself."""
    return int(Path("/proc/self/schedstat").read_text(encoding="utf-8").split()[1]) / 1e9


async def test_a_process_without_memory_is_replaced_and_told_the_state(planner: PoolPlanner) -> None:
    of = invented_region(7, 60, 6, scarcity=1.3)
    (before,) = (planner._answering.pool._processes or {}).values()
    await asyncio.get_running_loop().run_in_executor(planner._answering.pool, lack_memory, 1)
    assert replace(await planner.plan(whole(of), nothing), seconds=0) == replace(planned_anew(of), seconds=0)
    await eventually(lambda: not before.is_alive(), what="the end of the process without memory")


async def test_a_region_is_tried_out_and_forgotten(planner: PoolPlanner) -> None:
    of, asked = invented_region(7, 60, 6, scarcity=1.3), []

    def base() -> Held:
        asked.append(1)
        return Held(of)

    await planner.try_out(of.id, 1, base)
    await planner.plan(Step(of.id, 1, 2, Change(students={min(of.students): None})), base)
    assert len(asked) == 2
    await asyncio.get_running_loop().run_in_executor(planner._answering.pool, lack_memory, 1)
    with pytest.raises(CannotPlanNow):
        await planner.try_out(of.id, 1, base)


def lack_memory(times: int) -> None:
    """The next plans of this process find no memory."""
    left, apply = iter(range(times)), Engine.apply

    def lacks(engine: Engine, *of: Any, **more: Any) -> Any:
        if next(left, None) is not None:
            raise MemoryError
        return apply(engine, *of, **more)

    for name in ("apply", "begin"):
        setattr(Engine, name, lacks)
