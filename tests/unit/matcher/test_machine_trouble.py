"""What the machine does wrong parks no event: it waits, and only what is proven to be an event's own fault is put aside."""

import asyncio
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.matcher.adapters import planning
from services.matcher.adapters.metrics import Measuring
from services.matcher.adapters.own_process import OwnProcess
from services.matcher.adapters.planning import Desk
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.domain.changes import Change
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.handlers import blaming, matcher
from services.matcher.handlers.matcher import Matcher
from services.matcher.handlers.replaying import Cut, Replay
from services.matcher.ports import Base, CannotPlanNow, Effort, Held, NewPlan, NoAllowedPlan, Planned, Step
from shared.messaging.inbox import Inbox
from shared.messaging.record import Partition, Record
from shared.messaging.retry import Backoff
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.planning import DirectPlanner, MemoryStore
from tests.support.regions import student, supervisor
from tests.support.running_matcher import BEFORE_STUDENTS, HERE, PARTITIONS, S1, S2, SCHOOL, Running

S3 = StudentId("s3")


class Failing(DirectPlanner):
    """The machine fails so often: `events` of those that are planned for, `regions` of those that are tried out."""

    def __init__(self) -> None:
        super().__init__()
        self.events, self.regions, self.deadly, self.tried_out = 0, 0, "", 0

    async def plan(self, step: Step, base: Base) -> Planned:
        if isinstance(step.work, Change) and (self.events or self.deadly in step.work.students):
            self.events = max(0, self.events - 1)
            raise CannotPlanNow("two processes died")
        return await super().plan(step, base)

    async def try_out(self, region: RegionId, stamp: int, base: Base) -> None:
        self.tried_out += 1
        if self.regions:
            self.regions -= 1
            raise CannotPlanNow("a process died")
        await super().try_out(region, stamp, base)


class Hasty(Backoff):
    """Pauses without waiting, and counts."""

    pauses = 0

    async def pause(self) -> None:
        Hasty.pauses += 1
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blaming, "Backoff", Hasty)
    monkeypatch.setattr(matcher, "CATCH_UP_S", 0.0)
    Hasty.pauses = 0


@pytest.fixture
def planner() -> Failing:
    return Failing()


@pytest.fixture
def running(planner: Failing) -> Running:
    made = Running()
    made.planner = planner
    made.matcher = Matcher(made.store, planner, Inbox("test"), lambda: None, Measuring())
    return made


async def test_an_event_waits_for_a_machine_that_fails_and_is_answered_then(running: Running, planner: Failing) -> None:
    await running.take(*BEFORE_STUDENTS)
    planner.events, planner.regions = 20, 18
    before = REGISTRY.get_sample_value("leerplek_matcher_waits_for_machine_total") or 0.0
    with capture_logs() as logs:
        await running.take(told.student_event(student(1)), told.student_event(student(2)))
    assert running.store.parked == []
    assert set(running.state().places) == {S1, S2}
    assert Hasty.pauses == 19, "as often as it failed, but for the batch that came before and the last of it"
    assert REGISTRY.get_sample_value("leerplek_matcher_waits_for_machine_total") == before + Hasty.pauses
    waits = [one for one in logs if one["event"] == "an event waits for the machine"]
    assert {one["log_level"] for one in waits} == {"warning"}
    assert "s1" not in str(waits)
    await running.agrees()


async def test_what_kills_again_and_again_while_all_else_goes_well_is_parked_alone(
    running: Running, planner: Failing
) -> None:
    await running.take(*BEFORE_STUDENTS)
    planner.deadly = S2
    records = running.log.records(told.student_event(student(number)) for number in (1, 2, 3))
    await running.matcher.handle_batch(records)
    ((parked, reason),) = running.store.parked
    assert parked == records[1]
    assert reason == "no plan is allowed with it: two processes died"
    assert (planner.tried_out, Hasty.pauses) == (blaming.DEATHS, blaming.DEATHS - 1)
    assert set(running.state().places) == {S1, S3}
    planner.deadly = ""
    await running.take(told.student_event(student(2), 2))
    await running.agrees()
    await check_replayed(running)


async def test_of_deaths_of_a_machine_that_is_not_well_none_counts(running: Running, planner: Failing) -> None:
    await running.take(*BEFORE_STUDENTS)
    planner.deadly, planner.regions = S1, 3 * blaming.DEATHS
    await running.take(told.student_event(student(1)))
    assert len(running.store.parked) == 1
    assert planner.tried_out == 4 * blaming.DEATHS


async def test_the_first_plan_of_a_region_waits_since_nothing_says_that_all_else_goes_well(
    running: Running, planner: Failing
) -> None:
    planner.events = 4 * blaming.DEATHS
    await running.take(*told.events_of(SCHOOL))
    assert running.store.parked == []
    assert len(running.state().places) == 3
    await running.agrees()


