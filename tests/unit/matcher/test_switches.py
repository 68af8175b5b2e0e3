"""Who asks for another place keeps theirs until everybody agrees upon one that harms nobody, or hears exactly why there is none."""

from typing import Any

import pytest

from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region
from services.matcher.domain.switches import SwitchStatus
from services.matcher.domain.switching import OFFER_DAYS
from services.matcher.domain.vocabulary import PlacementState
from shared.contracts import placements
from shared.contracts.placements import MoveCause, SwitchKind, SwitchOutcome, SwitchWish
from tests.support import matcher as told
from tests.support.regions import region, site, student, supervisor, workplace
from tests.support.running_matcher import S1, S2, Running

FAR: dict[str, Any] = {"lat": 52.4, "lon": 5.1}
NEAR: dict[str, Any] = {"lat": 52.1, "lon": 5.1}
EVERYWHERE: dict[str, Any] = {"sites": ["*"]}
TRAINERS: list[Any] = [supervisor("t1", **EVERYWHERE), supervisor("i1", **EVERYWHERE)]
SCHOOLS: list[Any] = [
    site(1, **NEAR),
    site(2, **FAR),
    workplace(1, 1, seats={"2026-S1": 1}),
    workplace(2, 2, seats={"2026-S1": 1}),
    supervisor("v1", 1),
    supervisor("v2", 2),
]


@pytest.fixture
def running() -> Running:
    return Running()


async def begin(running: Running, *things: Any) -> None:
    await running.take(*told.events_of(region([*SCHOOLS, *TRAINERS, *things])))


def place_of(running: Running, who: StudentId = S1) -> Placement:
    placement = running.state().places[who].placement
    assert placement is not None
    return placement


def offered(running: Running, who: StudentId = S1) -> placements.SwitchOffered:
    found = [one for one in running.store.published if isinstance(one, placements.SwitchOffered) and one.student == who]
    return found[-1]


def closed(running: Running) -> list[tuple[str, SwitchOutcome]]:
    return [(one.student, one.outcome) for one in running.store.published if isinstance(one, placements.SwitchClosed)]


def impossible(running: Running) -> list[placements.SwitchImpossible]:
    return [one for one in running.store.published if isinstance(one, placements.SwitchImpossible)]


async def at_the_far_school(running: Running) -> None:
    """The one student is at the far school, since the near one had no seat."""
    await begin(running, student(1))
    await running.take(told.workplace_event(workplace(1, 1, seats={"2026-S1": 0}), 2))
    assert place_of(running).workplace == "w2"
    await running.take(told.accepted(place_of(running)), told.confirmed(place_of(running)))
    await running.take(told.workplace_event(workplace(1, 1, seats={"2026-S1": 1}), 3))
    assert place_of(running).workplace == "w2"


def as_offered(running: Running, who: StudentId = S1) -> tuple[Placement, int]:
    """The place that is offered, as decisions name it, and the number of the offer."""
    offer = offered(running, who)
    return Placement(who, tuple(offer.periods), offer.workplace, ()), offer.sequence  # type: ignore[arg-type]


async def agree(running: Running, who: StudentId = S1, sequences: tuple[int, int] = (2, 3)) -> None:
    new, number = as_offered(running, who)
    await running.take(told.accepted(new, sequences[0], offer=number))
    await running.take(told.confirmed(new, sequences[1], offer=number))


async def test_a_free_place_that_is_nearer_is_offered_and_taken_when_school_and_institute_agree(
    running: Running,
) -> None:
    await at_the_far_school(running)
    await running.take(told.switch(place_of(running), 2))
    offer = offered(running)
    assert (offer.kind, offer.workplace, offer.wishes) == (SwitchKind.FREE_PLACE, "w1", (SwitchWish.SHORTER_TRAVEL,))
    assert offer.travel_min < offer.travel_now_min
    assert place_of(running).workplace == "w2"
    await agree(running)
    assert place_of(running).workplace == "w1"
    assert place_of(running).state is PlacementState.SETTLED
    moved = [one for one in running.store.published if isinstance(one, placements.PlacementChanged)][-1]
    assert moved.cause is MoveCause.SWITCHED
    assert closed(running) == [("s1", SwitchOutcome.TAKEN)]
    await running.agrees()
    await running.take(told.day_event("2026-06-02", 2))
    assert len(closed(running)) == 1
    await running.agrees()


