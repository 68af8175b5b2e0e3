"""What cannot be planned for is put aside alone, and holds up nothing of what came with it or comes after it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.matcher.adapters import planning
from services.matcher.adapters.own_process import OwnProcess
from services.matcher.adapters.solver.engine import adopting
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.adapters.solver.engine.judge import judge
from services.matcher.domain.changes import Change
from services.matcher.domain.checker import Violation
from services.matcher.domain.ids import StudentId
from services.matcher.domain.region import Region
from services.matcher.handlers.matcher import Matcher
from services.matcher.handlers.replaying import Cut, Replay
from services.matcher.ports import Base, Held, NoAllowedPlan, Planned, Step
from shared.messaging.inbox import Inbox
from shared.messaging.record import Partition, Record
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.planning import MemoryStore
from tests.support.regions import student
from tests.support.running_matcher import BEFORE_STUDENTS, HERE, PARTITIONS, S1, S2, SCHOOL, Running

S3 = StudentId("s3")
REFUSED = [Violation("test", "refused by the test", ())]


@pytest.fixture
def running() -> Running:
    return Running()


class Stubborn(OwnProcess):
    """Finds no plan for whatever is about one student."""

    async def plan(self, step: Step, base: Base) -> Planned:
        if isinstance(step.work, Change) and S2 in step.work.students:
            raise NoAllowedPlan("refused by the test")
        return await super().plan(step, base)


async def refuses_s2(asked: Step | int) -> None:
    if isinstance(asked, Step) and isinstance(asked.work, Change) and S2 in asked.work.students:
        raise NoAllowedPlan("refused by the test")


async def test_of_a_batch_that_cannot_be_planned_one_event_is_parked_and_the_others_are_answered(
    running: Running,
) -> None:
    await running.take(*BEFORE_STUDENTS)
    running.planner.before = refuses_s2
    records = running.log.records(told.student_event(student(number)) for number in (1, 2, 3))
    with capture_logs() as logs:
        await running.matcher.handle_batch(records)
    ((parked, reason),) = running.store.parked
    assert parked == records[1]
    assert reason == "no plan is allowed with it: refused by the test"
    assert set(running.state().places) == {S1, S3}
    assert running.store.offsets[records[0].partition] == records[-1].offset + 1
    assert running.matcher.memory.positions == running.store.offsets
    assert [one["log_level"] for one in logs if one["event"] == "no plan is allowed with an event"] == ["error"]
    await running.agrees()


async def test_the_next_event_about_it_is_answered_once_it_can_be(running: Running) -> None:
    await running.take(*BEFORE_STUDENTS)
    running.planner.before = refuses_s2
    await running.take(told.student_event(student(2)))
    running.planner.before = None
    await running.take(told.student_event(student(2), 2))
    assert set(running.state().places) == {S2}
    assert len(running.store.parked) == 1
    await running.agrees()


async def test_whoever_is_erased_is_erased_even_where_no_plan_is_allowed_with_that(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    running.planner.before = refuses_s2
    await running.matcher.handle_batch([running.log.raw(told.TOPICS[2], b"student/s2", None)])
    running.planner.before = None
    assert running.store.parked == []
    assert S2 not in running.state().facts.students
    assert S2 not in running.state().places
    assert [one.student for one in running.store.erased] == [S2]
    await running.take(told.withdrawal("s1"))
    await running.agrees()


async def test_poison_beside_it_is_parked_with_its_own_reason(running: Running) -> None:
    await running.take(*BEFORE_STUDENTS)
    running.planner.before = refuses_s2
    poison = running.log.raw(told.TOPICS[2], b"student/s9", b"{")
    await running.matcher.handle_batch([poison, *running.log.records([told.student_event(student(2))])])
    assert [reason.partition(":")[0] for _, reason in running.store.parked] == [
        "missing CloudEvents headers",
        "no plan is allowed with it",
    ]


def judged(monkeypatch: pytest.MonkeyPatch, refusals: int, *, without: StudentId) -> None:
    """The checker refuses so often whatever it is shown of a region without this student, and then judges."""
    left = iter(range(refusals))

    def refuses(of: Region, *more: Any) -> list[Violation]:
        return judge(of, *more) if without in of.students or next(left, None) is None else REFUSED

    monkeypatch.setattr(adopting, "judge", refuses)


async def test_what_is_refused_is_planned_once_more_from_the_state_as_it_is_known(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.take(*told.events_of(SCHOOL))
    judged(monkeypatch, 2, without=S1)
    await running.take(told.withdrawal("s1"))
    assert running.store.parked == []
    assert S1 not in running.state().held()
    await running.agrees()


async def test_what_is_refused_again_is_parked_and_no_plan_is_published(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.take(*told.events_of(SCHOOL))
    before, plans = running.state(), len(running.store.plans[HERE])
    with monkeypatch.context() as broken:
        judged(broken, 1_000, without=S1)
        await running.take(told.withdrawal("s1"))
    assert len(running.store.parked) == 1
    assert (running.state(), len(running.store.plans[HERE])) == (before, plans)
    await running.take(told.withdrawal("s2"))
    await running.agrees()


async def test_a_bug_that_one_event_brings_out_holds_up_no_other(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.take(*told.events_of(SCHOOL))
    apply = Engine.apply

    def breaks(engine: Engine, change: Change, **of: object) -> object:
        if S1 in change.students:
            raise KeyError(S1)
        return apply(engine, change, **of)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "apply", breaks)
    await running.take(told.withdrawal("s1"), told.withdrawal("s2"))
    ((_, reason),) = running.store.parked
    assert reason.startswith("no plan is allowed with it: planning for NL-R07 failed: KeyError at test_unplannable.py:")
    assert set(running.state().facts.students) == {S1, S3}
    await running.agrees()


@pytest.mark.parametrize("refuse", [lambda asked: isinstance(asked, Step), lambda asked: isinstance(asked, int)])
async def test_an_improvement_that_is_refused_is_dropped_and_the_looking_rests(
    running: Running, refuse: Callable[[Step | int], bool]
) -> None:
    await running.take(*told.events_of(SCHOOL))

    async def refuses(asked: Step | int) -> None:
        if refuse(asked):
            raise NoAllowedPlan("refused by the test")

    running.planner.before = refuses
    looking = asyncio.ensure_future(running.matcher.improve())
    try:
        await eventually(lambda: running.matcher._done or looking.done(), what="rest")
        assert not looking.done()
        running.planner.before = None
        await running.take(told.withdrawal("s1"))
    finally:
        looking.cancel()
        await asyncio.wait([looking])
    await running.agrees()


async def test_a_region_for_which_planning_cannot_begin_keeps_nobody_else_waiting(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.take(*told.events_of(SCHOOL))

    def fails(held: Held) -> Engine:
        raise KeyError(held.region.id)

    running.begin()
    preparing = asyncio.ensure_future(running.matcher.prepare(lambda _region: told.PARTITION))
    try:
        with monkeypatch.context() as broken, capture_logs() as logs:
            broken.setattr(planning, "_engine_of", fails)
            running.planner._answering.only(())
            await running.matcher.resume(PARTITIONS)
            await eventually(lambda: [one for one in logs if "get ready" in one["event"]], what="a line in the log")
            await running.take(told.withdrawal("s1"))
        assert not preparing.done()
    finally:
        preparing.cancel()
    assert running.store.parked == []
    assert S1 not in running.state().facts.students
    await running.take(told.withdrawal("s2"))
    assert set(running.state().held()) == {S3}
    await running.agrees()


async def test_a_replay_puts_the_same_aside_and_makes_the_same_plans() -> None:
    store, again, log = MemoryStore(), MemoryStore(), told.Log()
    lived = Matcher(store, Stubborn(), Inbox("test"), lambda: None)
    batches = [
        log.records(BEFORE_STUDENTS),
        log.records(told.student_event(student(number)) for number in (1, 2, 3)),
        log.records([told.student_event(student(2), 2), told.withdrawal("s1"), told.student_event(student(4))]),
    ]
    for batch in batches:
        await lived.handle_batch(batch)
    assert len(store.parked) == 2
    by_partition: dict[Partition, list[Record]] = defaultdict(list)
    for record in (one for batch in batches for one in batch):
        by_partition[record.partition].append(record)
    planner = OwnProcess()
    replay = Replay(Matcher(again, planner, Inbox("test"), lambda: None), planner, HERE, by_partition, store.aside)
    await replay.run([Cut(one.version, one.covers, one.effort) for one in store.plans[HERE]])
    assert again.published == store.published
    assert again.facts == store.facts
    assert again.places == store.places
