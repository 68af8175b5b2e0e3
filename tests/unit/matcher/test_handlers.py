"""A batch is answered whole: facts, plan, parked records and offsets together, or nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.matcher.domain.changes import Change
from services.matcher.domain.erasing import Erased
from services.matcher.domain.ids import InstituteId
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.table import RuleName
from services.matcher.domain.switches import Offer, Switch, SwitchStatus
from services.matcher.domain.waiting import Missing, Waiting
from services.matcher.ports import Effort
from shared.contracts import placements
from shared.contracts.catalogue import PLACEMENT_SIGNALS
from shared.contracts.placements import MoveCause, SwitchKind
from shared.errors import Conflict
from shared.messaging.record import Record
from tests.support import matcher as told
from tests.support.regions import region, site, student, supervisor, workplace
from tests.support.running_matcher import BEFORE_STUDENTS, HERE, PARTITIONS, S1, S2, SCHOOL, Running


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
    assert set(running.store.plans[HERE][-1].planned.outcome.placed) == {"s1"}
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
    assert S1 not in running.state().places
    assert running.store.erased == [Erased(HERE, S1, had_place=not together)]
    await running.agrees()


async def test_all_that_was_told_about_an_erased_student_is_taken_back_and_nothing_else(running: Running) -> None:
    await running.take(*BEFORE_STUDENTS, *(told.student_event(student(number)) for number in (1, 2)))
    await running.take(told.student_event(student(1, not_sites=["01AA01"]), 2))  # loses the place
    await running.take(told.day_event("2026-08-20", 2))  # soon the period begins: at risk
    others = dict(running.state().places)
    about = {one.id for one in running.state().signals.values() if one.about.get("student") == S1}
    assert about
    await running.take(told.withdrawal("s1", 3))
    await running.matcher.handle_batch([running.log.raw(told.TOPICS[2], b"student/s1", None)])
    (gone,) = running.store.erased
    assert (gone.student, gone.had_place) == (S1, True)
    assert set(gone.signals) == {*about, "lost-s1"}
    assert not any(S1 in str(one.about) for one in running.state().signals.values())
    assert running.state().places[S2] == others[S2]
    await running.agrees()
    await running.restart()
    await running.take(told.student_event(student(3)))
    await running.agrees()


async def test_of_whoever_is_erased_no_row_of_anybody_keeps_the_name(running: Running) -> None:
    """Nor what a rule remembers and has not told, the place of who was in a duo with them, offers, and what they wait for."""
    await running.take(*BEFORE_STUDENTS, *(told.student_event(student(number)) for number in (1, 2)))
    state = running.state()
    quiet = Signal("second-move-s1", RuleName.SECOND_MOVE, S1, memo={"moves": 1})
    duo = replace(state.places[S2], placement=replace(state.held()[S2], duo_with=S1))
    offer = Offer(1, SwitchKind.SWAP, state.held()[S2], replace(state.held()[S2], duo_with=S1), date(2026, 7, 1), S1)
    search = Switch(S2, InstituteId("01VU"), 1, SwitchStatus.CLOSED, date(2026, 6, 1), offer=offer)
    waits = {Missing("school-decision/s1", "workplace/w9"): Waiting(date(2026, 6, 1))}
    running.matcher.memory._states[HERE] = replace(
        state, signals={quiet.id: quiet}, places={**state.places, S2: duo}, switches={S2: search}, waiting=waits
    )
    await running.take(told.withdrawal("s1"))
    await running.matcher.handle_batch([running.log.raw(told.TOPICS[2], b"student/s1", None)])
    after, (gone,) = running.state(), running.store.erased
    kept = (after.places, after.switches, after.signals, after.waiting)
    assert not any("s1" in str(one) for one in kept), kept
    assert (gone.untold, gone.signals) == ((quiet.id,), ())
    assert (PLACEMENT_SIGNALS, f"signal/{quiet.id}") not in gone.aggregates, "it was never told"


async def test_a_tombstone_of_what_was_never_told_of_is_read_past(running: Running) -> None:
    await running.matcher.handle_batch([running.log.raw(told.TOPICS[2], b"student/nobody", None)])
    assert running.store.offsets == {PARTITIONS[2]: 1}
    assert (running.store.facts, running.store.parked) == ({}, [])


async def test_what_arrives_again_is_read_past_without_a_plan(running: Running) -> None:
    events = told.events_of(SCHOOL)
    await running.take(*events)
    assert list(running.store.commits[-1].told) == [], "its plan tells that it was read"
    await running.take(*events)
    assert list(running.store.commits[-1].told) == [HERE]
    assert len(running.store.plans[HERE]) == 1
    assert len(running.planner.steps) == 1
    assert running.store.commits[-1].facts == []
    await running.agrees()


async def test_only_what_was_touched_is_handed_to_the_planner(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    await running.take(told.student_event(student(2, phase="lio"), 2))
    change = running.planner.steps[-1].work
    assert isinstance(change, Change)
    assert change.students.keys() == {S2}
    assert change.whole is None


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
    assert running.matcher.memory.regions == {}
    await running.take(told.student_event(student(4)))
    assert S1 not in running.state().facts.students
    assert running.store.plans[HERE][-1].covers == {PARTITIONS[2]: 4}


async def test_a_new_day_keeps_what_the_region_had_in_the_commit_of_its_plan_and_nothing_else_does(
    running: Running,
) -> None:
    await running.take(*told.events_of(SCHOOL))
    await running.take(told.student_event(student(4)))
    await running.take(told.day_event("2026-06-02", 2))
    first, change, day = running.store.commits
    assert change.snapshots == ()
    assert [(one.region, one.day) for one in first.snapshots] == [(HERE, SCHOOL.today)]
    ((snapshot),) = day.snapshots
    assert (snapshot.day.isoformat(), day.plans[0].today) == ("2026-06-02", snapshot.day)
    everywhere = [figures for spot, figures in snapshot.rows.items() if not spot.site]
    assert max(figures.students for figures in everywhere) == 4
    placed = [place for place in running.state().places.values() if place.placement is not None]
    assert max(figures.taken for figures in everywhere) == len(placed)