async def test_one_yes_is_not_enough(running: Running) -> None:
    await at_the_far_school(running)
    await running.take(told.switch(place_of(running), 2))
    new, number = as_offered(running)
    await running.take(told.confirmed(new, 3, offer=number))
    assert place_of(running).workplace == "w2"
    await running.take(told.accepted(new, 2, offer=number + 5))
    assert place_of(running).workplace == "w2"
    assert running.state().switches[S1].is_open
    await running.agrees()


async def test_a_refused_offer_keeps_the_place_is_not_made_again_and_what_stands_in_the_way_is_told(
    running: Running,
) -> None:
    await at_the_far_school(running)
    await running.take(told.switch(place_of(running), 2))
    new, number = as_offered(running)
    await running.take(told.refused(new, 2, offer=number))
    assert place_of(running).workplace == "w2"
    assert closed(running) == [("s1", SwitchOutcome.REFUSED)]
    assert running.state().switches[S1].status is SwitchStatus.IMPOSSIBLE
    assert (impossible(running)[-1].obstacle, impossible(running)[-1].free_places) == (None, 1)
    await running.agrees()


async def test_without_a_seat_elsewhere_the_exact_obstacle_is_told_once(running: Running) -> None:
    await begin(running, student(1))
    await running.take(told.workplace_event(workplace(1, 1, seats={"2026-S1": 0}), 2))
    await running.take(told.mismatch("s1"))
    (told_once,) = impossible(running)
    assert told_once.obstacle == "no-seat-in-period"
    await running.take(told.day_event("2026-06-02", 2))
    assert len(impossible(running)) == 1
    await running.take(told.workplace_event(workplace(1, 1, seats={"2026-S1": 1}), 3))
    await running.take(told.day_event("2026-06-03", 3))
    assert offered(running).workplace == "w1"
    await running.agrees()


def swapping() -> Region:
    """Two students, each settled at the school that is far for the first; the second lives between both."""
    near, far = student(1, **NEAR), student(2, lat=52.4, lon=5.1)
    return region([*SCHOOLS, *TRAINERS, near, far])


async def crossed(running: Running) -> None:
    """s1, who lives near the first school, is at the second, and s2, who lives at the second, is at the first."""
    start = swapping()
    await running.take(*told.events_before_students(start))
    await running.take(told.workplace_event(workplace(1, 1, seats={"2026-S1": 0}), 2))
    await running.take(told.student_event(student(1, **NEAR)))
    await running.take(told.workplace_event(workplace(1, 1, seats={"2026-S1": 1}), 3))
    await running.take(told.accepted(place_of(running)), told.confirmed(place_of(running)))
    await running.take(told.student_event(start.students[S2]))
    await running.take(told.accepted(place_of(running, S2)), told.confirmed(place_of(running, S2)))
    assert (place_of(running).workplace, place_of(running, S2).workplace) == ("w2", "w1")


async def test_a_swap_is_offered_to_both_and_taken_when_all_four_agree(running: Running) -> None:
    await crossed(running)
    await running.take(told.mismatch("s1"))
    assert {offered(running, one).kind for one in (S1, S2)} == {SwitchKind.SWAP}
    assert offered(running, S2).wishes == ()
    await agree(running, S1, (2, 2))
    assert place_of(running).workplace == "w2"
    await agree(running, S2, (2, 2))
    assert (place_of(running).workplace, place_of(running, S2).workplace) == ("w1", "w2")
    assert closed(running) == [("s1", SwitchOutcome.TAKEN), ("s2", SwitchOutcome.TAKEN)]
    await running.agrees()
    await running.restart()
    await running.take(told.day_event("2026-06-02", 2))
    assert running.state().switches[S1].status is SwitchStatus.CLOSED
    await running.agrees()


async def test_a_swap_ends_for_both_when_one_of_the_four_refuses(running: Running) -> None:
    await crossed(running)
    await running.take(told.mismatch("s1"))
    new, number = as_offered(running, S2)
    await running.take(told.declined(new, 2, offer=number))
    assert closed(running) == [("s1", SwitchOutcome.REFUSED), ("s2", SwitchOutcome.REFUSED)]
    assert (place_of(running).workplace, place_of(running, S2).workplace) == ("w2", "w1")
    assert running.state().switches[S1].status is SwitchStatus.IMPOSSIBLE
    await running.agrees()


async def test_nobody_is_asked_to_swap_who_would_travel_longer(running: Running) -> None:
    near = student(1, **NEAR)
    await running.take(*told.events_before_students(swapping()))
    await running.take(told.workplace_event(workplace(1, 1, seats={"2026-S1": 0}), 2))
    await running.take(told.student_event(near))
    await running.take(told.workplace_event(workplace(1, 1, seats={"2026-S1": 1}), 3), told.student_event(student(2)))
    await running.take(told.mismatch("s1"))
    assert impossible(running)[-1].swaps == 0


