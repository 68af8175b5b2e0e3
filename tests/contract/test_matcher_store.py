"""What the matcher's handlers count on from their store: in memory, on SQLite and on PostgreSQL alike."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from services.matcher.adapters.answers import SqlReads
from services.matcher.adapters.snapshots import KEEP
from services.matcher.adapters.store import SqlStore
from services.matcher.adapters.workroom import catching_up
from services.matcher.adapters.workroom.catching_up import state_of
from services.matcher.bootstrap import MIGRATIONS
from services.matcher.domain.assembling import assemble
from services.matcher.domain.capacity import capacity
from services.matcher.domain.facts import Fact, RegionFacts, Touched
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId, SiteId
from services.matcher.domain.places import Loss, changes
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.looking import ChangedSignal, look
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.scope import News
from services.matcher.domain.signals.table import RuleName
from services.matcher.domain.viewing import Within
from services.matcher.domain.waiting import Missing, Waiting
from services.matcher.ports import Commit, NewPlan, RegionState, Snapshot, Store
from services.matcher.ports.answering import Counts, Wanted
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS
from shared.contracts.placements import MoveCause
from shared.contracts.vocabulary import SignalLevel, SignalStatus
from shared.errors import Conflict, NotFound
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition, Record
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import AuditRow, OutboxRow
from tests.support import matcher as told
from tests.support.matcher import NOW
from tests.support.planning import MemoryStore, planned_anew
from tests.support.regions import region, site, student, supervisor, workplace

HERE, THERE = RegionId(told.REGION), RegionId("NL-R08")
PEOPLE: list[Any] = [supervisor("v1"), supervisor("t1"), supervisor("i1")]
SCHOOL = region([site(), workplace(), *PEOPLE, student(1), student(2), student(3)])
FACTS = told.facts_of(told.events_of(SCHOOL))
STUDENTS, SETTINGS = Partition("student.registrations", 3), Partition("region.settings", 3)
POISON = Record(STUDENTS, 41, b"student/s9", b"{\x00", {"ce_type": b"x\xff", "ce_id": b"1"})
Published = Callable[[], Awaitable[Sequence[tuple[str, bytes | None]]]]


@dataclass
class Opened:
    """A store, what it has put in the outbox (topic and key), and its database where it has one."""

    store: Store
    published: Published
    database: Database | None = None


@pytest.fixture
async def opened(where: str) -> AsyncIterator[Opened]:
    if not where:
        memory = MemoryStore()

        async def told_from_memory() -> list[tuple[str, bytes | None]]:
            topics = [(record.partition.topic + ".parked", record.key) for record, _ in memory.parked]
            return [*topics, *((told.topic_of(one), told.key_of(one)) for one in memory.published)]

        yield Opened(memory, told_from_memory)
        return
    database = Database(where)
    await upgrade(database, MIGRATIONS)

    async def told_from_outbox() -> list[tuple[str, bytes | None]]:
        async with database.reading() as tx:
            rows = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
        return [(row.topic, row.key) for row in rows]

    yield Opened(SqlStore(database, Outbox("urn:test"), Inbox("test")), told_from_outbox, database)
    await database.close()


def folded(facts: Sequence[Fact], of: RegionId = HERE) -> RegionFacts:
    return fold(RegionFacts(of), facts)


def planned(state: RegionState) -> NewPlan:
    """The next plan of a region."""
    model = assemble(state.facts, state.placements(), state.had())
    assert model is not None
    found, version = planned_anew(model), state.version + 1
    made = changes(state.places, model, found.outcome, state.places, version)
    return NewPlan(state.facts.id, version, model.today, found, made, covers={STUDENTS: 42, SETTINGS: 2})


async def test_what_was_committed_comes_back_as_the_fold_of_it(opened: Opened) -> None:
    plan = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 42}, FACTS, (), [plan]), NOW)
    state = await opened.store.load(HERE)
    assert state.facts == folded(FACTS)
    assert state.places == {change.place.student: change.place for change in plan.changes}
    assert (state.version, state.certificate) == (1, plan.planned.certificate)
    assert {place.status.value for place in state.places.values()} == {"placed", "unplaced"}
    assert await opened.store.load(THERE) == RegionState(RegionFacts(THERE))


async def test_a_later_fact_replaces_an_earlier_one_also_within_a_batch(opened: Opened) -> None:
    changed = told.facts_of([told.student_event(student(1, phase="lio"), 2), told.withdrawal("s1", 3)])
    await opened.store.commit(Commit({}, {STUDENTS: 1}, [*FACTS, changed[0]]), NOW)
    assert (await opened.store.load(HERE)).facts == folded([*FACTS, changed[0]])
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 2}, changed[1:]), NOW)
    state = await opened.store.load(HERE)
    assert state.facts == folded([*FACTS, *changed])
    assert "s1" not in state.facts.students


async def test_plan_after_plan_each_changed_place_is_replaced_and_the_others_stay(opened: Opened) -> None:
    first = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [first]), NOW)
    gone = told.facts_of([told.withdrawal("s1"), told.withdrawal("s2")])
    state = await opened.store.load(HERE)
    second = planned(replace(state, facts=folded([*FACTS, *gone])))
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 3}, gone, (), [second]), NOW)
    again = await opened.store.load(HERE)
    assert again.version == 2
    assert again.places == {**state.places, **{one.place.student: one.place for one in second.changes}}
    assert again.certificate == second.planned.certificate


async def with_a_loss(opened: Opened) -> RegionState:
    """What comes back after the school's only workplace has ended."""
    first = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [first]), NOW)
    state = await opened.store.load(HERE)
    ended = [Fact(HERE, "workplace/w1", 2, None)]
    second = planned(replace(state, facts=folded([*FACTS, *ended])))
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 2}, ended, (), [second]), NOW)
    return await opened.store.load(HERE)


