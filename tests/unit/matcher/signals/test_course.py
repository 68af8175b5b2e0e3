"""The life of a signal: raised once, worse by a whole step, cleared once it has been better for long enough."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matcher.domain.signals.course import Signal, advance
from services.matcher.domain.signals.findings import Finding
from services.matcher.domain.signals.table import RULES, RuleName
from shared.contracts.vocabulary import SignalLevel, SignalStatus

MONDAY = date(2026, 9, 7)
HOURS = RuleName.HOURS_BELOW_80
RAISED, WORSENED, CLEARED = SignalStatus.RAISED, SignalStatus.WORSENED, SignalStatus.CLEARED


def found(measure: int, rule: RuleName = HOURS, site: str = "01AA01", level: SignalLevel | None = None) -> Finding:
    about = {"student": "s1", "site": site}
    return Finding(rule, ("s1",), measure, level or RULES[rule].level, about)


class Life:
    """One signal, looked at again and again; `told` is what was told of it."""

    def __init__(self) -> None:
        self.signal: Signal | None = None
        self.told: list[SignalStatus] = []
        self.sequences: list[int] = []

    def see(self, finding: Finding | None, day: int = 0, *, is_gone: bool = False) -> "Life":
        for step in advance(self.signal, finding, MONDAY + timedelta(day), is_gone=is_gone):
            self.signal = step.signal
            if step.is_told:
                self.told.append(step.signal.status)
                self.sequences.append(step.signal.sequence)
        return self


def test_it_is_raised_from_its_threshold_on_and_not_before() -> None:
    rule = RULES[HOURS]
    assert Life().see(found(rule.raised_from - 1)).told == []
    assert Life().see(found(rule.raised_from)).told == [RAISED]


def test_hours_that_flap_around_the_threshold_raise_once() -> None:
    rule, life = RULES[HOURS], Life()
    for day in range(30):
        life.see(found(rule.raised_from if day % 2 else rule.raised_from - 1), day)
    assert life.told == [RAISED]


def test_hours_that_are_well_for_a_day_now_and_then_raise_once() -> None:
    life = Life()
    for day in range(30):
        life.see(found(40) if day % 2 else None, day)
    assert life.told == [RAISED]


def test_it_is_cleared_when_it_has_been_better_for_the_days_of_its_rule() -> None:
    rule, life = RULES[HOURS], Life().see(found(40))
    life.see(found(rule.better_at), 1).see(None, rule.better_days)
    assert life.told == [RAISED]
    life.see(None, 1 + rule.better_days)
    assert life.told == [RAISED, CLEARED]


def test_between_the_two_thresholds_it_stays_as_it_is() -> None:
    rule, life = RULES[HOURS], Life().see(found(40))
    for day in range(10):
        life.see(found(rule.better_at + 1), day)
    assert life.told == [RAISED]


def test_it_is_worse_by_a_whole_step_or_by_a_graver_level_and_not_by_less() -> None:
    rule = RULES[HOURS]
    assert Life().see(found(40)).see(found(39 + rule.worse_by)).told == [RAISED]
    assert Life().see(found(40)).see(found(40 + rule.worse_by)).told == [RAISED, WORSENED]
    assert Life().see(found(40)).see(found(40, level=SignalLevel.CRITICAL)).told == [RAISED, WORSENED]


def test_many_are_worse_only_by_a_part_of_what_they_were() -> None:
    rule = RULES[RuleName.SHORTAGE]
    assert (rule.worse_from(4), rule.worse_from(40)) == (6, 50)


def test_at_another_place_it_is_another_case_that_is_told_after_the_end_of_the_first() -> None:
    life = Life().see(found(40)).see(found(41, site="01AA02"))
    assert (life.told, life.sequences) == ([RAISED, CLEARED, RAISED], [1, 2, 3])
    assert life.signal is not None
    assert life.signal.about["site"] == "01AA02"


def test_what_is_gone_is_over_at_once() -> None:
    assert Life().see(found(40)).see(None, is_gone=True).told == [RAISED, CLEARED]
    assert Life().see(None, is_gone=True).told == []


def test_what_rises_again_while_it_was_better_begins_to_wait_anew() -> None:
    life = Life().see(found(40)).see(None, 1).see(found(40), 2)
    assert life.signal is not None
    assert life.signal.better_since is None
    assert life.see(None, 3).told == [RAISED]


@pytest.mark.parametrize("name", RuleName)
def test_the_thresholds_of_a_rule_leave_room_between_raising_and_clearing(name: RuleName) -> None:
    rule = RULES[name]
    assert rule.better_at < rule.raised_from
    assert rule.worse_by > 0
    assert rule.sentence


SEEN = st.tuples(
    st.one_of(st.none(), st.integers(0, 120)),
    st.sampled_from(["01AA01", "01AA02"]),
    st.integers(0, 3),
    st.sampled_from([False, False, False, True]),
)


@given(st.sampled_from(list(RuleName)), st.lists(SEEN, max_size=40))
def test_whatever_is_seen_it_is_raised_before_it_is_cleared_and_its_sequence_has_no_gap(
    rule: RuleName, seen: list[tuple[int | None, str, int, bool]]
) -> None:
    life, day = Life(), 0
    for measure, site, days, is_gone in seen:
        day += days
        life.see(None if measure is None else found(measure, rule, site), day, is_gone=is_gone)
    is_open = False
    for status in life.told:
        assert is_open is (status is not RAISED)
        is_open = status is not CLEARED
    assert life.sequences == list(range(1, len(life.told) + 1))


@given(st.sampled_from(list(RuleName)), st.lists(SEEN, max_size=20))
def test_the_same_again_changes_nothing(rule: RuleName, seen: list[tuple[int | None, str, int, bool]]) -> None:
    once, twice, day = Life(), Life(), 0
    for measure, site, days, is_gone in seen:
        day += days
        finding = None if measure is None or is_gone else found(measure, rule, site)
        once.see(finding, day, is_gone=is_gone)
        twice.see(finding, day, is_gone=is_gone).see(finding, day, is_gone=is_gone)
    assert (once.told, once.signal) == (twice.told, twice.signal)


def test_what_was_remembered_stays_when_something_is_told() -> None:
    quiet = replace(Signal("risk-second-move-s1", RuleName.SECOND_MOVE, "s1"), memo={"2026-S1": 1})
    (step,) = advance(quiet, found(2, RuleName.SECOND_MOVE), MONDAY)
    assert (step.signal.memo, step.signal.sequence) == ({"2026-S1": 1}, 1)
