"""Whatever happens to an alert, in any order: what goes on is not forgotten, and what is over is at rest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.notifier.domain import life
from services.notifier.domain.alerts import Alert, AlertState, Level
from services.notifier.domain.calendar import digest_time
from services.notifier.domain.life import PENDING, clear_alert, open_alert
from shared.dutch import dutch_day
from tests.unit.notifier.test_alerts import RISK, was_told


class Life(RuleBasedStateMachine):
    """An alert through school years, over the changes of the clock, with whatever people and signals do."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 27, 12, tzinfo=UTC)
        self.sequence = 0
        self.alert: Alert | None = None
        self.told: set[int] = set()
        self.over = False

    @initialize(level=st.sampled_from(list(Level)))
    def _begin(self, level: Level) -> None:
        self._raise(level, is_worse=False)

    @rule(hours=st.integers(0, 24 * 45))
    def time_goes_on(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(level=st.sampled_from(list(Level)), is_worse=st.booleans())
    def a_signal_says_so(self, level: Level, is_worse: bool) -> None:
        self._raise(level, is_worse=is_worse)

    @rule()
    def a_signal_says_it_is_over(self) -> None:
        self.sequence += 1
        assert self.alert is not None
        self.alert = clear_alert(self.alert, self.now, self.sequence)

    @rule()
    def the_clock_is_looked_at(self) -> None:
        assert self.alert is not None
        if self.alert.look_at is not None and self.alert.look_at <= self.now:
            self.alert = life.tick(self.alert, self.now)

    @precondition(lambda self: self.alert.state in PENDING or self.alert.state is AlertState.CLEARED)
    @rule()
    def it_istold(self) -> None:
        assert self.alert is not None
        assert self.alert.revision not in self.told, "no revision is told twice"
        self.told.add(self.alert.revision)
        self.alert = was_told(self.alert, self.now)

    @precondition(lambda self: self.alert.is_live)
    @rule(days=st.integers(1, 60))
    def somebody_puts_it_off(self, days: int) -> None:
        assert self.alert is not None
        until = dutch_day(self.now) + timedelta(days=days)
        self.alert = life.snooze(self.alert, until, self.now, digest_time(until))

    @precondition(lambda self: self.alert.is_live)
    @rule()
    def somebody_takes_it_on(self) -> None:
        assert self.alert is not None
        self.alert = life.acknowledge(self.alert, "c1", self.now)

    @precondition(lambda self: self.alert.is_live)
    @rule(to=st.sampled_from(["c2", "c3"]))
    def somebody_gives_it_away(self, to: str) -> None:
        assert self.alert is not None
        self.alert = life.hand_over(self.alert, to, self.now)

    @precondition(lambda self: self.alert.state in {AlertState.MAILED, AlertState.ACKNOWLEDGED})
    @rule()
    def a_week_went_by(self) -> None:
        assert self.alert is not None
        self.alert = life.remind(self.alert, self.now)

    def _raise(self, level: Level, *, is_worse: bool) -> None:
        self.sequence += 1
        new = replace(RISK, level=level, sequence=self.sequence, opened_at=self.now, news_at=self.now, look_at=self.now)
        self.alert = open_alert(self.alert, new, is_worse=is_worse)

    @invariant()
    def nothing_that_goes_on_is_forgotten(self) -> None:
        """It is to be told, or was told and is looked at again, or somebody has it, or it sleeps until a day."""
        alert = self.alert
        if alert is None or not alert.is_live:
            return
        if alert.state is AlertState.SNOOZED:
            assert alert.look_at is not None
            assert alert.look_at <= self.now + life.LONGEST_SNOOZE + timedelta(days=1)
        elif alert.state is AlertState.MAILED:
            assert alert.told_at is not None
            assert alert.look_at is not None
        elif alert.state is AlertState.ACKNOWLEDGED:
            assert alert.care.acknowledged_by is not None
        else:
            assert alert.state in PENDING
            assert alert.revision not in self.told

    @invariant()
    def what_is_over_is_looked_at_no_more(self) -> None:
        if self.alert is not None and not self.alert.is_live:
            assert self.alert.look_at is None
            assert self.alert.ended_at is not None


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