async def test_why_a_place_was_lost_comes_back(opened: Opened) -> None:
    lost = [place.lost for place in (await with_a_loss(opened)).places.values()]
    assert [one for one in lost if one is not None] == [Loss(SiteId("01AA01"), MoveCause.WORKPLACE_ENDED)] * 2


async def test_signals_come_back_as_they_were_told_and_the_last_state_of_each_counts(opened: Opened) -> None:
    told_open = Signal(
        "risk-no-backup-s1",
        RuleName.NO_BACKUP,
        "s1",
        sequence=3,
        status=SignalStatus.RAISED,
        level=SignalLevel.INFO,
        since=date(2026, 6, 1),
        measure=1,
        better_since=date(2026, 6, 2),
        about={"student": "s1", "institute": "01VU", "site": "01AA01"},
        body={"figures": {"moves": 2}, "levers": ["team"], "next_date": None, "overall_share": 0.25},
        memo={"2026-S1": 2},
    )
    over = replace(told_open, sequence=2, status=SignalStatus.CLEARED)
    quiet = Signal("risk-second-move-s1", RuleName.SECOND_MOVE, "s1", memo={"2026-S1": 1})
    plan = planned(RegionState(folded(FACTS)))
    first = replace(plan, signals=[ChangedSignal(over), ChangedSignal(told_open), ChangedSignal(quiet)])
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [first]), NOW)
    state = await opened.store.load(HERE)
    assert state.signals == {one.id: one for one in (told_open, quiet)}
    second = replace(planned(state), signals=[ChangedSignal(replace(over, sequence=4))])
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 2}, (), (), [second]), NOW)
    assert (await opened.store.load(HERE)).signals == {one.id: one for one in (replace(over, sequence=4), quiet)}


async def test_the_events_of_signals_are_published_after_those_of_places(opened: Opened) -> None:
    waiting = [student(one) for one in range(1, 6)]
    facts = told.facts_of(told.events_of(replace(SCHOOL, students={one.id: one for one in waiting})))
    state = RegionState(folded(facts))
    plan = planned(state)
    places = {one.place.student: one.place for one in plan.changes}
    found = look({}, Scene(state.facts, places), News(Touched(everything=True)))
    await opened.store.commit(Commit({}, {STUDENTS: 1}, facts, (), [replace(plan, signals=found)]), NOW)
    topics = [topic for topic, _ in await opened.published()]
    assert topics == [PLACEMENTS] * 5 + [PLACEMENT_SIGNALS] * len(found)
    assert found


async def test_a_database_from_before_causes_were_kept_is_migrated_and_read(opened: Opened) -> None:
    if opened.database is None:
        pytest.skip("only a database is migrated")
    await with_a_loss(opened)
    async with opened.database.transaction() as tx:
        for column in (
            "place DROP COLUMN lost_cause",
            "plan_version DROP COLUMN turn",
            "plan_version DROP COLUMN seen_version",
            "plan_version DROP COLUMN proof_steps",
        ):
            await tx.exec(text(f"ALTER TABLE {column}"))  # type: ignore[call-overload]
        for table in ("capacity_snapshot", "scenario", "scenario_step", "signal", "switch"):
            await tx.exec(text(f"DROP TABLE {table}"))  # type: ignore[call-overload]
        await tx.exec(text("DROP TABLE waiting"))  # type: ignore[call-overload]
        await tx.exec(text("UPDATE alembic_version SET version_num = '0001'"))  # type: ignore[call-overload]
    await upgrade(opened.database, MIGRATIONS)
    places = (await opened.store.load(HERE)).places.values()
    assert [place.lost for place in places if place.lost is not None] == [Loss(SiteId("01AA01"))] * 2


