"""A batch is answered whole: facts, plan, parked records and offsets together, or nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.facts import assemble
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.plan import Certificate, Plan, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.handlers import Matcher
from services.matcher.ports import Effort, Planned, RegionState, Task
from shared.contracts import placements
from shared.contracts.placements import MoveCause
from shared.errors import Conflict
from shared.messaging.inbox import Inbox
from shared.messaging.record import Partition, Record
from tests.support import matcher as told
from tests.support.eventually import eventually
from tests.support.matcher import DirectPlanner, Log, MemoryStore
from tests.support.regions import region, site, student, supervisor, workplace

HERE = RegionId(told.REGION)
S1, S2 = StudentId("s1"), StudentId("s2")
PEOPLE: list[Any] = [supervisor("v1"), supervisor("t1"), supervisor("i1")]
SCHOOL = region([site(), workplace(), *PEOPLE, student(1), student(2), student(3)])
BEFORE_STUDENTS = told.events_before_students(SCHOOL)
PARTITIONS = [Partition(topic, told.PARTITION) for topic in told.TOPICS]


class Running:
    """A matcher on a store in memory; `restart` makes a new one that goes on from what was kept."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.log = Log()
        self.planner = DirectPlanner()
        self.committed = 0
        self.begin()

    def begin(self) -> None:
        self.matcher = Matcher(self.store, self.planner, Inbox("test"), self._note)

    async def restart(self) -> None:
        self.begin()
        await self.matcher.resume(PARTITIONS)

    def _note(self) -> None:
        self.committed += 1

    async def take(self, *events: object) -> None:
        await self.matcher.handle_batch(self.log.records(events))  # type: ignore[arg-type]

    def state(self) -> RegionState:
        return self.matcher._states[HERE]

    async def agrees(self) -> None:
        """What is in memory is what was kept, and what was published folds to it; the plan is allowed."""
        kept = await self.store.load(HERE)
        assert self.state() == kept
        assert told.known_from(self.store.published) == told.known_of(kept.places)
        model = assemble(kept.facts, kept.placements())
        if model is not None and HERE in self.store.plans:
            plan = self.store.plans[HERE][-1].planned.plan
            assert [*check(model, replace(plan, placements=model.placements))] == []
            assert [*check_reasons(model, plan)] == []


@pytest.fixture
def running() -> Running:
    return Running()


async def test_a_batch_is_one_commit_of_facts_plan_offsets_and_what_was_parked(running: Running) -> None:
    records = running.log.records(told.events_of(SCHOOL))
    poison = running.log.raw(told.TOPICS[2], b"student/s9", b"{")
    await running.matcher.handle_batch([*records, poison])
    (commit,) = running.store.commits
    assert len(commit.facts) == len(records)
    assert [record for record, _ in commit.parked] == [poison]
    assert commit.before == {}
    assert commit.after == {partition: running.log.ends[partition.topic] for partition in PARTITIONS}
    (plan,) = commit.plans
    assert (plan.version, plan.effort, plan.covers) == (1, Effort.REPAIR, commit.after)
    assert len(running.store.published) == 3
    assert running.committed == 1
    await running.agrees()


async def test_a_plan_covers_everything_that_was_read_before_it(running: Running) -> None:
    await running.take(*BEFORE_STUDENTS)
    await running.take(told.student_event(student(1)))
    covers = running.store.plans[HERE][-1].covers
    assert covers == {partition: running.log.ends[partition.topic] for partition in PARTITIONS}


async def test_a_batch_that_cannot_be_kept_changes_nothing_and_raises(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    before, published = running.state(), list(running.store.published)
    running.store.offsets[PARTITIONS[2]] += 1
    with pytest.raises(Conflict):
        await running.take(told.withdrawal("s1"))
    assert running.state() is before
    assert running.store.published == published
    assert running.committed == 1


async def test_a_plan_of_another_worker_is_not_overwritten(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    running.store.plans[HERE].append(replace(running.store.plans[HERE][-1], version=2))
    with pytest.raises(Conflict, match="plan-replaced"):
        await running.take(told.withdrawal("s1"))
    assert S1 in running.state().facts.students


async def test_a_database_that_is_away_is_waited_for(running: Running) -> None:
    running.store.away = 2
    await running.take(*told.events_of(SCHOOL))
    assert running.store.away == 0
    assert len(running.store.commits) == 1
    await running.agrees()


def _with(record: Record, **changed: bytes | None) -> Record:
    return replace(record, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda record: _with(record, value=b"\xff\xfe{"), "does not hold"),
        (lambda record: _with(record, key=None), "without a key"),
        (lambda record: _with(record, key=b"student/s9"), "the key is not"),
        (lambda record: _with(record, key=b"student/\x00", value=None), "the key is no aggregate"),
        (lambda record: replace(record, headers={}), "missing CloudEvents headers"),
        (lambda record: replace(record, headers={**record.headers, "ce_type": b"nl.x.v1"}), "unknown event type"),
    ],
)
async def test_poison_is_parked_with_its_reason_and_stops_nothing(
    running: Running, spoil: Callable[[Record], Record], reason: str
) -> None:
    await running.take(*BEFORE_STUDENTS)
    good, bad, also_good = running.log.records(told.student_event(student(number)) for number in (1, 2, 3))
    await running.matcher.handle_batch([good, spoil(bad), also_good])
    ((parked, why),) = running.store.parked
    assert parked.offset == bad.offset
    assert reason in why
    assert set(running.state().places) == {"s1", "s3"}
    await running.agrees()


