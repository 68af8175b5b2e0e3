"""Undoing within a day, what was checked, and what the plan's changes mean for a school."""

from datetime import date, timedelta

import pytest

from services.capacity import handlers
from services.capacity.domain.news import News, What, news_of
from services.capacity.handlers import learning, undoing
from shared.contracts.availability import Absence, SupervisorDeparted, SupervisorReturned
from shared.contracts.placements import MoveCause, PlacementChanged, PlacementWithdrawn, StudentUnplaced, UnplacedReason
from shared.errors import Conflict, DomainError, NotFound
from tests.support.capacity import NOW, TODAY, proposed, supervisor, workplace
from tests.support.capacity_memory import MemoryStore

SOON = NOW + timedelta(hours=23)


def any_version(_sequence: int) -> None:
    """Takes what there is."""


@pytest.fixture
async def held(store: MemoryStore) -> MemoryStore:
    """A supervisor and a workplace, just made."""
    await handlers.register_supervisor(store, "NL-T01", supervisor(), None)
    await handlers.offer_workplace(store, workplace())
    return store


async def test_an_absence_is_undone_and_the_plan_hears_of_a_return(held: MemoryStore) -> None:
    await handlers.report_absence(held, "v1", Absence(start=TODAY), TODAY, any_version)
    assert await undoing.undo(held, "supervisor/v1", 2, SOON, TODAY) == 3
    assert held.held_supervisors["v1"].supervisor == supervisor()
    assert isinstance(held.published[-1], SupervisorReturned)


async def test_an_undone_departure_and_hours_are_as_they_were(held: MemoryStore) -> None:
    await handlers.change_supervisor(held, "v1", supervisor(qh={"2026-S1": 8}), TODAY, any_version)
    await handlers.report_departure(held, "v1", TODAY, TODAY, any_version)
    await undoing.undo(held, "supervisor/v1", 3, SOON, TODAY)
    assert held.held_supervisors["v1"].supervisor.departs is None
    with pytest.raises(Conflict, match="niet-de-laatste"):
        await undoing.undo(held, "supervisor/v1", 2, SOON, TODAY)


async def test_undoing_the_undoing_does_it_again(held: MemoryStore) -> None:
    await handlers.change_supervisor(held, "v1", supervisor(qh={"2026-S1": 8}), TODAY, any_version)
    await undoing.undo(held, "supervisor/v1", 2, SOON, TODAY)
    await undoing.undo(held, "supervisor/v1", 3, SOON, TODAY)
    assert held.held_supervisors["v1"].supervisor.qh == {"2026-S1": 8}


async def test_who_was_registered_by_mistake_departs_and_a_workplace_offered_by_mistake_has_no_seats(
    held: MemoryStore,
) -> None:
    await undoing.undo(held, "supervisor/v1", 1, SOON, TODAY)
    assert held.held_supervisors["v1"].supervisor.departs == TODAY
    assert isinstance(held.published[-1], SupervisorDeparted)
    await undoing.undo(held, "workplace/w1", 1, SOON, TODAY)
    assert held.held_workplaces["w1"].workplace.seats == {}


async def test_seats_are_put_back(held: MemoryStore) -> None:
    await handlers.change_workplace(held, workplace(seats={"2026-S1": 9}), any_version)
    await undoing.undo(held, "workplace/w1", 2, SOON, TODAY)
    assert held.held_workplaces["w1"].workplace.seats == {"2026-S1": 2}


async def test_after_a_day_or_an_erasure_nothing_is_undone(held: MemoryStore) -> None:
    await handlers.report_absence(held, "v1", Absence(start=TODAY), TODAY, any_version)
    with pytest.raises(Conflict, match="te-laat"):
        await undoing.undo(held, "supervisor/v1", 2, NOW + timedelta(hours=25), TODAY)
    await handlers.erase_supervisor(held, "v1", TODAY)
    assert not [each for each in held.kept if each[0] == "supervisor/v1"]
    with pytest.raises(Conflict, match="niet-bewaard"):
        await undoing.undo(held, "supervisor/v1", held.held_supervisors["v1"].sequence, SOON, TODAY)