async def test_the_events_of_a_plan_are_published_in_order_after_what_was_parked(opened: Opened) -> None:
    plan = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 42}, FACTS, [(POISON, "no event")], [plan]), NOW)
    assert await opened.published() == [
        ("student.registrations.parked", b"student/s9"),
        *((PLACEMENTS, f"student/s{number}".encode()) for number in (1, 2, 3)),
    ]


async def test_regions_of_aggregates_are_known_and_nothing_else_is(opened: Opened) -> None:
    elsewhere = told.facts_of([told.student_event(student(7), region=THERE)])
    await opened.store.commit(Commit({}, {STUDENTS: 1}, [*FACTS, *elsewhere]), NOW)
    asked = ["student/s1", "student/s7", "student/s8", ""]
    assert await opened.store.regions_of(asked) == {"student/s1": HERE, "student/s7": THERE}
    assert await opened.store.regions_of([]) == {}


async def test_what_waits_is_replaced_as_a_whole_and_every_region_is_known(opened: Opened) -> None:
    first = {Missing("workplace/w1", "site/01AA01"): Waiting(date(2026, 6, 1), True)}
    later = {Missing("student/s1", "student/s9"): Waiting(date(2026, 6, 2))}
    elsewhere = told.facts_of([told.student_event(student(7), region=THERE)])
    facts = [*FACTS, *elsewhere]
    await opened.store.commit(Commit({}, {STUDENTS: 1}, facts, waiting={HERE: {**first, **later}, THERE: first}), NOW)
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 2}, waiting={HERE: later}), NOW)
    assert (await opened.store.load(HERE)).waiting == later
    assert (await opened.store.load(THERE)).waiting == first
    assert set(await opened.store.regions()) == {HERE, THERE}


async def test_the_stream_goes_on_where_it_was_and_only_for_what_is_asked(opened: Opened) -> None:
    assert await opened.store.next_offsets([STUDENTS, SETTINGS]) == {}
    await opened.store.commit(Commit({}, {STUDENTS: 42, SETTINGS: 2}), NOW)
    assert await opened.store.next_offsets([STUDENTS]) == {STUDENTS: 42}
    await opened.store.commit(Commit({STUDENTS: 42}, {STUDENTS: 45}), NOW)
    assert await opened.store.next_offsets([STUDENTS, SETTINGS]) == {STUDENTS: 45, SETTINGS: 2}


async def nothing_changed(opened: Opened, before: RegionState) -> None:
    assert await opened.store.load(HERE) == before
    assert await opened.store.next_offsets([STUDENTS]) == {STUDENTS: 42}
    assert len(await opened.published()) == 3


@pytest.mark.parametrize("before", [{}, {STUDENTS: 41}, {STUDENTS: 43}])
async def test_offsets_that_another_worker_has_moved_refuse_the_whole_batch(
    opened: Opened, before: dict[Partition, int]
) -> None:
    await opened.store.commit(Commit({}, {STUDENTS: 42}, FACTS, (), [planned(RegionState(folded(FACTS)))]), NOW)
    state = await opened.store.load(HERE)
    gone = told.facts_of([told.withdrawal("s1")])
    second = planned(replace(state, facts=folded([*FACTS, *gone])))
    with pytest.raises(Conflict, match="offset-moved"):
        await opened.store.commit(Commit(before, {STUDENTS: 44}, gone, [(POISON, "no event")], [second]), NOW)
    await nothing_changed(opened, state)


@pytest.mark.parametrize("version", [1, 3])
async def test_a_plan_that_does_not_follow_the_one_that_holds_refuses_the_whole_batch(
    opened: Opened, version: int
) -> None:
    await opened.store.commit(Commit({}, {STUDENTS: 42}, FACTS, (), [planned(RegionState(folded(FACTS)))]), NOW)
    state = await opened.store.load(HERE)
    gone = told.facts_of([told.withdrawal("s1")])
    stale = replace(planned(replace(state, facts=folded([*FACTS, *gone]))), version=version)
    with pytest.raises(Conflict, match="plan-replaced"):
        await opened.store.commit(Commit({STUDENTS: 42}, {STUDENTS: 44}, gone, [(POISON, "no event")], [stale]), NOW)
    await nothing_changed(opened, state)


