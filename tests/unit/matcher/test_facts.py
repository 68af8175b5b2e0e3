"""What the matcher was told folds to the same region in whatever order and however often it arrives."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.capacity.domain.regions import start_day
from services.matcher.adapters.planning import Desk
from services.matcher.domain.assembling import assemble, change_between
from services.matcher.domain.changes import Change, applied
from services.matcher.domain.facts import Fact, RegionFacts, Touched
from services.matcher.domain.folding import Folding, fold
from services.matcher.domain.ids import RegionId, StudentId
from services.matcher.domain.plan import Placement
from services.matcher.domain.reading import RegionProblems
from services.matcher.domain.vocabulary import PlacementState
from services.matcher.ports import Held, Step
from shared.contracts.envelope import UnreadableEvent
from shared.contracts.region import LONGEST_LEAP
from tests.support import matcher as told
from tests.support.capacity import region as region_of_capacity
from tests.support.planning import planned_anew
from tests.support.regions import PERIODS, invented_region, placement, region, site, student, supervisor, workplace

STARTS = PERIODS["2026-S1"][0]
ALL: list[Any] = [
    site(1),
    site(2, lat=52.2),
    workplace(1),
    workplace(2, 2),
    supervisor("v1"),
    supervisor("v2", 2),
    supervisor("t1", sites=["*"]),
    supervisor("i1", sites=["*"]),
    student(1),
    student(2),
    student(3),
]
EVENTS = told.events_of(region(ALL))
LATER = [
    told.student_event(student(2, wishes=["01AA02"]), 2),
    told.withdrawal("s3"),
    told.supervisor_event(supervisor("v1", qh={"2026-S1": 6}), 2),
    told.day_event("2026-06-02", 2),
    told.refused(placement(1)),
    told.confirmed(placement(2)),
]
FACTS = told.facts_of([*EVENTS, *LATER])


def folded(facts: Iterable[Fact]) -> RegionFacts:
    return fold(RegionFacts(RegionId(told.REGION)), facts)


def planned(facts: RegionFacts) -> object:
    model = assemble(facts, ())
    assert model is not None
    return replace(planned_anew(model), seconds=0)


EXPECTED = folded(FACTS)
EXPECTED_PLAN = planned(EXPECTED)


@effort(max_examples=60, deadline=None)
@given(st.permutations([*FACTS, *FACTS]))
def test_neither_order_nor_repetition_changes_what_is_known(arrived: Sequence[Fact]) -> None:
    assert folded(arrived) == EXPECTED


@effort(max_examples=15, deadline=None)
@given(st.permutations(FACTS))
def test_the_first_plan_does_not_depend_on_the_order_of_arrival(arrived: Sequence[Fact]) -> None:
    assert planned(folded(arrived)) == EXPECTED_PLAN


def test_an_older_sequence_never_overwrites_a_newer_and_touches_nothing() -> None:
    old, new = told.facts_of([told.student_event(student(1), 4), told.student_event(student(1, phase="lio"), 5)])
    known = folded([new])
    again = Folding(known)
    assert again.take(old) is None
    assert again.facts is known
    assert folded([new, old, new]).students[StudentId("s1")].phase == "lio"


def test_what_ended_is_gone_and_stays_gone_when_its_past_arrives_again() -> None:
    registered, ended = told.facts_of([told.student_event(student(1)), told.withdrawal("s1")])
    assert folded([registered, ended]).students == {}
    assert folded([ended, registered]).students == {}


@pytest.mark.parametrize(
    ("subject", "kept"),
    [
        ("site/01AA01", "sites"),
        ("workplace/w1", "workplaces"),
        ("supervisor/v1", "supervisors"),
        ("student/s1", "students"),
        ("school-decision/s1", "decided"),
    ],
)
def test_a_tombstone_erases_what_was_told(subject: str, kept: str) -> None:
    facts = folded(told.facts_of([*EVENTS, told.refused(placement(1))]))
    folding = Folding(facts)
    assert folding.take(Fact(facts.id, subject, facts.sequences[subject] + 1, None))
    erased = folding.facts
    if kept == "decided":
        model = assemble(erased, ())
        assert model is not None
        assert model.students[StudentId("s1")].not_sites == ()
    else:
        assert subject.partition("/")[2] not in getattr(erased, kept)
    assert assemble(erased, ()) is not None


def test_a_region_is_planned_only_once_it_has_settings_and_a_day() -> None:
    settings, day = told.settings_event(), told.day_event("2026-06-01")
    rest = [one for one in EVENTS if one not in (settings, day)]
    others = [fact for fact in told.facts_of(rest) if fact.kind not in ("region", "day")]
    assert assemble(folded(others), ()) is None
    assert assemble(folded([*others, *told.facts_of([settings])]), ()) is None
    assert assemble(folded([*others, *told.facts_of([day])]), ()) is None
    assert assemble(folded([*others, *told.facts_of([settings, day])]), ()) is not None


def test_what_refers_to_something_that_has_not_arrived_waits_for_it() -> None:
    shell = site(2, role="shell", core="01AA01")
    events = [
        told.settings_event(),
        told.day_event("2026-06-01"),
        told.student_event(student(1)),
        told.workplace_event(workplace(1)),
        told.workplace_event(workplace(2, 2)),
        told.site_event(shell),
    ]
    early = assemble(folded(told.facts_of(events)), ())
    assert early is not None
    assert (early.sites, early.workplaces) == ({}, {})
    late = assemble(folded(told.facts_of([*events, told.site_event(site(1))])), ())
    assert late is not None
    assert set(late.sites) == {"01AA01", "01AA02"}
    assert set(late.workplaces) == {"w1", "w2"}
    planned(folded(told.facts_of(events)))


def test_a_day_never_goes_back_whatever_its_sequence() -> None:
    days = told.facts_of([told.day_event("2026-06-05", 3), told.day_event("2026-06-04", 4)])
    assert folded(days).today == date(2026, 6, 5)
    assert Folding(folded(days[:1])).take(days[1]) is None
    later = told.facts_of([told.day_event("2026-06-06", 2)])
    assert folded([*days, *later]).today == date(2026, 6, 6)


def test_the_furthest_day_that_capacity_lets_begin_is_no_slip_here() -> None:
    first = date(2026, 6, 5)
    furthest = first + LONGEST_LEAP
    begun, _ = start_day(replace(region_of_capacity(), day=first), furthest)
    assert begun.day == furthest
    days = told.facts_of([told.day_event(str(first), 1), told.day_event(str(furthest), 2)])
    assert folded(days).today == furthest
    with pytest.raises(UnreadableEvent):
        folded(told.facts_of([told.day_event(str(first), 1), told.day_event(str(furthest + timedelta(1)), 2)]))


@pytest.mark.parametrize("no", [told.refused, told.declined])
def test_a_place_that_was_refused_or_declined_is_not_offered_to_that_student_again(no: object) -> None:
    assert callable(no)
    facts = folded(told.facts_of([*EVENTS, no(placement(1))]))
    model = assemble(facts, (placement(1),))
    assert model is not None
    assert planned_anew(model).outcome.placed[StudentId("s1")].workplace == "w2"
    others = [one for key, one in model.students.items() if key != "s1"]
    assert all("01AA01" not in one.not_sites for one in others)


def state_of(held: Placement, *events: object) -> PlacementState:
    facts = folded(told.facts_of([*EVENTS, *events]))  # type: ignore[list-item]
    model = assemble(facts, (held,))
    assert model is not None
    return model.placements[0].state


def test_a_place_is_settled_when_school_and_institute_agree_on_it_and_only_then() -> None:
    held, elsewhere = placement(1), placement(1, 2)
    assert state_of(held, told.accepted(held)) is PlacementState.PROPOSED
    assert state_of(held, told.confirmed(held)) is PlacementState.PROPOSED
    assert state_of(held, told.accepted(held), told.confirmed(held)) is PlacementState.SETTLED
    assert state_of(held, told.accepted(elsewhere), told.confirmed(held)) is PlacementState.PROPOSED
    assert state_of(held, told.accepted(held), told.switch(held)) is PlacementState.PROPOSED
    assert state_of(held, told.accepted(held), told.declined(held)) is PlacementState.PROPOSED


def test_a_settled_place_starts_on_the_first_day_of_its_first_period() -> None:
    settled = replace(placement(1), state=PlacementState.SETTLED)
    eve = told.day_event(date.fromordinal(STARTS.toordinal() - 1), 2)
    assert state_of(settled, eve) is PlacementState.SETTLED
    assert state_of(settled, told.day_event(STARTS, 2)) is PlacementState.STARTED
    assert state_of(placement(1), told.day_event(STARTS, 2)) is PlacementState.PROPOSED


def test_settings_that_cannot_be_planned_with_are_refused_and_change_nothing() -> None:
    facts = folded(FACTS)
    broken = Fact(facts.id, f"region/{facts.id}", 9, {"periods": [], "settings": {"norms": "none"}})
    with pytest.raises(RegionProblems, match="norms"):
        fold(facts, [broken])
    assert facts == EXPECTED


def test_nobody_stays_without_a_place_that_is_free_however_many_came_at_once() -> None:
    model = assemble(folded(told.facts_of(told.events_of(invented_region(1, 120, 12, scarcity=0.5)))), ())
    assert model is not None
    nobody = replace(model, students={})
    desk = Desk()
    desk.begin(model.id, 0, Held(nobody))
    together = desk.take(Step(model.id, 0, 1, Change(students=model.students))).outcome
    for outcome in (planned_anew(model).outcome, together):
        assert len(outcome.placed) > 80
        assert [one.student for one in outcome.unplaced.values() if one.facts.get("places-free")] == []


KINDS = st.sampled_from(
    [
        *((told.site_event, site(one, lat=52.0 + lat / 10)) for one in (1, 2) for lat in (0, 1)),
        (told.site_event, site(2, role="shell", core="01AA01")),
        *((told.workplace_event, workplace(one, at)) for one in (1, 2) for at in (1, 2)),
        *((told.supervisor_event, supervisor("v1", at)) for at in (1, 2)),
        *((told.student_event, student(one, phase=phase)) for one in (1, 2) for phase in ("wpl1", "lio")),
        *((say, placement(1, at)) for say in (told.refused, told.accepted, told.confirmed) for at in (1, 2)),
    ]
)
ENDED = st.sampled_from(["site/01AA01", "workplace/w1", "supervisor/v1", "student/s1"])
HELD = (placement(1), placement(2, 2))


@effort(max_examples=150, deadline=None)
@given(st.lists(st.one_of(KINDS, ENDED), max_size=8), st.lists(st.one_of(KINDS, ENDED), min_size=1, max_size=8))
def test_what_is_told_changes_the_region_as_if_it_were_put_together_anew(first: list[Any], then: list[Any]) -> None:
    start = fold(folded(told.facts_of([told.settings_event(), told.day_event("2026-06-01")])), _told(first, 10))
    folding, touched = Folding(start), Touched()
    for fact in _told(then, 100):
        touched |= folding.take(fact) or Touched()
    before = assemble(start, HELD)
    assert before is not None
    after = assemble(folding.facts, before.placements)
    held = {one.student: one for one in before.placements}
    found = applied(before, change_between(start, folding.facts, touched, held))
    assert found == after


def _told(what: list[Any], sequence: int) -> Iterator[Fact]:
    for number, one in enumerate(what, start=sequence):
        if isinstance(one, str):
            yield Fact(RegionId(told.REGION), one, number, None)
        else:
            say, thing = one
            yield from told.facts_of([say(thing, number)])
