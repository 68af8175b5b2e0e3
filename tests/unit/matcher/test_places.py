"""A new plan is told by exactly the events that a reader needs, each student's in one sequence."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.domain.ids import StudentId
from services.matcher.domain.places import Place, PlaceStatus, changes
from services.matcher.domain.plan import Placement, Plan, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region
from services.matcher.domain.signals.naming import signal_name
from services.matcher.domain.vocabulary import PlacementState
from shared.contracts import placements as events
from shared.contracts import signals
from shared.contracts.placements import MoveCause
from shared.contracts.vocabulary import Contract, SignalLevel, SignalStatus
from tests.support.matcher import known_from, known_of
from tests.support.planning import outcome_of
from tests.support.regions import TODAY, placement, region, site, student, supervisor, workplace

S1 = StudentId("s1")
PEOPLE: list[Any] = [supervisor("v1"), supervisor("v2"), supervisor("t1"), supervisor("i1")]
SCHOOLS: list[Any] = [site(1), site(2, lat=52.2), workplace(1), workplace(2, 2), *PEOPLE]
REGION = region([*SCHOOLS, student(1)])
SETTLED = PlacementState.SETTLED


def plan(of: Region, *placed: Placement, reason: Reason = Reason.SEATS_TAKEN, **facts: int) -> Plan:
    """A plan in which everybody else is unplaced for this reason."""
    has = {one.student for one in placed}
    left = tuple(Unplaced(one, reason, facts) for one in sorted(of.students) if one not in has)
    return Plan(of.id, of.today, placed, left)


class Reader:
    """What was published of one region, plan after plan."""

    def __init__(self) -> None:
        self.places: dict[StudentId, Place] = {}
        self.version = 0
        self.told: list[Contract] = []

    def after(self, of: Region, new: Plan, causes: Mapping[StudentId, MoveCause] | None = None) -> list[Contract]:
        """The events of the next plan."""
        self.version += 1
        made = changes(self.places, of, outcome_of(new, causes), self.places, self.version)
        self.places.update({change.place.student: change.place for change in made})
        told = [event for change in made for event in change.events]
        self.told += told
        return told


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_a_place_for_a_student_who_had_none_is_proposed(reader: Reader) -> None:
    (told,) = reader.after(REGION, plan(REGION, placement(1)))
    assert isinstance(told, events.PlacementProposed)
    assert (told.sequence, told.plan_version, told.institute, told.site) == (1, 1, "01VU", "01AA01")
    assert (told.subject, told.travel_min) == ("wiskunde", 10)
    assert told.placement.wpb[0].supervisor == "v1"


def test_the_same_plan_again_tells_nothing(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    assert reader.after(REGION, plan(REGION, placement(1))) == []
    assert reader.after(replace(REGION, today=TODAY + timedelta(1)), plan(REGION, placement(1))) == []


def test_a_move_tells_why_and_from_where(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    (told,) = reader.after(REGION, plan(REGION, placement(1, 2)), {S1: MoveCause.GUIDANCE_ENDED})
    assert isinstance(told, events.PlacementChanged)
    assert (told.sequence, told.cause, told.previous_site, told.site) == (2, "guidance-ended", "01AA01", "01AA02")


def test_another_supervisor_at_the_same_place_is_a_change(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    (told,) = reader.after(REGION, plan(REGION, placement(1, by="v2")))
    assert isinstance(told, events.PlacementChanged)
    assert (told.cause, told.previous_site, told.site) == ("made-room", "01AA01", "01AA01")


@pytest.mark.parametrize("state", [PlacementState.SETTLED, PlacementState.STARTED])
def test_a_place_that_is_agreed_or_has_started_is_settled(reader: Reader, state: PlacementState) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    (told,) = reader.after(REGION, plan(REGION, placement(1, state=state)))
    assert isinstance(told, events.PlacementSettled)
    assert (told.sequence, told.placement.state.value) == (2, state.value)


def test_a_settled_place_that_changes_its_supervisor_is_changed_and_stays_settled(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1, state=SETTLED)))
    (told,) = reader.after(REGION, plan(REGION, placement(1, by="v2", state=SETTLED)))
    assert isinstance(told, events.PlacementChanged)
    assert told.placement.state == "settled"


def test_whoever_cannot_be_placed_has_one_reason_and_is_told_of_again_only_when_it_is_another(reader: Reader) -> None:
    (told,) = reader.after(REGION, plan(REGION, reason=Reason.SEATS_TAKEN, places=3))
    assert isinstance(told, events.StudentUnplaced)
    assert (told.sequence, told.reason, told.facts, told.since) == (1, "seats-taken", {"places": 3}, TODAY)
    assert told.lost_site is None
    assert reader.after(REGION, plan(REGION, reason=Reason.SEATS_TAKEN, places=2)) == []
    later = replace(REGION, today=TODAY + timedelta(3))
    (again,) = reader.after(later, plan(later, reason=Reason.OUTWEIGHED))
    assert isinstance(again, events.StudentUnplaced)
    assert (again.sequence, again.reason, again.since) == (2, "outweighed", TODAY)


def test_the_longest_id_of_a_student_makes_a_signal_that_can_be_told() -> None:
    name, other = ("s" * 63 + number for number in "12")
    ids = [signal_name("lost", "lost", one) for one in (name, name, other, "s1")]
    assert ids[0] == ids[1] != ids[2]
    assert all(len(one) <= 64 for one in ids)
    assert ids[3] == "lost-s1"


def test_a_lost_place_raises_one_signal_that_is_cleared_when_there_is_another(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    unplaced, lost = reader.after(REGION, plan(REGION), {S1: MoveCause.WORKPLACE_ENDED})
    assert isinstance(unplaced, events.StudentUnplaced)
    assert isinstance(lost, signals.PlacementLost)
    assert unplaced.lost_site == lost.lost_site == "01AA01"
    assert (lost.status, lost.level, lost.cause) == (SignalStatus.RAISED, SignalLevel.CRITICAL, "workplace-ended")
    assert (lost.sequence, lost.signal, lost.period_starts) == (1, "lost-s1", date(2026, 8, 31))
    (reworded,) = reader.after(REGION, plan(REGION, reason=Reason.OUTWEIGHED))
    assert isinstance(reworded, events.StudentUnplaced)
    assert reworded.lost_site == "01AA01"
    proposed, cleared = reader.after(REGION, plan(REGION, placement(1, 2)))
    assert isinstance(proposed, events.PlacementProposed)
    assert isinstance(cleared, signals.PlacementLost)
    assert (cleared.status, cleared.sequence, cleared.lost_site) == (SignalStatus.CLEARED, 2, "01AA01")
    assert cleared.cause == "workplace-ended"
    _, again = reader.after(REGION, plan(REGION))
    assert isinstance(again, signals.PlacementLost)
    assert (again.status, again.sequence, again.lost_site) == (SignalStatus.RAISED, 3, "01AA02")


def test_a_loss_from_before_causes_were_remembered_is_cleared_as_making_room(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    reader.after(REGION, plan(REGION), {S1: MoveCause.GUIDANCE_ENDED})
    old = reader.places[S1]
    assert old.lost is not None
    reader.places[S1] = replace(old, lost=replace(old.lost, cause=None))
    _, cleared = reader.after(REGION, plan(REGION, placement(1)))
    assert isinstance(cleared, signals.PlacementLost)
    assert cleared.cause == "made-room"


def test_who_never_had_a_place_has_lost_none(reader: Reader) -> None:
    assert len(reader.after(REGION, plan(REGION))) == 1
    assert len(reader.after(REGION, plan(REGION, placement(1)))) == 1


def test_a_withdrawal_ends_the_place(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    (told,) = reader.after(region(SCHOOLS), plan(region(SCHOOLS)))
    assert isinstance(told, events.PlacementWithdrawn)
    assert (told.sequence, told.site, told.cause) == (2, "01AA01", "student-withdrawn")
    assert reader.after(region(SCHOOLS), plan(region(SCHOOLS))) == []


def test_a_withdrawal_clears_the_signal_of_a_lost_place(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    reader.after(REGION, plan(REGION), {S1: MoveCause.GUIDANCE_ENDED})
    withdrawn, cleared = reader.after(region(SCHOOLS), plan(region(SCHOOLS)))
    assert isinstance(withdrawn, events.PlacementWithdrawn)
    assert withdrawn.site is None
    assert isinstance(cleared, signals.PlacementLost)
    assert (cleared.status, cleared.sequence, cleared.cause) == (SignalStatus.CLEARED, 2, "guidance-ended")


def test_who_comes_back_goes_on_in_the_same_sequence(reader: Reader) -> None:
    reader.after(REGION, plan(REGION, placement(1)))
    reader.after(region(SCHOOLS), plan(region(SCHOOLS)))
    (told,) = reader.after(REGION, plan(REGION, placement(1)))
    assert isinstance(told, events.PlacementProposed)
    assert told.sequence == 3


def test_a_student_who_never_had_anything_told_about_them_leaves_in_silence(reader: Reader) -> None:
    assert reader.after(region(SCHOOLS), plan(region(SCHOOLS))) == []


@pytest.mark.parametrize("placed", [True, False])
def test_who_goes_to_another_institute_is_told_of_to_that_institute(reader: Reader, placed: bool) -> None:
    moved = region([*SCHOOLS, student(1, institute="30GB")])
    held = (placement(1),) if placed else ()
    reader.after(REGION, plan(REGION, *held))
    (told,) = reader.after(moved, plan(moved, *held))
    assert isinstance(told, events.PlacementChanged if placed else events.StudentUnplaced)
    assert (told.sequence, told.institute) == (2, "30GB")
    if isinstance(told, events.PlacementChanged):
        assert told.cause == "student-changed"


def test_students_are_told_of_in_order(reader: Reader) -> None:
    three = region([*SCHOOLS, student(3), student(1), student(2)])
    told = reader.after(three, plan(three, placement(3), placement(1)))
    assert [type(one).__name__ for one in told] == ["PlacementProposed", "StudentUnplaced", "PlacementProposed"]


OUTCOMES = st.sampled_from(
    [
        "gone",
        "seats-taken",
        "outweighed",
        *((at, by, state) for at in (1, 2) for by in ("v1", "v2") for state in PlacementState),
    ]
)


@effort(max_examples=150, deadline=None)
@given(st.lists(st.tuples(OUTCOMES, OUTCOMES, OUTCOMES), max_size=12))
def test_whoever_folds_what_was_published_knows_what_the_matcher_knows(plans: list[tuple[object, ...]]) -> None:
    reader = Reader()
    for day, outcomes in enumerate(plans):
        numbered = list(enumerate(outcomes, start=1))
        here = [student(number) for number, outcome in numbered if outcome != "gone"]
        of = replace(region([*SCHOOLS, *here]), today=TODAY + timedelta(day))
        placed = [
            placement(number, outcome[0], outcome[1], state=outcome[2])
            for number, outcome in numbered
            if isinstance(outcome, tuple)
        ]
        left = tuple(
            Unplaced(StudentId(f"s{number}"), Reason(outcome))
            for number, outcome in numbered
            if isinstance(outcome, str) and outcome != "gone"
        )
        reader.after(of, Plan(of.id, of.today, tuple(placed), left))
        assert known_from(reader.told) == known_of(reader.places)
        open_reasons = {one for one, place in reader.places.items() if place.status is PlaceStatus.UNPLACED}
        assert open_reasons == {one.student for one in left}