async def test_another_name_is_undone_and_so_is_that(held: MemoryStore) -> None:
    await handlers.rename_supervisor(held, held.held_supervisors["v1"], "Anna")
    with pytest.raises(Conflict, match="niet-bewaard"):
        await undoing.undo(held, "name/v1", 1, SOON, TODAY)
    held.now += timedelta(minutes=1)
    await handlers.rename_supervisor(held, held.held_supervisors["v1"], "Hanna")
    held.now += timedelta(minutes=1)
    for expected in ("Anna", "Hanna"):
        assert await undoing.undo(held, "name/v1", 1, SOON, TODAY) == 1
        assert held.plain_names == {"v1": expected}
        held.now += timedelta(minutes=1)
    with pytest.raises(Conflict, match="te-laat"):
        await undoing.undo(held, "name/v1", 1, NOW + timedelta(hours=25), TODAY)
    await handlers.erase_supervisor(held, "v1", TODAY)
    with pytest.raises(Conflict):
        await undoing.undo(held, "name/v1", 1, SOON, TODAY)
    assert held.plain_names == {}


@pytest.mark.parametrize("aggregate", ["region/NL-T01", "supervisor/v9", "day/NL-T01"])
async def test_what_cannot_be_undone_is_not_found(held: MemoryStore, aggregate: str) -> None:
    with pytest.raises(NotFound):
        await undoing.undo(held, aggregate, 1, SOON, TODAY)


async def test_a_check_is_kept_and_audited_and_changes_nothing(held: MemoryStore) -> None:
    published = len(held.published)
    await undoing.check_site(held, "01AB00", "2026-S1")
    assert [(each.site, each.period) for each in await held.checks(["01AB00"])] == [("01AB00", "2026-S1")]
    assert held.changes[-1].action == undoing.CHECKED
    assert len(held.published) == published
    with pytest.raises(DomainError, match="onbekende-periode"):
        await undoing.check_site(held, "01AB00", "1999-S1")


async def test_what_the_plan_did_is_told_to_each_school_that_it_touches(store: MemoryStore) -> None:
    await learning.learn_places(store, [proposed()])
    held = await store.place("s1")
    assert news_of(proposed(), None) == (News("01AB00", "s1", What.PROPOSED),)
    moved = {**proposed().model_dump(), "sequence": 2, "cause": MoveCause.MADE_ROOM, "previous_site": "01AB00"}
    assert news_of(PlacementChanged(**moved), held) == (News("01AB00", "s1", What.REGUIDED),)
    elsewhere = PlacementChanged(**moved | {"site": "02CD00"})
    assert news_of(elsewhere, held) == (News("01AB00", "s1", What.LEFT), News("02CD00", "s1", What.ARRIVED))
    about = {"region": "NL-T01", "sequence": 3, "plan_version": 2, "student": "s1", "institute": "01VU"}
    gone = PlacementWithdrawn(**about, site="01AB00", cause=MoveCause.STUDENT_WITHDRAWN)
    assert news_of(gone, held) == (News("01AB00", "s1", What.WITHDRAWN),)
    lost = StudentUnplaced(
        **about,
        subject="wiskunde",
        periods=("2026-S1",),
        since=date(2026, 11, 24),
        reason=UnplacedReason.NO_SUPERVISOR_HOURS,
        lost_site="01AB00",
    )
    assert news_of(lost, held) == (News("01AB00", "s1", What.LOST),)
    await learning.learn_places(store, [lost])
    assert [each.student for each in await store.lost_at("01AB00")] == ["s1"]
    assert await store.news("01AB00", NOW) == {"s1": What.LOST}
    await learning.learn_places(store, [lost])
    assert len(store.told) == 2