async def test_an_event_that_only_others_may_read_is_parked(running: Running) -> None:
    foreign = placements.PlacementWithdrawn(
        region=HERE, sequence=1, plan_version=1, student="s1", institute="01VU", site=None, cause=MoveCause.DECLINED
    )
    running.log.ends["placements"] = 0
    record = replace(running.log.record(foreign), partition=PARTITIONS[2])
    await running.matcher.handle_batch([record])
    assert running.store.parked == [(record, "the matcher reads no PlacementWithdrawn")]


async def test_what_the_plan_cannot_use_is_parked_with_what_is_wrong(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    steps = {"min_size": 10, "groups": [], "steps": [[0.5, 10], [0.2, 20]]}
    await running.take(told.settings_event(sequence=2, fairness=steps))
    ((_, why),) = running.store.parked
    assert why.startswith("cannot be planned with: fairness.steps")
    assert running.store.facts[f"region/{HERE}"].sequence == 1
    await running.agrees()


async def test_an_aggregate_of_another_region_is_parked_and_changes_neither(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    await running.take(told.student_event(student(1, phase="lio"), 2, region="NL-R08"))
    ((_, why),) = running.store.parked
    assert why == "student/s1 belongs to region NL-R07, not NL-R08"
    assert running.state().facts.students[S1].phase == "wpl1"
    await running.agrees()


async def test_so_is_one_that_was_registered_in_the_same_batch(running: Running) -> None:
    await running.take(told.student_event(student(1)), told.student_event(student(1), 2, region="NL-R08"))
    assert len(running.store.parked) == 1
    assert running.store.facts["student/s1"].region == HERE


async def test_what_is_told_of_an_unknown_region_is_kept_until_it_has_settings_and_a_day(running: Running) -> None:
    settings, day, *rest = BEFORE_STUDENTS
    await running.take(told.student_event(student(1)), *rest)
    assert running.store.plans == {}
    await running.restart()
    await running.take(settings)
    assert running.store.plans == {}
    await running.restart()
    await running.take(day)
    assert set(running.store.plans[HERE][-1].planned.plan.by_student()) == {"s1"}
    await running.agrees()


@pytest.mark.parametrize("together", [True, False])
async def test_a_tombstone_withdraws_whoever_was_erased_even_in_the_batch_that_registers_them(
    running: Running, together: bool
) -> None:
    registered = running.log.records(told.events_of(SCHOOL))
    erased = running.log.raw(told.TOPICS[2], b"student/s1", None)
    if together:
        await running.matcher.handle_batch([*registered, erased])
    else:
        await running.matcher.handle_batch(registered)
        await running.matcher.handle_batch([erased])
    assert S1 not in running.state().facts.students
    assert running.store.facts["student/s1"].document is None
    await running.agrees()


async def test_a_tombstone_of_what_was_never_told_of_is_read_past(running: Running) -> None:
    await running.matcher.handle_batch([running.log.raw(told.TOPICS[2], b"student/nobody", None)])
    assert running.store.offsets == {PARTITIONS[2]: 1}
    assert (running.store.facts, running.store.parked) == ({}, [])


async def test_what_arrives_again_is_read_past_without_a_plan(running: Running) -> None:
    events = told.events_of(SCHOOL)
    await running.take(*events)
    await running.take(*events)
    assert len(running.store.plans[HERE]) == 1
    assert len(running.planner.tasks) == 1
    assert running.store.commits[-1].facts == []
    await running.agrees()


async def test_only_what_was_touched_is_handed_to_the_planner(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    await running.take(told.student_event(student(2, phase="lio"), 2))
    touched = running.planner.tasks[-1].touched
    assert (touched.students, touched.everything) == (frozenset({S2}), False)


async def test_a_refused_place_is_moved_with_the_refusal_as_its_cause(running: Running) -> None:
    two = region([site(), site(2, lat=52.2), workplace(), workplace(2, 2), *_people_everywhere(), student(1)])
    await running.take(*told.events_of(two))
    held = running.state().places[S1].placement
    assert held is not None
    await running.take(told.refused(held))
    last = running.store.published[-1]
    assert isinstance(last, placements.PlacementChanged)
    assert last.cause == "refused"
    assert last.placement.workplace != held.workplace
    await running.agrees()


def _people_everywhere() -> list[Any]:
    return [supervisor(name, sites=["*"]) for name in ("v1", "t1", "i1")]


async def test_a_place_that_both_agree_on_is_settled_and_starts_on_its_day(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    held = running.state().places[S1].placement
    assert held is not None
    await running.take(told.accepted(held), told.confirmed(held))
    await running.take(told.day_event("2026-08-31", 2))
    settled = [one for one in running.store.published if isinstance(one, placements.PlacementSettled)]
    assert [one.placement.state for one in settled] == ["settled", "started"]
    await running.agrees()


async def test_resuming_forgets_what_is_in_memory_and_says_where_to_go_on(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    running.store.facts["student/s1"] = replace(running.store.facts["student/s1"], document=None)
    positions = await running.matcher.resume(PARTITIONS[2:])
    assert positions == {PARTITIONS[2]: running.log.ends[told.TOPICS[2]]}
    assert running.matcher._states == {}
    await running.take(told.student_event(student(4)))
    assert S1 not in running.state().facts.students
    assert running.store.plans[HERE][-1].covers == {PARTITIONS[2]: 4}


# improvement while nothing happens


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
