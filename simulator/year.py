"""The days of a play: the week that is played, and the two placement periods after it, whatever the year."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shared.contracts.region import Period

EXAMPLE_DAY: Final = date(2026, 6, 15)
"""The day of a region that is invented without one, so that figures can be compared from year to year."""
AHEAD: Final = timedelta(weeks=4)
"""The first period starts at least so long after the week that is played: there is time to find somebody a place."""


@dataclass(frozen=True, slots=True)
class Year:
    """The Monday on which the play begins, and the two periods for which students are placed, the earlier first."""

    first_day: date
    periods: tuple[Period, Period]

    @property
    def names(self) -> tuple[str, str]:
        """The ids of both periods."""
        return self.periods[0].id, self.periods[1].id

    def sets(self, numbers: Sequence[Sequence[int]]) -> tuple[tuple[str, ...], ...]:
        """Period sets by the numbers of their periods."""
        return tuple(tuple(self.names[number] for number in each) for each in numbers)


def year_of(today: date) -> Year:
    """The week in which this day falls, and the first two half school years that start long enough after it."""
    monday = today - timedelta(days=today.weekday())
    halves = [half for year in range(monday.year - 1, monday.year + 3) for half in _halves(year)]
    first, second = [half for half in halves if half.start >= monday + AHEAD][:2]
    return Year(monday, (first, second))


def _halves(year: int) -> tuple[Period, Period]:
    """The school year that begins in this year: from the last Monday of August, halved at the end of January."""
    autumn = _days(year, 8, calendar.MONDAY)[-1]
    winter = _days(year + 1, 1, calendar.FRIDAY)[-1]
    summer = _days(year + 1, 7, calendar.FRIDAY)[1]
    return (
        Period(id=f"{year}-S1", start=autumn, end=winter),
        Period(id=f"{year}-S2", start=winter + timedelta(days=3), end=summer),
    )


def _days(year: int, month: int, weekday: int) -> list[date]:
    """Every such weekday of a month."""
    days = (date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1))
    return [day for day in days if day.weekday() == weekday]
