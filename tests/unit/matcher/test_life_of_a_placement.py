"""A placement is proposed, agreed upon, started and ended; what was refused is never proposed again."""

from typing import Any

import pytest

from services.matcher.domain.ids import StudentId
from services.matcher.domain.places import PlaceStatus
from services.matcher.domain.plan import Placement
from services.matcher.domain.vocabulary import PlacementState
from shared.contracts import placements
from tests.support import matcher as told
from tests.support.regions import region, settings, site, student, supervisor, workplace
from tests.support.running_matcher import S1, Running

BOTH: dict[str, Any] = {"qh": {"2026-S1": 40, "2026-S2": 40}, "sites": ["*"]}
TWO_SCHOOLS: list[Any] = [
    site(1),
    site(2, lat=52.2),
    site(3, lat=52.3),
    workplace(1, 1, seats={"2026-S1": 1, "2026-S2": 1}),
    workplace(2, 2, seats={"2026-S1": 1, "2026-S2": 1}),
    workplace(3, 3, seats={"2026-S1": 1, "2026-S2": 1}),
    supervisor("v1", **BOTH),
    supervisor("t1", **BOTH),
    supervisor("i1", **BOTH),
]
BOTH_SETS = [["2026-S1"], ["2026-S2"]]
SHIFTED = settings(levers={"shifted": {"on": True}})


@pytest.fixture
def running() -> Running:
    return Running()


def place_of(running: Running, who: StudentId = S1) -> Placement:
    placement = running.state().places[who].placement
    assert placement is not None
    return placement


def told_of(running: Running) -> list[placements.PlaceEvent]:
    return [one for one in running.store.published if isinstance(one, placements.PlaceEvent)]


def last(running: Running) -> str:
    return type(told_of(running)[-1]).__name__


async def test_a_placement_is_proposed_settled_started_and_ended_and_each_is_told_once(running: Running) -> None:
    await running.take(*told.events_of(region([*TWO_SCHOOLS, student(1)])))
    held = place_of(running)
    await running.take(told.accepted(held))
    assert place_of(running).state is PlacementState.PROPOSED
    await running.take(told.confirmed(held))
    assert place_of(running).state is PlacementState.SETTLED
    await running.take(told.day_event("2026-08-31", 2))
    assert place_of(running).state is PlacementState.STARTED
    await running.take(told.day_event("2027-01-29", 3))
    assert running.state().places[S1].status is PlaceStatus.PLACED
    await running.take(told.day_event("2027-01-30", 4))
    assert running.state().places[S1].status is PlaceStatus.ENDED
    await running.take(told.day_event("2027-01-31", 5))
    names = [type(one).__name__ for one in told_of(running)]
    assert names == ["PlacementProposed", "PlacementSettled", "PlacementSettled", "PlacementEnded"]
    ended = told_of(running)[-1]
    assert isinstance(ended, placements.PlacementEnded)
    assert (ended.site, ended.periods) == (f"01AA0{held.workplace[1]}", held.periods)
    await running.agrees()


async def test_who_had_one_period_set_to_its_end_is_not_placed_for_another(running: Running) -> None:
    await running.take(*told.events_of(region([*TWO_SCHOOLS, student(1, period_sets=BOTH_SETS)], SHIFTED)))
    await running.take(told.day_event("2027-01-30", 2))
    assert running.state().places[S1].status is PlaceStatus.ENDED
    await running.restart()
    await running.take(told.workplace_event(workplace(4, 3, seats={"2026-S2": 3})))
    assert running.state().places[S1].status is PlaceStatus.ENDED
    await running.agrees()


async def test_who_had_a_placement_to_its_end_and_asks_for_a_new_period_is_placed_again(running: Running) -> None:
    await running.take(*told.events_of(region([*TWO_SCHOOLS, student(1)])))
    await running.take(told.day_event("2027-01-30", 2))
    await running.take(told.student_event(student(1, period_sets=[["2026-S2"]]), 2))
    assert place_of(running).periods == ("2026-S2",)
    assert last(running) == "PlacementProposed"
    await running.agrees()


async def test_whose_periods_are_over_without_a_place_is_told_that_it_ended(running: Running) -> None:
    await running.take(*told.events_of(region([*TWO_SCHOOLS, student(1, subject="grieks")])))
    await running.take(told.day_event("2027-01-30", 2))
    ended = told_of(running)[-1]
    assert isinstance(ended, placements.PlacementEnded)
    assert ended.site is None
    await running.take(told.withdrawal("s1"))
    assert last(running) == "PlacementWithdrawn"
    await running.agrees()


async def test_a_registration_after_the_start_of_its_period_is_placed_for_what_is_left(running: Running) -> None:
    await running.take(*told.events_of(region(TWO_SCHOOLS)), told.day_event("2026-12-01", 2))
    await running.take(told.student_event(student(1)))
    assert place_of(running).periods == ("2026-S1",)


async def test_a_registration_for_a_period_that_is_over_is_never_placed(running: Running) -> None:
    await running.take(*told.events_of(region(TWO_SCHOOLS, SHIFTED)), told.day_event("2027-02-15", 2))
    await running.take(told.student_event(student(1)), told.student_event(student(2, period_sets=BOTH_SETS)))
    assert S1 not in running.state().places
    assert place_of(running, StudentId("s2")).periods == ("2026-S2",)
    await running.agrees()


async def test_every_place_that_was_refused_is_never_proposed_again(running: Running) -> None:
    await running.take(*told.events_of(region([*TWO_SCHOOLS, student(1)])))
    sites, refused = [], list[str]()
    for number in (1, 2, 3):
        held = place_of(running)
        sites.append(held.workplace)
        await running.take(told.refused(held, number, refused=refused))
        refused.append(held.workplace)
    assert sorted(sites) == ["w1", "w2", "w3"]
    await running.restart()
    await running.take(told.supervisor_event(supervisor("v1", **BOTH), 2))
    assert running.state().places[S1].status is PlaceStatus.UNPLACED
    await running.agrees()


async def test_an_acceptance_elsewhere_does_not_take_a_refusal_back(running: Running) -> None:
    await running.take(*told.events_of(region([*TWO_SCHOOLS, student(1)])))
    first = place_of(running)
    await running.take(told.refused(first))
    second = place_of(running)
    await running.take(told.accepted(second, 2, refused=[first.workplace]))
    await running.take(told.declined(second, refused=[]))
    assert place_of(running).workplace not in {first.workplace, second.workplace}
    await running.agrees()
