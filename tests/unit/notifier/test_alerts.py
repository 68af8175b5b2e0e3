"""The life of an alert."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.alerts import Alert, AlertKind, AlertState, clear_alert, conclude_alert, open_alert
from tests.support.notifier import an_alert

FIRST = an_alert(AlertKind.UNPLACED)


def _event(sequence: int) -> Alert:
    return replace(FIRST, sequence=sequence)


def test_a_raised_alert_is_open_in_its_first_revision() -> None:
    assert open_alert(None, FIRST) == FIRST
    assert (FIRST.state, FIRST.revision) == (AlertState.OPEN, 1)


def test_what_was_mailed_and_gets_worse_is_not_mailed_again() -> None:
    mailed = conclude_alert(FIRST, was_mailed=True)
    worse = replace(_event(2), case=replace(FIRST.case, reason="seats-taken"))
    after = open_alert(mailed, worse)
    assert (after.state, after.revision, after.sequence) == (AlertState.MAILED, 1, 2)
    assert after.case.reason == "seats-taken"


def test_an_older_event_changes_nothing() -> None:
    held = conclude_alert(_event(5), was_mailed=True)
    assert open_alert(held, _event(5)) == held
    assert open_alert(held, _event(3)) == held
    assert clear_alert(held, 5) == held


def test_what_was_cleared_and_comes_back_is_told_again() -> None:
    cleared = clear_alert(conclude_alert(FIRST, was_mailed=True), 2)
    assert cleared.state is AlertState.CLEARED
    again = open_alert(cleared, _event(3))
    assert (again.state, again.revision) == (AlertState.OPEN, 2)


def test_a_withdrawal_clears_without_a_sequence_of_its_own() -> None:
    assert clear_alert(FIRST).state is AlertState.CLEARED
    assert clear_alert(FIRST).sequence == FIRST.sequence


def test_only_an_open_alert_can_be_concluded() -> None:
    cleared = clear_alert(FIRST)
    assert conclude_alert(cleared, was_mailed=True) == cleared
    assert conclude_alert(FIRST, was_mailed=False).state is AlertState.INHIBITED


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 12)), max_size=40))
def test_repeating_the_whole_log_changes_nothing(log: list[tuple[bool, int]]) -> None:
    ordered = sorted(log, key=lambda each: each[1])

    def play(held: Alert | None) -> Alert | None:
        for is_raised, sequence in ordered:
            if is_raised:
                held = open_alert(held, _event(sequence))
            elif held is not None:
                held = clear_alert(held, sequence)
            if held is not None:
                held = conclude_alert(held, was_mailed=True)
        return held

    once = play(None)
    assert play(once) == once
