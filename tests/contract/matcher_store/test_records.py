"""What the matcher's handlers count on from their store: in memory, on SQLite and on PostgreSQL alike."""

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text, update
from sqlmodel import col, select

from services.matcher.adapters import tables
from services.matcher.adapters.comparing import load_aside
from services.matcher.bootstrap import MIGRATIONS
from services.matcher.domain.erasing import Erased
from services.matcher.domain.facts import RegionFacts, Touched
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, WorkplaceId
from services.matcher.domain.places import ChangedPlace, Loss, PlaceStatus
from services.matcher.domain.plan import Placement
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.looking import ChangedSignal
from services.matcher.domain.signals.scope import News
from services.matcher.domain.signals.table import RuleName
from services.matcher.domain.waiting import Missing, Waiting
from services.matcher.ports import UNKNOWN_NEWS, Commit, RegionState
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS
from shared.errors import Conflict
from shared.messaging.record import Partition, Record
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import AuditRow, OutboxRow, ReadRow
from tests.contract.matcher_store.conftest import (
    FACTS,
    HERE,
    POISON,
    SETTINGS,
    STUDENTS,
    THERE,
    Opened,
    folded,
    planned,
    with_a_loss,
)
from tests.support import matcher as told
from tests.support.matcher import NOW
from tests.support.regions import student


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


async def test_a_plan_that_was_not_looked_at_leaves_everything_to_look_at_until_one_is(opened: Opened) -> None:
    first = replace(planned(RegionState(folded(FACTS))), is_looked_at=False)
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [first]), NOW)
    state = await opened.store.load(HERE)
    assert state.unlooked == News(Touched(everything=True))
    looked = replace(first, version=2, changes=(), is_looked_at=True)
    await opened.store.commit(Commit({}, {}, (), (), [looked]), NOW)
    assert (await opened.store.load(HERE)).unlooked is None


async def test_what_is_still_to_be_looked_at_outlives_a_worker_that_knows_nothing_of_it(opened: Opened) -> None:
    """One of before migration 0011 looks at its own news alone, and does not say so."""
    if opened.database is None:
        pytest.skip("only a database has old workers")
    first = replace(planned(RegionState(folded(FACTS))), is_looked_at=False)
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [first]), NOW)
    others = "region, published_at, today, effort, solve_s, proposed, moved, ended, unplaced, covers, certificate"
    async with opened.database.transaction() as tx:
        await tx.exec(  # type: ignore[call-overload]
            text(f"INSERT INTO plan_version (version, {others}) SELECT 2, {others} FROM plan_version")
        )
        await tx.exec(text("UPDATE region_plan SET version = 2"))  # type: ignore[call-overload]
    assert (await opened.store.load(HERE)).unlooked == UNKNOWN_NEWS
    looked = replace(first, version=3, changes=(), is_looked_at=True)
    await opened.store.commit(Commit({}, {}, (), (), [looked]), NOW)
    assert (await opened.store.load(HERE)).unlooked is None


async def test_a_plan_that_is_owed_is_owed_until_the_store_is_told_that_it_is_not(opened: Opened) -> None:
    first = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [first]), NOW)
    assert not (await opened.store.load(HERE)).is_behind
    kept = Record(STUDENTS, 1, b"student/s1", None, {})
    behind = Commit({STUDENTS: 1}, {STUDENTS: 2}, unplanned=[kept], behind={HERE: True})
    await opened.store.commit(behind, NOW)
    assert (await opened.store.load(HERE)).is_behind
    signals = replace(first, version=2, changes=())
    await opened.store.commit(Commit({STUDENTS: 2}, {STUDENTS: 42}, (), [(POISON, "no event")], [signals]), NOW)
    assert (await opened.store.load(HERE)).is_behind
    await opened.store.commit(Commit(plans=[replace(first, version=3, changes=())], behind={HERE: False}), NOW)
    assert not (await opened.store.load(HERE)).is_behind
    if opened.database is not None:
        aside = await load_aside(opened.database, [STUDENTS])
        assert aside == {(STUDENTS, 1): True, (STUDENTS, POISON.offset): False}
        assert await load_aside(opened.database, [SETTINGS]) == {}


