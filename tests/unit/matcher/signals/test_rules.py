"""Each rule: what raises it, what does not, and what is told."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.plan import WpbShare
from services.matcher.domain.signals.people import NOTHING_TO_GIVE
from services.matcher.domain.vocabulary import PlacementState, Relief
from shared.contracts import signals as events
from shared.contracts.placements import MoveCause
from tests.support.regions import placement, site, student, supervisor, workplace
from tests.support.signals import END, SOON, START, Watch, school, unplaced


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (31, []),
        (30, [("raised", "warning")]),
        (15, [("raised", "warning")]),
        (14, [("raised", "critical")]),
        (0, [("raised", "critical")]),
    ],
)
def test_who_has_no_place_is_at_risk_from_thirty_days_before_the_period(days: int, told: list[tuple[str, str]]) -> None:
    assert Watch(school(), unplaced(1), on=START - timedelta(days)).of("risk-unplaced") == told


def test_it_gets_worse_fourteen_days_before_and_on_the_first_day_and_is_over_with_a_place() -> None:
    watch = Watch(school(), unplaced(1, facts={"short-qh": 3}), on=START - timedelta(30))
    first = watch.last("risk-unplaced")
    assert isinstance(first, events.StudentAtRisk)
    assert (first.rule, first.cause) == ("unplaced-30-days", "no-supervisor-hours")
    assert first.figures == {"days-left": 30, "short-qh": 3}
    assert first.next_date == START - timedelta(14)
    for day in range(29, -3, -1):
        watch.on(START - timedelta(day))
    assert watch.of("risk-unplaced")[1:] == [("worsened", "critical"), ("worsened", "critical")]
    last = watch.last("risk-unplaced")
    assert isinstance(last, events.StudentAtRisk)
    assert (last.rule, last.next_date) == ("unplaced-14-days", END)
    watch.plan(placement(1))
    assert watch.of("risk-unplaced")[3:] == [("cleared", "critical")]


def test_a_student_without_a_place_is_at_risk_no_longer_when_the_period_is_over() -> None:
    watch = Watch(school(), unplaced(1)).on(END + timedelta(1))
    assert watch.open == {}


def test_a_place_that_was_lost_because_guidance_ended_has_no_successor() -> None:
    watch = Watch(school(), placement(1))
    watch.plan(unplaced(1), s1=MoveCause.GUIDANCE_ENDED)
    found = watch.last("risk-no-successor")
    assert isinstance(found, events.StudentAtRisk)
    assert (found.level, found.site, found.cause) == ("critical", "01AA01", "guidance-ended")
    watch.plan(placement(1, by="v2"))
    assert watch.of("risk-no-successor") == [("raised", "critical"), ("cleared", "critical")]


def test_a_place_that_was_lost_to_make_room_is_no_want_of_a_successor() -> None:
    watch = Watch(school(), placement(1))
    assert watch.plan(unplaced(1), s1=MoveCause.MADE_ROOM).of("risk-no-successor") == []


@pytest.mark.parametrize(
    ("person", "cause"),
    [
        (supervisor("v1", departs="2026-08-20"), "wpb-departed"),
        (supervisor("v1", absences=[{"start": "2026-08-01", "end": None}]), "wpb-absence"),
        (supervisor("t1", departs="2026-08-20"), "so-departed"),
        (supervisor("i1", absences=[{"start": "2026-08-01", "end": None}]), "io-absence"),
    ],
)
def test_whoever_the_plan_still_names_though_they_have_gone_has_no_successor(person: Any, cause: str) -> None:
    watch = Watch(school(person), placement(1))
    assert watch.last("risk-no-successor").cause == cause
    assert watch.hear(replace(person, departs=None, absences=())).of("risk-no-successor")[1:] == [
        ("cleared", "critical")
    ]


def test_a_colleague_in_the_team_who_is_there_is_a_successor() -> None:
    shares = (WpbShare(SupervisorId("v1"), 3), WpbShare(SupervisorId("v2"), 3))
    away = supervisor("v1", departs="2026-08-20")
    assert Watch(school(away), placement(1, wpb=shares)).of("risk-no-successor") == []


def absent(days: int, **given: Any) -> Any:
    """The first teacher is away on so many days from the start of the period."""
    last = START + timedelta(days - 1)
    return supervisor("v1", absences=[{"start": START.isoformat(), "end": last.isoformat()}], **given)


def test_days_away_count_as_a_part_of_what_is_left_of_the_period() -> None:
    whole = (END - START).days + 1
    enough = Watch(school(absent(whole // 5)), placement(1))
    assert enough.of("risk-hours-below-80") == []
    short = Watch(school(absent(whole // 5 + 2)), placement(1))
    found = short.last("risk-hours-below-80")
    assert (found.level, found.cause, found.figures["norm-qh"], found.figures["given-qh"]) == (
        "warning",
        "wpb-absence",
        6,
        4,
    )
    assert found.next_date == START


def test_a_short_absence_near_the_end_of_a_period_is_no_long_one() -> None:
    week = {"start": "2027-01-20", "end": "2027-01-27"}
    away = supervisor("v1", absences=[week])
    assert Watch(school(away), placement(1), on=date(2027, 1, 20)).of("risk-hours-below-80") == []


def test_of_a_student_who_needs_more_support_less_than_the_norm_is_enough_to_tell() -> None:
    more = student(1, support=2)
    watch = Watch(school(more, absent(10)), placement(1, qh=9))
    assert watch.of("risk-hours-below-80") == []
    assert watch.last("risk-support-below-norm").figures["percent-missing"] == 7
    assert Watch(school(absent(10)), placement(1)).of("risk-support-below-norm") == []


def test_a_relief_that_the_region_chose_is_told_as_information() -> None:
    watch = Watch(school(), placement(1, qh=4, relief=Relief.PEER))
    found = watch.last("risk-hours-below-80")
    assert (found.level, found.cause, found.figures["percent-missing"]) == ("info", "wpb-peer", 34)


def test_a_duo_is_guided_together_so_it_has_the_hours_of_both() -> None:
    pair = [placement(one, qh=qh, duo_with=StudentId(f"s{other}")) for one, other, qh in ((1, 2, 4), (2, 1, 5))]
    assert Watch(school(student(2)), *pair).of("risk-hours-below-80") == []


def test_own_needs_are_the_norm() -> None:
    less = student(1, needs={"wpb": 3, "so": 1, "io": 1})
    assert Watch(school(less), placement(1, qh=3)).of("risk-hours-below-80") == []


def full(days: int) -> Watch:
    """A school trainer with just the hours, away on so many days."""
    last = START + timedelta(days - 1)
    absences = [{"start": START.isoformat(), "end": last.isoformat()}] if days else []
    return Watch(school(supervisor("t1", qh={"2026-S1": 4}, absences=absences)), placement(1))


def test_a_trainer_who_is_away_has_less_than_is_asked_and_their_students_hear_of_it() -> None:
    assert full(0).of("overloaded") == []
    watch = full(10)
    (found,) = (one for one in watch.told if isinstance(one, events.SupervisorOverloaded))
    assert (found.supervisor, found.site, found.period) == ("t1", "01AA01", "2026-S1")
    assert (found.asked_qh, found.available_qh, found.cause) == (4, 3, "absence")
    assert found.figures == {"asked-qh": 4, "available-qh": 3, "percent": 133}
    assert watch.last("risk-trainer-overloaded").figures == found.figures
    back = replace(watch.facts.supervisors[SupervisorId("t1")], absences=())
    watch.hear(back)
    assert "risk-trainer-overloaded-s1" in watch.open
    for days in range(1, 4):
        watch.on(SOON + timedelta(days))
    assert watch.of("overloaded") == [("raised", "warning"), ("cleared", "warning")]
    assert watch.of("risk-trainer") == [("raised", "info"), ("cleared", "info")]


def test_who_has_no_hours_at_all_is_overloaded_as_far_as_it_goes() -> None:
    watch = Watch(school(supervisor("v1", departs="2026-08-25")), placement(1))
    assert watch.last("overloaded").figures["percent"] == NOTHING_TO_GIVE


def test_moves_count_from_thirty_days_before_the_period_or_from_an_agreed_place() -> None:
    things = [site(2), site(3), *(workplace(one, one) for one in (2, 3))]
    places = [placement(1, at=at) for at in (1, 2, 3, 1)]
    near = Watch(school(*things), places[0]).plan(places[1])
    assert near.of("risk-second-move") == []
    assert near.plan(places[2]).of("risk-second-move") == [("raised", "warning")]
    assert near.plan(places[3]).of("risk-second-move") == [("raised", "warning"), ("worsened", "warning")]
    assert near.last("risk-second-move").figures == {"moves": 3}
    assert near.on(END + timedelta(1)).of("risk-second-move")[2:] == [("cleared", "warning")]
    far = Watch(school(*things), places[0], on=date(2026, 6, 1)).plan(places[1]).plan(places[2])
    assert far.of("risk-second-move") == []
    agreed = [replace(one, state=PlacementState.SETTLED) for one in places]
    broken = Watch(school(*things), agreed[0], on=date(2026, 6, 1)).plan(agreed[1]).plan(agreed[2])
    assert broken.of("risk-second-move") == [("raised", "warning")]


def test_a_place_elsewhere_after_one_that_was_lost_is_a_move_and_the_same_again_is_none() -> None:
    things = [site(2), workplace(2, 2)]
    watch = Watch(school(*things), placement(1)).plan(unplaced(1)).plan(placement(1)).plan(unplaced(1))
    watch.plan(placement(1, at=2)).plan(unplaced(1))
    assert watch.of("risk-second-move") == []
    assert watch.plan(placement(1)).of("risk-second-move") == [("raised", "warning")]


def far_away(minutes: int) -> Any:
    """A student who may travel far, so many minutes from the school."""
    return student(1, lat=52.1 + (minutes - 10) / 1.6 / 111.195, max_travel_min=200)


@pytest.mark.parametrize(("minutes", "risk", "misfit"), [(70, 0, 0), (76, 0, 1), (90, 0, 1), (92, 1, 1), (150, 1, 1)])
def test_more_than_ninety_minutes_is_a_risk_and_more_than_seventyfive_fits_badly(
    minutes: int, risk: int, misfit: int
) -> None:
    watch = Watch(school(far_away(minutes)), placement(1))
    assert (len(watch.of("risk-long-travel")), len(watch.of("mismatch-travel"))) == (risk, misfit)


def test_a_journey_that_is_a_little_shorter_is_still_the_same_signal() -> None:
    watch = Watch(school(far_away(92)), placement(1)).hear(far_away(85))
    assert watch.of("risk-long-travel") == [("raised", "warning")]
    assert watch.hear(far_away(79)).of("risk-long-travel") == [("raised", "warning"), ("cleared", "warning")]


def test_one_teacher_of_the_subject_at_the_site_has_no_backup() -> None:
    alone = school(supervisor("v2", subjects=["engels"]))
    assert Watch(alone, placement(1)).of("risk-no-backup") == [("raised", "info")]
    assert Watch(school(), placement(1)).of("risk-no-backup") == []
    assert Watch(school(supervisor("v2", qh={})), placement(1)).of("risk-no-backup") == [("raised", "info")]


def test_guided_by_a_starter() -> None:
    starter = supervisor("v1", starter=True)
    on = {"levers": {"starters": {"on": True}}}
    assert Watch(school(starter, **on), placement(1)).of("risk-guided-by-starter") == [("raised", "info")]


def test_a_proposal_that_has_only_just_been_made_for_a_period_far_away_is_left_alone_for_some_days() -> None:
    first = date(2026, 6, 1)
    watch = Watch(school(far_away(100)), placement(1), on=first)
    assert watch.of("risk-long-travel") == []
    assert watch.on(first + timedelta(2)).of("risk-long-travel") == []
    assert watch.on(first + timedelta(3)).of("risk-long-travel") == [("raised", "warning")]


def test_what_is_told_of_a_student_is_over_when_they_ask_no_place_any_more() -> None:
    watch = Watch(school(far_away(100)), placement(1))
    assert watch.open
    watch.facts = replace(watch.facts, students={})
    watch.plan()
    assert watch.open == {}


def test_no_signal_tells_more_of_somebody_than_that_they_are_away() -> None:
    watch = full(10)
    told = " ".join(one.model_dump_json() for one in watch.told)
    assert "absence" in told
    assert not any(word in told for word in ("sick", "ziek", "health", "ill"))
