"""Rules about placements that fit badly, and mismatches that somebody reported: what raises them, what does not, and what is told."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.matcher.domain.facts import Mismatch
from services.matcher.domain.ids import StudentId
from services.matcher.domain.reasons import Reason
from services.matcher.domain.signals.fits import school_days
from services.matcher.domain.switches import Obstacle, Switch, SwitchStatus
from shared.contracts import signals as events
from shared.contracts.placements import SwitchOutcome
from tests.support.regions import placement, student, supervisor
from tests.support.signals import SOON, Watch, school


def test_a_related_subject_and_a_guide_of_another_subject_fit_badly() -> None:
    physics = student(1, subject="natuurkunde")
    teachers = [supervisor(one, subjects=["engels"]) for one in ("v1", "v2")]
    watch = Watch(school(physics, *teachers), placement(1))
    (first,) = (one for one in watch.told if one.signal == "mismatch-subject-s1")
    assert isinstance(first, events.MismatchDetected)
    assert (first.kind, first.site, first.cause, first.level) == ("subject", "01AA01", "detected", "info")
    assert watch.of("mismatch-guidance-match") == [("raised", "info")]
    assert Watch(school(), placement(1)).of("mismatch") == []


@pytest.mark.parametrize(
    ("of_student", "of_guide", "told"),
    [
        (["mon", "tue", "wed"], ["mon"], 1),
        (["mon", "tue"], ["mon"], 0),
        (["mon", "tue", "wed"], [], 0),
        ([], ["mon"], 0),
    ],
)
def test_days_that_hardly_overlap_fit_badly(of_student: list[str], of_guide: list[str], told: int) -> None:
    things = school(student(1, days=of_student), supervisor("v1", days=of_guide))
    assert len(Watch(things, placement(1)).of("mismatch-days")) == told


def test_a_reported_mismatch_is_told_as_long_as_it_is_open_and_the_student_has_a_place() -> None:
    watch = Watch(school(), placement(1))
    report = Mismatch("m-1", StudentId("s1"), "guidance-match", SOON)
    watch.facts = replace(watch.facts, mismatches={"m-1": report})
    found = watch.look().last("mismatch-reported-m-1")
    assert isinstance(found, events.MismatchDetected)
    assert (found.kind, found.cause, found.level) == ("guidance-match", "reported", "warning")
    watch.facts = replace(watch.facts, mismatches={})
    assert watch.look().of("mismatch-reported") == [("raised", "warning"), ("cleared", "warning")]


def open_for(days: int, status: SwitchStatus = SwitchStatus.IMPOSSIBLE, **given: Any) -> Watch:
    """A mismatch that was reported so many days ago, and what became of the search for another place."""
    today, s1 = date(2026, 10, 1), StudentId("s1")
    watch = Watch(school(), placement(1), on=today)
    report = Mismatch("m-1", s1, "days", today - timedelta(days))
    watch.facts = replace(watch.facts, mismatches={"m-1": report})
    watch.switches = {s1: Switch(s1, student().institute, 1, status, today, **given)}
    return watch.look()


def test_a_mismatch_that_is_open_for_more_than_ten_school_days_without_an_alternative_is_a_risk() -> None:
    nothing = Obstacle(Reason.SEATS_TAKEN, free_places=0, swaps=2)
    assert open_for(14, obstacle=nothing).of("risk-open-mismatch") == []
    found = open_for(15, obstacle=nothing).last("risk-open-mismatch")
    assert (found.level, found.cause) == ("warning", "seats-taken")
    assert found.figures == {"school-days": 11, "reports": 1, "free-places": 0, "swaps": 2}


def test_free_places_none_of_which_is_better_and_an_offer_that_was_refused_are_no_alternative() -> None:
    assert open_for(30, obstacle=Obstacle(None, 4)).last("risk-open-mismatch").cause == "none-better"
    refused = open_for(30, SwitchStatus.CLOSED, outcome=SwitchOutcome.REFUSED)
    assert refused.last("risk-open-mismatch").cause == "offer-refused"


def test_with_an_offer_or_before_anything_was_looked_for_an_open_mismatch_is_no_risk() -> None:
    watch = open_for(30, SwitchStatus.OFFERED)
    assert watch.of("risk-open-mismatch") == []
    assert watch.of("mismatch-reported") == [("raised", "warning")]
    watch.switches = {}
    assert watch.look().of("risk-open-mismatch") == []


def test_a_mismatch_that_a_switch_was_taken_for_is_open_no_more() -> None:
    watch = open_for(30, SwitchStatus.CLOSED, answered=frozenset({"m-1"}), outcome=SwitchOutcome.TAKEN)
    assert watch.of("risk-open-mismatch") == watch.of("mismatch-reported") == []


@pytest.mark.parametrize(
    ("after", "until", "days"),
    [("2026-10-02", "2026-10-05", 1), ("2026-10-05", "2026-10-05", 0), ("2026-10-05", "2026-10-19", 10)],
)
def test_weekends_are_no_school_days(after: str, until: str, days: int) -> None:
    assert school_days(date.fromisoformat(after), date.fromisoformat(until)) == days
