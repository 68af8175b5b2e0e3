"""The life of an alert: each step by itself, and whatever order the steps come in."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain import life
from services.notifier.domain.alerts import Alert, AlertKind, AlertState, Level, News
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.life import clear_alert, conclude_alert, open_alert, tell
from shared.dutch import dutch_day
from shared.errors import DomainError
from tests.support.notifier import NOW, an_alert

FIRST = an_alert(AlertKind.UNPLACED)
RISK = replace(an_alert(AlertKind.AT_RISK), level=Level.WARNING)
LATER = NOW + timedelta(days=1)


def _event(sequence: int) -> Alert:
    return replace(FIRST, sequence=sequence)


def was_told(alert: Alert, now: datetime = NOW) -> Alert:
    return conclude_alert(tell(alert, now), now, was_mailed=True, escalate_at=now + timedelta(days=2))


def test_a_raised_alert_is_to_be_told_in_its_first_revision() -> None:
    assert open_alert(None, FIRST) == FIRST
    assert (FIRST.state, FIRST.revision, FIRST.look_at) == (AlertState.RAISED, 1, NOW)


def test_what_was_mailed_and_changes_without_getting_worse_is_not_mailed_again() -> None:
    after = open_alert(was_told(FIRST), replace(_event(2), case=replace(FIRST.case, reason="seats-taken")))
    assert (after.state, after.revision, after.sequence) == (AlertState.MAILED, 1, 2)
    assert after.case.reason == "seats-taken"


def test_what_gets_worse_is_told_again_and_nobody_has_taken_it_on_any_more() -> None:
    taken_on = life.acknowledge(was_told(RISK), "c1", NOW)
    worse = open_alert(taken_on, replace(RISK, sequence=2, level=Level.CRITICAL, news_at=LATER))
    assert (worse.state, worse.news, worse.revision, worse.look_at) == (
        AlertState.WORSENED,
        News.WORSENED,
        2,
        LATER,
    )
    assert worse.care.acknowledged_by is None


def test_worse_before_anybody_heard_is_one_story() -> None:
    worse = open_alert(RISK, replace(RISK, sequence=2, level=Level.CRITICAL), is_worse=True)
    assert (worse.state, worse.revision, worse.level) == (AlertState.RAISED, 1, Level.CRITICAL)


def test_an_older_event_changes_nothing() -> None:
    held = was_told(_event(5))
    assert open_alert(held, _event(5)) == held
    assert open_alert(held, _event(3)) == held
    assert clear_alert(held, LATER, 5) == held


def test_that_it_is_over_is_told_in_a_digest_to_who_heard_and_to_nobody_else() -> None:
    cleared = clear_alert(was_told(FIRST), LATER, 2)
    assert (cleared.state, cleared.news, cleared.look_at, cleared.ended_at) == (
        AlertState.CLEARED,
        News.CLEARED,
        None,
        LATER,
    )
    assert conclude_alert(cleared, LATER, was_mailed=True).state is AlertState.CLOSED
    assert clear_alert(FIRST, LATER, 2).state is AlertState.CLOSED


def test_what_comes_back_before_anybody_heard_it_was_over_never_was() -> None:
    told = was_told(FIRST)
    back = open_alert(clear_alert(told, LATER, 2), replace(_event(3), news_at=LATER))
    assert (back.state, back.escalate_at, back.look_at) == (AlertState.MAILED, told.escalate_at, told.escalate_at)
    taken_on = life.acknowledge(told, "c1", NOW)
    assert open_alert(clear_alert(taken_on, LATER, 2), _event(3)).state is AlertState.ACKNOWLEDGED


def test_given_to_another_who_had_not_heard_it_comes_back_as_news() -> None:
    given = life.hand_over(was_told(FIRST), "c2", LATER)
    back = open_alert(clear_alert(given, LATER, 2), replace(_event(3), news_at=LATER))
    assert (back.state, back.news) == (AlertState.RAISED, News.RAISED)


def test_another_loss_than_was_told_iswas_told() -> None:
    other = replace(_event(3), case=replace(FIRST.case, site="09ZZ00"), news_at=LATER)
    back = open_alert(clear_alert(was_told(FIRST), LATER, 2), other)
    assert (back.state, back.news, back.revision) == (AlertState.RAISED, News.RAISED, 3)


def test_what_is_over_and_comes_back_is_told_again() -> None:
    closed = conclude_alert(clear_alert(was_told(FIRST), LATER, 2), LATER, was_mailed=True)
    again = open_alert(closed, replace(_event(3), opened_at=LATER, news_at=LATER))
    assert (again.state, again.told_at, again.opened_at) == (AlertState.RAISED, None, LATER)
    assert again.revision > closed.revision


def test_what_comes_back_three_times_in_a_week_is_restless_and_waits_for_the_digest() -> None:
    held, sequence, now = was_told(FIRST), 1, NOW
    news = []
    for _ in range(3):
        now += timedelta(days=1)
        held = conclude_alert(clear_alert(held, now, sequence + 1), now, was_mailed=True)
        held = open_alert(held, replace(_event(sequence + 2), opened_at=now, news_at=now))
        news.append((held.news, held.look_at is not None))
        held = was_told(held, now)
        sequence += 2
    assert news == [(News.RAISED, True), (News.RAISED, True), (News.RESTLESS, False)]
    now += timedelta(days=30)
    held = conclude_alert(clear_alert(held, now, sequence + 1), now, was_mailed=True)
    assert open_alert(held, replace(_event(sequence + 2), opened_at=now, news_at=now)).news is News.RAISED


def test_nobody_takes_on_what_is_over() -> None:
    over = clear_alert(FIRST, NOW)
    with pytest.raises(DomainError):
        life.acknowledge(over, "c1", NOW)
    with pytest.raises(DomainError):
        life.hand_over(over, "c1", NOW)
    with pytest.raises(DomainError):
        life.snooze(over, date(2026, 6, 9), NOW, NOW)


@pytest.mark.parametrize("days", [-1, 0, 61, 4000])
def test_a_snooze_has_a_fair_end(days: int) -> None:
    until = dutch_day(NOW) + timedelta(days=days)
    with pytest.raises(DomainError):
        life.snooze(was_told(FIRST), until, NOW, digest_time(until))


def test_after_a_snooze_what_goes_on_is_told_at_once() -> None:
    asleep = life.snooze(was_told(FIRST), date(2026, 6, 8), NOW, digest_time(date(2026, 6, 8)))
    assert (asleep.state, asleep.look_at) == (AlertState.SNOOZED, digest_time(date(2026, 6, 8)))
    awake = life.tick(asleep, digest_time(date(2026, 6, 8)))
    assert (awake.state, awake.news, awake.look_at) == (AlertState.RAISED, News.REMINDER, awake.news_at)


def test_a_snooze_ends_when_it_gets_worse() -> None:
    asleep = life.snooze(was_told(RISK), date(2026, 6, 8), NOW, digest_time(date(2026, 6, 8)))
    worse = open_alert(asleep, replace(RISK, sequence=2), is_worse=True)
    assert (worse.state, worse.care.snoozed_until) == (AlertState.WORSENED, None)


def test_not_taken_on_it_is_escalated_step_by_step_and_taken_on_it_is_not() -> None:
    told = was_told(FIRST)
    assert life.tick(told, NOW + timedelta(days=1)).state is AlertState.MAILED
    up = life.tick(told, NOW + timedelta(days=2))
    assert (up.state, up.news, up.care.step) == (AlertState.ESCALATED, News.ESCALATED, 1)
    assert life.tick(was_told(up, LATER), LATER + timedelta(days=2)).care.step == 2
    taken_on = life.acknowledge(told, "c1", NOW)
    assert life.tick(taken_on, NOW + timedelta(days=90)) == taken_on


def test_a_reminder_puts_no_escalation_off_and_who_took_it_on_still_has() -> None:
    told = was_told(FIRST)
    again = conclude_alert(life.remind(told, LATER), LATER, was_mailed=True, escalate_at=LATER + timedelta(days=9))
    assert again.escalate_at == told.escalate_at
    taken_on = life.acknowledge(told, "c1", NOW)
    reminded = life.remind(taken_on, LATER)
    assert (reminded.state, reminded.news) == (AlertState.RAISED, News.REMINDER)
    assert conclude_alert(reminded, LATER, was_mailed=True).state is AlertState.ACKNOWLEDGED


def test_handed_over_it_is_told_to_the_other() -> None:
    given = life.hand_over(life.acknowledge(was_told(FIRST), "c1", NOW), "c2", LATER)
    assert (given.state, given.news, given.care.handed_to) == (AlertState.RAISED, News.HANDED_OVER, "c2")
    assert given.care.acknowledged_by is None
    assert life.hand_over(given, "c2", LATER) == given


def test_a_fact_is_over_once_it_iswas_told() -> None:
    fact = an_alert(AlertKind.PROPOSED)
    assert was_told(fact).state is AlertState.CLOSED
    assert clear_alert(tell(fact, NOW), NOW).state is AlertState.CLOSED


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 12)), max_size=40))
def test_repeating_the_whole_log_changes_nothing(log: list[tuple[bool, int]]) -> None:
    ordered = sorted(log, key=lambda each: each[1])

    def play(held: Alert | None) -> Alert | None:
        for is_raised, sequence in ordered:
            if is_raised:
                held = open_alert(held, _event(sequence))
            elif held is not None:
                held = clear_alert(held, NOW, sequence)
            if held is not None:
                held = was_told(held)
        return held

    once = play(None)
    assert play(once) == once
