"""What is read of plans beside the matcher, on every database alike."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from services.matcher.adapters.answers import SqlReads
from services.matcher.adapters.rows import fact_row
from services.matcher.adapters.snapshots import KEEP
from services.matcher.adapters.tables import FactRow
from services.matcher.adapters.workroom import catching_up
from services.matcher.adapters.workroom.catching_up import state_of
from services.matcher.domain.assembling import assemble
from services.matcher.domain.capacity import capacity
from services.matcher.domain.erasing import Erased
from services.matcher.domain.ids import StudentId
from services.matcher.domain.region import Region
from services.matcher.domain.viewing import Within
from services.matcher.ports import Commit, Effort, RegionState, Snapshot
from services.matcher.ports.answering import Counts, Wanted
from shared.errors import NotFound
from shared.persistence.statements import insert_rows
from tests.contract.matcher_store.conftest import FACTS, HERE, PEOPLE, SCHOOL, STUDENTS, Opened, folded, planned
from tests.support import matcher as told
from tests.support.matcher import NOW
from tests.support.regions import region, site, student, workplace

OTHER = region([site(), workplace(), *PEOPLE, student(1, phase="lio"), student(2), student(3)])
FEWER = region([site(), workplace(), *PEOPLE, student(1), student(2)])


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
    assert {spot.site for _, spot, _ in await reads.trend(HERE, of.today, Wanted(within=Within(school="01AA")))} == {
        "01AA01"
    }
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
    gone = Erased(HERE, StudentId("s1"), had_place=True)
    await opened.store.commit(Commit({STUDENTS: 2}, {STUDENTS: 3}, erased=[gone]), NOW)
    caught_up = await state_of(opened.database, HERE, known)
    anew = await opened.store.load(HERE)
    assert known.places.keys() - caught_up.places.keys() == {"s1"}, "who was erased is in no answer"
    assert (caught_up.facts, caught_up.places, caught_up.certificate) == (anew.facts, anew.places, anew.certificate)
    assert caught_up.version == 2
    assert caught_up.places != known.places
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(catching_up, "MOST_CHANGED", 0)
        assert await state_of(opened.database, HERE, known) == caught_up


@pytest.mark.parametrize(("now", "effort"), [(OTHER, Effort.REBUILD), (FEWER, Effort.REPAIR)], ids=["other", "fewer"])
async def test_of_a_region_that_was_replaced_nothing_is_held_on_to(opened: Opened, now: Region, effort: Effort) -> None:
    if opened.database is None:
        pytest.skip("only a database is read by other processes")
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [planned(RegionState(folded(FACTS)))]), NOW)
    known = await state_of(opened.database, HERE, None)
    facts = told.facts_of(told.events_of(now))
    async with opened.database.transaction() as tx:
        await tx.exec(delete(FactRow))
        await insert_rows(tx, FactRow, [fact_row(one) for one in facts])
    plan = replace(planned(replace(known, facts=folded(facts))), effort=effort)
    await opened.store.commit(Commit({STUDENTS: 1}, {STUDENTS: 2}, (), (), [plan]), NOW)
    caught_up = await state_of(opened.database, HERE, known)
    anew = await opened.store.load(HERE)
    assert (caught_up.facts, caught_up.places) == (anew.facts, anew.places)


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
