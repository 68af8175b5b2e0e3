"""Signals and lost places are kept as they were told."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete

from services.matcher.adapters.tables import RegionPlanRow
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import SiteId
from services.matcher.domain.places import Loss
from services.matcher.domain.signals.course import Signal
from services.matcher.domain.signals.looking import ChangedSignal, look
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.scope import News
from services.matcher.domain.signals.table import RuleName
from services.matcher.ports import Commit, RegionState
from shared.contracts.catalogue import PLACEMENT_SIGNALS, PLACEMENTS
from shared.contracts.placements import MoveCause
from shared.contracts.vocabulary import SignalLevel, SignalStatus
from tests.contract.matcher_store.conftest import FACTS, HERE, SCHOOL, STUDENTS, Opened, folded, planned, with_a_loss
from tests.support import matcher as told
from tests.support.matcher import NOW
from tests.support.regions import student


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


async def test_where_the_plan_was_lost_signals_keep_their_numbers(opened: Opened) -> None:
    if opened.database is None:
        pytest.skip("memory loses nothing")
    known = Signal("risk-no-backup-s1", RuleName.NO_BACKUP, "s1", sequence=3, level=SignalLevel.INFO)
    plan = replace(planned(RegionState(folded(FACTS))), signals=[ChangedSignal(known)])
    await opened.store.commit(Commit({}, {STUDENTS: 1}, FACTS, (), [plan]), NOW)
    async with opened.database.transaction() as tx:
        await tx.exec(delete(RegionPlanRow))
    state = await opened.store.load(HERE)
    assert (state.version, state.signals[known.id].sequence) == (0, 3)


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
