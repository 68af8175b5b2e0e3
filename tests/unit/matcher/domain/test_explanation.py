"""Every reason why somebody has no place, each from facts that bring it about."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.domain.explanation import explain_unplaced
from services.matcher.domain.plan import Placement, Unplaced
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region
from tests.support.regions import (
    invented_region,
    placement,
    plan,
    region,
    settings,
    site,
    student,
    supervisor,
    workplace,
)

PEOPLE = ("v1", "t1", "i1")


def world(*changed: Any, without: str = "", **given: Any) -> Region:
    base = [site(), workplace(), *(supervisor(name) for name in PEOPLE), student(1), student(2)]
    merged = {one.id: one for one in (*base, *changed) if one.id != without}
    return region(merged.values(), settings(**given))


def why(facts: Region, *placements: Placement) -> Unplaced:
    return explain_unplaced(facts, plan(facts, *placements), student(1).id)


NEVER: list[tuple[Reason, Any]] = [
    (Reason.NO_NORM, student(support=2)),
    (Reason.UNKNOWN_PERIOD, student(period_sets=[["2030-S1"]])),
    (Reason.NO_WORKPLACE_FOR_SUBJECT, student(subject="engels")),
    (Reason.NO_WORKPLACE_FOR_SUBJECT, student(sector="po")),
    (Reason.NO_WORKPLACE_FOR_PHASE, workplace(phases=["lio"])),
    (Reason.NO_WORKPLACE_IN_REACH, student(lat=53.5)),
    (Reason.NO_WORKPLACE_IN_REACH, student(not_sites=["01AA01"])),
    (Reason.NO_WORKPLACE_IN_REACH, student(only_sites=["09ZZ09"])),
    (Reason.NO_SEAT_IN_PERIOD, workplace(seats={"2026-S2": 4})),
    (Reason.NO_SUPERVISOR, supervisor("v1", subjects=["engels"])),
    (Reason.NO_SUPERVISOR_HOURS, supervisor("v1", qh={"2026-S1": 5})),
    (Reason.NO_SCHOOL_TRAINER, supervisor("t1", at=2)),
    (Reason.NO_SCHOOL_TRAINER_HOURS, supervisor("t1", qh={"2026-S1": 3})),
    (Reason.NO_INSTITUTE_TRAINER, supervisor("i1", institutes=["30GB"])),
    (Reason.NO_INSTITUTE_TRAINER_HOURS, supervisor("i1", qh={"2026-S1": 1})),
    (Reason.MINIMUM_NOT_MET, site(min_students=2)),
]


@pytest.mark.parametrize(("reason", "changed"), NEVER)
def test_what_no_plan_could_mend_is_told(reason: Reason, changed: Any) -> None:
    norms = [{"support": 1, "wpb": 6, "so": 2, "io": 1}]
    assert why(world(changed, norms=norms)).reason is reason


TOGETHER: list[tuple[Reason, tuple[Any, ...]]] = [
    (Reason.NO_SITE_FOR_SUPPORT, (student(support=3), site(max_support=2))),
    (Reason.NO_COMMON_DAYS, (student(days=["mon"]), supervisor("v1", days=["fri"]))),
]


@pytest.mark.parametrize(("reason", "changed"), TOGETHER)
def test_support_and_days_are_told(reason: Reason, changed: tuple[Any, ...]) -> None:
    assert why(world(*changed)).reason is reason


HELD: list[tuple[Reason, Any]] = [
    (Reason.SEATS_TAKEN, workplace(seats={"2026-S1": 1})),
    (Reason.NO_SUPERVISOR_HOURS, supervisor("v1", qh={"2026-S1": 11})),
    (Reason.NO_SUPERVISOR_HOURS, supervisor("v1", max_students=1)),
    (Reason.NO_SCHOOL_TRAINER_HOURS, supervisor("t1", qh={"2026-S1": 5})),
    (Reason.NO_INSTITUTE_TRAINER_HOURS, supervisor("i1", qh={"2026-S1": 2})),
    (Reason.TOGETHER_OR_APART, student(1, apart=["s2"])),
    (Reason.OUTWEIGHED, student(1)),
]


@pytest.mark.parametrize(("reason", "changed"), HELD)
def test_what_others_hold_is_told(reason: Reason, changed: Any) -> None:
    assert why(world(changed), placement(2)).reason is reason


def test_every_reason_of_the_closed_list_is_brought_about_above() -> None:
    assert {reason for reason, _ in (*NEVER, *HELD, *TOGETHER)} == {*Reason}


def test_places_that_are_held_up_by_different_things_are_outweighed() -> None:
    elsewhere = [site(2), workplace(2, 2, seats={"2026-S1": 1}), *(supervisor(one, sites=["*"]) for one in PEOPLE[1:])]
    facts = world(*elsewhere, supervisor("v1", qh={"2026-S1": 11}), supervisor("v2", 2), student(3))
    found = why(facts, placement(2), placement(3, at=2, by="v2"))
    assert found.reason is Reason.OUTWEIGHED
    assert found.facts["places-seats-taken"] == found.facts["places-no-supervisor-hours"] == 1


def test_the_facts_tell_how_far_and_how_much() -> None:
    assert why(world(student(lat=53.5))).facts["nearest-min"] > 90
    short = why(world(supervisor("v1", qh={"2026-S1": 11})), placement(2))
    assert (short.facts["short-qh"], short.supervisors, short.workplaces) == (1, ("v1",), ("w1",))
    never = why(world(supervisor("t1", qh={"2026-S1": 1})))
    assert (never.facts["short-qh"], never.supervisors) == (3, ("t1",))


@effort(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_there_is_always_exactly_one_reason(seed: int) -> None:
    facts = invented_region(seed, students=8, sites=3, scarcity=2.0)
    for one in facts.students:
        first, again = explain_unplaced(facts, plan(facts), one), explain_unplaced(facts, plan(facts), one)
        assert first == again
        assert all(isinstance(number, int) for number in first.facts.values())
