"""Rules about a region: shortages, and groups that carry more than their share."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.matcher.domain.ids import WorkplaceId
from services.matcher.domain.reasons import Reason
from shared.contracts import signals as events
from tests.support.regions import placement, student
from tests.support.signals import SOON, Watch, school, unplaced


def waiting(number: int, **given: Any) -> list[Any]:
    """So many students, and each without a place."""
    return [each for one in range(1, number + 1) for each in (student(one, **given), unplaced(one))]


def shortage(number: int, **given: Any) -> Watch:
    things = waiting(number, **given)
    return Watch(school(*things[::2]), *things[1::2])


def test_two_students_without_a_place_for_want_of_the_same_are_a_shortage() -> None:
    assert shortage(1).of("shortage") == []
    found = shortage(2).last("shortage")
    assert isinstance(found, events.ShortageDetected)
    assert (found.sector, found.subject, found.period, found.site, found.tier) == (
        "vo",
        "wiskunde",
        "2026-S1",
        None,
        "wpb",
    )
    assert (found.students_unplaced, found.missing_qh, found.cause) == (2, 12, "wpb-hours")


def test_three_who_could_be_at_a_site_are_a_shortage_there() -> None:
    watch = shortage(3)
    sites = {one.site for one in watch.told if isinstance(one, events.ShortageDetected)}
    assert sites == {None, "01AA01"}


def test_a_shortage_is_over_a_day_after_everybody_has_a_place_and_worse_when_it_grows() -> None:
    watch = shortage(2).plan(placement(1), placement(2))
    assert watch.of("shortage") == [("raised", "warning")]
    assert watch.on(SOON + timedelta(1)).of("shortage") == [("raised", "warning"), ("cleared", "warning")]


@pytest.mark.parametrize(
    ("reason", "facts", "tier"),
    [
        (Reason.SEATS_TAKEN, {}, None),
        (Reason.NO_SCHOOL_TRAINER_HOURS, {}, "so"),
        (Reason.NO_INSTITUTE_TRAINER, {}, "io"),
        (Reason.OUTWEIGHED, {"places-seats-taken": 2, "places-no-school-trainer-hours": 3}, "so"),
    ],
)
def test_the_reason_tells_what_there_is_too_little_of(reason: Reason, facts: dict[str, int], tier: str | None) -> None:
    watch = Watch(school(student(2)), *(unplaced(one, reason, facts=facts) for one in (1, 2)))
    found = watch.last("shortage")
    assert isinstance(found, events.ShortageDetected)
    assert found.tier == tier


@pytest.mark.parametrize("reason", [Reason.NO_NORM, Reason.TOGETHER_OR_APART, Reason.OUTWEIGHED])
def test_other_reasons_are_no_shortage(reason: Reason) -> None:
    assert Watch(school(student(2)), *(unplaced(one, reason) for one in (1, 2))).of("shortage") == []


def groups(above: int) -> Watch:
    """Forty students, of whom twenty need more support; so many of these and none of the others have no place."""
    students = [student(one, support=1 + one % 2) for one in range(1, 41)]
    left = [one.id for one in students if one.support == 2][:above]
    outcome = [
        unplaced(int(one.id[1:]))
        if one.id in left
        else replace(placement(int(one.id[1:])), workplace=WorkplaceId("w1"))
        for one in students
    ]
    return Watch(school(*students, fairness={"groups": ["support"]}), *outcome)


def test_a_group_that_carries_more_than_five_points_above_the_overall_share_is_told() -> None:
    assert groups(2).of("fairness") == []
    found = groups(3).last("fairness")
    assert isinstance(found, events.FairnessGap)
    assert (found.attribute, found.value, found.unplaced, found.students) == ("support", "2", 3, 20)
    assert (found.overall_share, found.figures["tenths-above"]) == (0.075, 75)
