"""Plan versions are kept for so many days, and the one that holds for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from services.matcher.adapters import old_plans
from services.matcher.adapters.old_plans import forget_plans
from services.matcher.adapters.tables import PlanVersionRow
from services.matcher.ports import Commit, RegionState
from tests.contract.matcher_store.conftest import FACTS, HERE, STUDENTS, THERE, Opened, folded, planned
from tests.support.matcher import NOW


async def test_what_was_replaced_long_ago_goes_in_pieces_and_what_holds_stays(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    if opened.database is None:
        pytest.skip("in memory nothing lasts")
    monkeypatch.setattr(old_plans, "PIECE", 2)
    first = planned(RegionState(folded(FACTS)))
    for number in range(8):
        plan = replace(first, version=number + 1, changes=first.changes if not number else ())
        before = {STUDENTS: number} if number else {}
        facts = FACTS if not number else ()
        await opened.store.commit(
            Commit(before, {STUDENTS: number + 1}, facts, (), [plan]), NOW + timedelta(days=number)
        )
    elsewhere = replace(first, region=THERE, changes=())
    await opened.store.commit(Commit({STUDENTS: 8}, {STUDENTS: 9}, plans=[elsewhere]), NOW)
    state = await opened.store.load(HERE)

    async def left() -> list[tuple[str, int]]:
        assert opened.database is not None
        async with opened.database.reading() as tx:
            return sorted((await tx.exec(select(PlanVersionRow.region, PlanVersionRow.version))).all())

    assert await forget_plans(opened.database, NOW + timedelta(days=5)) == 5
    assert await left() == [(HERE, 6), (HERE, 7), (HERE, 8), (THERE, 1)]
    assert await forget_plans(opened.database, NOW + timedelta(days=500)) == 2
    assert await left() == [(HERE, 8), (THERE, 1)]
    assert await forget_plans(opened.database, NOW + timedelta(days=500)) == 0
    assert await opened.store.load(HERE) == state
    await opened.store.commit(Commit({STUDENTS: 9}, {STUDENTS: 10}, plans=[replace(first, version=9, changes=())]), NOW)