async def test_for_other_guides_the_student_may_stay_at_the_same_workplace(running: Running) -> None:
    await begin(running, student(1))
    held = place_of(running)
    await running.take(told.supervisor_event(supervisor("v3", int(held.workplace[1]))))
    await running.take(told.mismatch("s1", kind="guidance-match"))
    offer = offered(running)
    assert (offer.kind, offer.workplace) == (SwitchKind.OTHER_GUIDES, held.workplace)
    await agree(running, S1, (1, 1))
    assert [share.supervisor for share in place_of(running).wpb] == ["v3"]
    assert place_of(running).state is PlacementState.SETTLED
    assert closed(running) == [("s1", SwitchOutcome.TAKEN)]
    await running.agrees()


async def test_an_offer_ends_when_nobody_answers_in_time_and_when_it_is_not_wanted_any_more(running: Running) -> None:
    await at_the_far_school(running)
    await running.take(told.mismatch("s1"))
    await running.take(told.day_event(f"2026-06-{1 + OFFER_DAYS:02}", 2))
    assert closed(running) == []
    await running.take(told.day_event(f"2026-06-{2 + OFFER_DAYS:02}", 3))
    assert closed(running) == [("s1", SwitchOutcome.EXPIRED)]
    assert offered(running).answer_by.isoformat() == f"2026-06-{2 + 2 * OFFER_DAYS:02}"
    await running.take(told.no_mismatch("s1"))
    assert closed(running)[-1] == ("s1", SwitchOutcome.NO_LONGER_WANTED)
    assert not running.state().switches[S1].is_open
    await running.agrees()


async def test_an_offer_that_does_not_fit_any_more_when_it_is_agreed_upon_leaves_the_place(running: Running) -> None:
    await at_the_far_school(running)
    await running.take(told.switch(place_of(running), 2))
    await running.take(told.student_event(student(2)))
    assert place_of(running, S2).workplace == "w1"
    await agree(running)
    assert place_of(running).workplace == "w2"
    assert closed(running) == [("s1", SwitchOutcome.NO_LONGER_POSSIBLE)]
    await running.agrees()


async def test_a_deal_that_is_agreed_upon_on_the_day_that_everything_is_looked_at_is_taken_as_well(
    running: Running,
) -> None:
    await at_the_far_school(running)
    await running.take(told.switch(place_of(running), 2))
    new, number = as_offered(running)
    await running.take(
        told.accepted(new, 2, offer=number),
        told.confirmed(new, 3, offer=number),
        told.day_event("2026-06-02", 2),
    )
    assert place_of(running).workplace == "w1"
    assert closed(running) == [("s1", SwitchOutcome.TAKEN)]
    await running.agrees()


async def test_a_student_without_a_place_or_who_has_withdrawn_gets_no_offer(running: Running) -> None:
    await begin(running, student(1, subject="grieks"), student(2))
    await running.take(told.mismatch("s1"))
    await running.take(told.mismatch("s2", "m-2"), told.withdrawal("s2"))
    assert running.state().switches == {}
    await running.agrees()


async def test_where_not_the_same_stands_in_the_way_everywhere_the_places_are_counted_by_it(running: Running) -> None:
    elsewhere = [site(3, **FAR), workplace(3, 3, seats={"2026-S1": 1})]
    await begin(running, *elsewhere, supervisor("v3", 3, qh={"2026-S1": 6}), student(1))
    held = place_of(running).workplace
    taken, short = sorted({"w1", "w2", "w3"} - {held})
    for number, workplace_id in ((2, taken), (3, short)):
        place = int(workplace_id[1])
        await running.take(told.student_event(student(number, only_sites=[f"01AA0{place}"])))
        if workplace_id == short:  # a second seat, and nobody with hours for it
            await running.take(
                told.workplace_event(workplace(place, place, seats={"2026-S1": 2}), 2),
                told.supervisor_event(supervisor(f"v{place}", place, qh={"2026-S1": 6}), 2),
            )
    await running.take(told.mismatch("s1", kind="workplace-content"))
    (found,) = impossible(running)
    assert (found.obstacle, found.free_places) == ("outweighed", 0)
    assert (found.facts["places-seats-taken"], found.facts["places-no-supervisor-hours"]) == (1, 1)
    await running.agrees()
