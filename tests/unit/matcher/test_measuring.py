"""What the matcher tells to whoever watches it: how each region is, what moved and why, and never about a person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.matcher.adapters.metrics import Measuring
from services.matcher.domain.waiting import TOLD_AFTER_DAYS, Missing, Waiting
from services.matcher.handlers.matcher import Matcher
from services.matcher.ports import Effort
from shared.messaging.inbox import Inbox
from tests.support import matcher as told
from tests.support.regions import TODAY, student, supervisor
from tests.support.running_matcher import BEFORE_STUDENTS, HERE, SCHOOL, Running


@pytest.fixture
def running() -> Running:
    made = Running()
    made.matcher = Matcher(made.store, made.planner, Inbox("test"), lambda: None, Measuring())
    return made


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"leerplek_matcher_{name}", labels) or 0.0


async def test_a_region_without_settings_is_told_of_although_no_day_begins_there(running: Running) -> None:
    first = datetime.now(UTC).date()
    await running.take(told.student_event(student(1)))
    missing = Missing(f"region/{HERE}", "settings")
    assert running.state().waiting == {missing: Waiting(first)}
    await running.agrees()
    await running.take(told.student_event(student(2)))
    await running.matcher.tell_waiting(first + timedelta(days=TOLD_AFTER_DAYS - 1))
    assert value("waiting_references", region=HERE, told="yes") == 0
    commits = len(running.store.commits)
    with capture_logs() as logs:
        for _ in range(2):
            await running.matcher.tell_waiting(first + timedelta(days=TOLD_AFTER_DAYS))
    assert len(running.store.commits) == commits + 1, "once"
    assert [one["event"] for one in logs] == ["events wait for what was never heard of"]
    assert value("waiting_references", region=HERE, told="yes") == 1
    await running.agrees()
    await running.take(*told.events_before_students(SCHOOL))
    assert running.state().waiting == {}
    assert value("waiting_references", region=HERE, told="yes") == 0
    await running.agrees()


async def test_each_event_is_counted_by_its_kind_and_what_became_of_it(running: Running) -> None:
    labels = {"kind": "student.registered"}
    before = {one: value("events_total", **labels, outcome=one) for one in ("applied", "known already", "parked")}
    await running.take(*BEFORE_STUDENTS, told.student_event(student(1)), told.student_event(student(1)))
    bad = replace(running.log.record(told.student_event(student(2))), value=b"{")
    with capture_logs() as logs:
        await running.matcher.handle_batch([bad])
    assert value("events_total", **labels, outcome="applied") == before["applied"] + 1
    assert value("events_total", **labels, outcome="known already") == before["known already"] + 1
    assert value("events_total", kind="unreadable", outcome="parked") >= 1
    (line,) = [one for one in logs if one["event"] == "batch answered"]
    assert (line["events"], line["outcomes"], line["moves"]) == (1, {"parked": 1}, 0)


async def test_how_a_region_is_follows_its_plan(running: Running) -> None:
    plans = value("plans_total", region=HERE, effort="repair")
    lost = value("places_lost_total", region=HERE, cause="guidance-ended")
    with capture_logs() as logs:
        await running.take(*BEFORE_STUDENTS, told.student_event(student(1)))
        assert (value("placed", region=HERE), value("plan_value", region=HERE) >= 0) == (1, True)
        await running.take(told.supervisor_event(replace(supervisor("v1"), departs=TODAY), 2))
    assert value("placed", region=HERE) == 0
    assert value("unplaced", region=HERE, reason="no-supervisor-hours") == 1
    assert value("plans_total", region=HERE, effort="repair") == plans + 2
    assert value("places_lost_total", region=HERE, cause="guidance-ended") == lost + 1
    assert [one["regions"] for one in logs if one["event"] == "batch answered"] == [{HERE: 1}, {HERE: 2}]
    assert "s1" not in str(logs)


async def test_nothing_was_solved_for_a_plan_that_only_tells_signals(running: Running) -> None:
    await running.take(*told.events_of(SCHOOL))
    await running.matcher.look(HERE)
    assert running.store.plans[HERE][-1].effort is Effort.SIGNALS
    assert value("plans_total", region=HERE, effort="signals") > 0
    assert value("solve_seconds_count", effort="signals") == 0
    assert value("solve_seconds_count", effort="repair") > 0


async def test_what_waits_long_is_told_every_day_until_it_is_known(running: Running) -> None:
    await running.take(*BEFORE_STUDENTS, told.student_event(student(1, together=["s9"])))
    with capture_logs() as logs:
        for days in range(1, TOLD_AFTER_DAYS + 2):
            await running.take(told.day_event(TODAY + timedelta(days=days), 1 + days))
    assert (
        value("waiting_references", region=HERE, told="yes"),
        value("waiting_references", region=HERE, told="no"),
    ) == (1, 0)
    assert [one["waiting"] for one in logs if "never heard of" in one["event"]] == [1, 1]


async def test_a_region_that_left_is_told_of_no_more(running: Running) -> None:
    await running.take(*BEFORE_STUDENTS, told.student_event(student(1)))
    Measuring().only([])
    assert REGISTRY.get_sample_value("leerplek_matcher_placed", {"region": HERE}) is None