async def test_every_event_of_a_plan_is_in_the_audit(opened: Opened) -> None:
    if opened.database is None:
        pytest.skip("only a database keeps an audit")
    plan = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 42}, FACTS, (), [plan]), NOW)
    async with opened.database.reading() as tx:
        rows = (await tx.exec(select(AuditRow))).all()
    assert [(row.actor, row.aggregate, row.sequence) for row in rows] == [
        ("plan", f"student/s{number}", 1) for number in (1, 2, 3)
    ]


async def test_what_a_region_had_as_a_day_began_is_kept_with_the_batch_and_once_a_day(opened: Opened) -> None:
    if opened.database is None:
        pytest.skip("only a database keeps snapshots")
    plan = planned(RegionState(folded(FACTS)))
    of = assemble(folded(FACTS), tuple(one.place.placement for one in plan.changes if one.place.placement is not None))
    assert of is not None
    rows = capacity(of)
    await opened.store.commit(Commit({}, {STUDENTS: 42}, FACTS, (), [plan], [Snapshot(HERE, of.today, rows)]), NOW)
    reads = SqlReads(opened.database, "leerplek-matcher")
    everything = await reads.trend(HERE, of.today, Wanted(sites=("", "01AA01")))
    assert {spot: figures for _, spot, figures in everything} == rows
    assert {day for day, _, _ in everything} == {of.today}
    assert {spot: figures for _, spot, figures in await reads.trend(HERE, of.today, Wanted())} == {
        spot: figures for spot, figures in rows.items() if not spot.site
    }
    assert {spot.site for _, spot, _ in await reads.trend(HERE, of.today, Wanted(school="01AA"))} == {"01AA01"}
    assert await reads.trend(HERE, of.today, Wanted(subjects=("onbekend",))) == []
    later = of.today + KEEP + timedelta(days=1)
    again = [Snapshot(HERE, of.today, rows), Snapshot(HERE, later, rows)]
    await opened.store.commit(Commit({STUDENTS: 42}, {STUDENTS: 43}, (), (), (), again), NOW)
    assert {day for day, _, _ in await reads.trend(HERE, of.today, Wanted())} == {later}


async def test_a_region_that_was_read_before_catches_up_to_what_a_new_reader_finds(opened: Opened) -> None:
    if opened.database is None:
        pytest.skip("only a database is read by other processes")
    first = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [first]), NOW)
    known = await state_of(opened.database, HERE, None)
    assert await state_of(opened.database, HERE, known) == known
    told_since = told.facts_of(
        [told.withdrawal("s1"), told.student_event(student(4)), told.student_event(student(2, phase="lio"), 2)]
    )
    second = planned(replace(known, facts=folded([*FACTS, *told_since])))
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 2}, told_since, (), [second]), NOW)
    caught_up = await state_of(opened.database, HERE, known)
    anew = await opened.store.load(HERE)
    assert (caught_up.facts, caught_up.places, caught_up.certificate) == (anew.facts, anew.places, anew.certificate)
    assert caught_up.version == 2
    assert caught_up.places != known.places
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(catching_up, "MOST_CHANGED", 0)
        assert await state_of(opened.database, HERE, known) == caught_up


async def test_what_is_asked_of_a_plan_is_answered_from_columns_on_every_database(opened: Opened) -> None:
    if opened.database is None:
        pytest.skip("answers are read from a database")
    reads = SqlReads(opened.database, "test")
    for nothing in (reads.version(HERE), reads.head(HERE), reads.place("s1")):
        with pytest.raises(NotFound):
            await nothing
    plan = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 42}, FACTS, (), [plan]), NOW)
    head = await reads.head(HERE)
    assert (head.version, head.today, head.published_at) == (1, SCHOOL.today, NOW)
    assert (head.covers, head.position) == (
        {"region.settings/3": 2, "student.registrations/3": 42},
        {"student.registrations/3": 42},
    )
    everybody, nobody = Within(), Within(institute="99ZZ")
    assert await reads.counts(HERE, everybody) == Counts(2, {"seats-taken": 1})
    assert await reads.counts(HERE, Within(school="01AA")) == Counts(2, {})
    assert await reads.counts(HERE, nobody) == Counts(0, {})
    assert [one.student for one in await reads.page(HERE, everybody, "s1", 5)] == ["s2", "s3"]
    assert await reads.page(HERE, nobody, "", 5) == []
    assert await reads.own(["s1", "s2", "s9"], Within(institute="01VU")) == {"s1", "s2"}
    assert await reads.own([], nobody) == frozenset()
    assert [one["version"] for one in await reads.versions(HERE, None, 5)] == [1]
    assert await reads.versions(HERE, 1, 5) == []
    assert (await reads.place("s1")).institute == "01VU"