async def test_a_database_from_before_causes_were_kept_is_migrated_and_read(opened: Opened) -> None:
    if opened.database is None:
        pytest.skip("only a database is migrated")
    await with_a_loss(opened)
    async with opened.database.transaction() as tx:
        await tx.exec(text("DROP INDEX ix_fact_board"))  # type: ignore[call-overload]
        for column in (
            "fact DROP COLUMN board",
            "place DROP COLUMN lost_cause",
            "plan_version DROP COLUMN turn",
            "plan_version DROP COLUMN seen_version",
            "plan_version DROP COLUMN proof_steps",
            "plan_version DROP COLUMN looked",
            "plan_version DROP COLUMN looks_anew",
            "region_plan DROP COLUMN behind",
            "region_plan DROP COLUMN told",
        ):
            await tx.exec(text(f"ALTER TABLE {column}"))  # type: ignore[call-overload]
        for table in ("capacity_snapshot", "scenario", "scenario_step", "signal", "switch", "read_log", "set_aside"):
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


async def test_of_an_erased_student_no_row_stays_and_what_was_published_is_taken_back(opened: Opened) -> None:
    plan = planned(RegionState(folded(FACTS)))
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [plan]), NOW)
    before = await opened.store.load(HERE)
    s2 = before.places[StudentId("s2")]
    duo = Placement(StudentId("s2"), (PeriodId("p1"),), WorkplaceId("w1"), (), duo_with=StudentId("s1"))
    waits = {
        Missing("student/s1", "site/x"): Waiting(NOW.date()),
        Missing("student/s2", "student/s1"): Waiting(NOW.date()),
    }
    moved = Signal("second-move-s1", RuleName.SECOND_MOVE, "s1", memo={"moves": 1})
    ended = replace(s2, status=PlaceStatus.ENDED, unplaced=None, placement=duo)
    named = replace(
        plan, version=2, changes=[ChangedPlace(ended, ())], signals=[ChangedSignal(moved, None)], switches=()
    )
    await opened.store.commit(Commit({}, {}, plans=[named], waiting={HERE: waits}), NOW)
    alone = {StudentId("s2"): replace(ended, placement=replace(duo, duo_with=None))}
    gone = Erased(
        HERE,
        StudentId("s1"),
        had_place=True,
        had_switch=True,
        signals=("risk-unplaced-s1",),
        untold=(moved.id,),
        places=alone,
    )
    if opened.database is not None:  # what was sent long ago
        async with opened.database.transaction() as tx:
            await tx.exec(update(OutboxRow).values(published_at=NOW))
    facts = told.facts_of([told.withdrawal("s1")])
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 2}, facts, erased=[gone]), NOW)
    after = await opened.store.load(HERE)
    assert after.places == {**{key: place for key, place in before.places.items() if key != "s1"}, **alone}
    assert (after.signals, after.waiting) == ({}, {})
    if opened.database is not None:
        assert await rows_that_name(opened.database, "s1") == {"audit": 4, "fact": 1, "outbox": 3}
    assert list(await opened.published())[-3:] == [
        (PLACEMENTS, b"student/s1"),
        (PLACEMENTS, b"switch/s1"),
        (PLACEMENT_SIGNALS, b"signal/risk-unplaced-s1"),
    ]
    if opened.database is not None:
        async with opened.database.reading() as tx:
            last = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id).desc()).limit(3))).all()
        assert [(row.value, row.headers) for row in last] == [(None, {"ce_region": HERE})] * 3


async def rows_that_name(database: Database, student: str) -> dict[str, int]:
    """How many rows of each of the matcher's tables hold this id, in any column."""
    found, names = {}, re.compile(rf"(?<![a-z0-9]){student}(?![a-z0-9])")
    own = [getattr(tables, name) for name in tables.__all__ if name.endswith("Row")]
    for row in (*own, OutboxRow, AuditRow, ReadRow):
        async with database.reading() as tx:
            held = (await tx.exec(select(row))).all()
        number = sum(bool(names.search(str(one.model_dump()))) for one in held)
        if number:
            found[str(row.__tablename__)] = number
    return found