@pytest.mark.parametrize("lack", [MemoryError(), OSError("no space left")])
def test_a_lack_of_memory_is_no_fault_of_what_was_asked(monkeypatch: pytest.MonkeyPatch, lack: Exception) -> None:
    def lacks(_engine: Engine, _change: Change) -> None:
        raise lack

    desk = Desk()
    desk.begin(SCHOOL.id, 1, Held(SCHOOL))
    monkeypatch.setattr(Engine, "apply", lacks)
    with pytest.raises(CannotPlanNow, match=r"planning for .* failed"):
        desk.take(Step(SCHOOL.id, 1, 2, Change(students={S1: None})))
    assert not desk.knows(SCHOOL.id, 1)


def fails(held: Held) -> Engine:
    raise KeyError(held.region.id)


async def unplannable(running: Running, monkeypatch: pytest.MonkeyPatch, *events: object) -> None:
    """These events come while planning cannot even begin for their region."""
    with monkeypatch.context() as broken:
        broken.setattr(planning, "_engine_of", fails)
        broken.setattr(Engine, "begin", lambda _engine: fails(Held(SCHOOL)))
        running.planner._answering.only(())
        await running.take(*events)


async def test_where_a_region_cannot_be_planned_for_its_events_are_kept_and_answered_once_it_can(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.take(*BEFORE_STUDENTS, told.student_event(student(1)), told.student_event(student(2)))
    plans = len(running.store.plans[HERE])
    await unplannable(running, monkeypatch, told.withdrawal("s1"), told.student_event(student(3)))
    assert running.store.parked == []
    assert set(running.state().facts.students) == {S2, S3}
    assert (running.state().is_behind, len(running.store.plans[HERE])) == (True, plans)
    assert REGISTRY.get_sample_value("leerplek_matcher_plan_behind", {"region": HERE}) == 1
    assert running.matcher._to_improve(HERE) is None, "nothing is improved in a plan that is owed"
    await running.restart()
    await running.take(told.supervisor_event(replace(supervisor("v1"), qh={}), 2))
    assert not running.state().is_behind
    assert {one: place.status.value for one, place in running.state().places.items()} == {
        S1: "withdrawn",
        S2: "unplaced",
        S3: "unplaced",
    }
    await running.agrees()
    await check_replayed(running)


async def test_a_plan_that_is_owed_is_made_also_where_no_event_comes(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await running.take(*BEFORE_STUDENTS, told.student_event(student(1)))
    await unplannable(running, monkeypatch, told.student_event(student(2)))
    catching_up = asyncio.ensure_future(running.matcher.catch_up())
    try:
        await eventually(lambda: not running.state().is_behind, what="the plan that is owed")
    finally:
        catching_up.cancel()
    assert set(running.state().places) == {S1, S2}
    assert running.store.plans[HERE][-1].effort is Effort.REBUILD
    assert REGISTRY.get_sample_value("leerplek_matcher_plan_behind", {"region": HERE}) == 0
    await running.agrees()
    await check_replayed(running)


async def test_whoever_is_erased_where_no_plan_is_allowed_with_that_leaves_a_plan_that_is_owed(
    running: Running,
) -> None:
    await running.take(*told.events_of(SCHOOL))

    async def refuses(step: object) -> None:
        if isinstance(step, Step) and isinstance(step.work, Change) and S2 in step.work.students:
            raise NoAllowedPlan("refused by the test")

    running.planner.before = refuses
    await running.matcher.handle_batch([running.log.raw(told.TOPICS[2], b"student/s2", None)])
    running.planner.before = None
    assert running.state().is_behind
    await running.take(told.withdrawal("s1"))
    assert not running.state().is_behind
    await running.agrees()
    await check_replayed(running)


async def check_replayed(running: Running) -> None:
    """The same plans are made again, whatever the machine did then."""
    log: dict[Partition, list[Record]] = {one: [] for one in PARTITIONS}
    for record in running.log.all:
        log[record.partition].append(record)
    store, planner = MemoryStore(), OwnProcess()
    replay = Replay(Matcher(store, planner, Inbox("test"), lambda: None), planner, HERE, log, running.store.aside)
    await replay.run([cut_of(one) for one in running.store.plans[HERE]])
    assert [len(one.changes) for one in store.plans[HERE]] == [len(one.changes) for one in running.store.plans[HERE]]
    assert [one.model_dump_json() for one in store.published] == [
        one.model_dump_json() for one in running.store.published
    ]
    assert (store.places, store.facts) == (running.store.places, running.store.facts)


def cut_of(made: NewPlan) -> Cut:
    return Cut(made.version, made.covers, made.effort, is_looked_at=made.is_looked_at, looks_anew=made.looks_anew)
