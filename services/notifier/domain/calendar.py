"""When people are at work: school days by region, eight o'clock on them, and so many of them later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from shared.dutch import AMSTERDAM, dutch_day

DIGEST_AT = time(8, 0)
"""On the clocks of the Netherlands, summer and winter."""
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Vacation:
    """Days without school; both count."""

    start: date
    until: date


@dataclass(frozen=True, slots=True)
class SchoolCalendar:
    """Public holidays, and the school holidays of each part of the country; `part_of` says in which part a region lies."""

    is_public_holiday: Callable[[date], bool] = lambda _day: False
    vacations: Mapping[str, Sequence[Vacation]] = field(default_factory=dict)
    part_of: Mapping[str, str] = field(default_factory=dict)
    default_part: str = ""
    _known: dict[tuple[str, date], bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def is_school_day(self, region: str, day: date) -> bool:
        """A weekday that is no public holiday and in no school holiday of this region."""
        part = self.part_of.get(region, self.default_part)
        if (part, day) not in self._known:  # asked for every alert, of the same few days
            self._known[part, day] = self._find(part, day)
        return self._known[part, day]

    def _find(self, part: str, day: date) -> bool:
        if day.weekday() >= SATURDAY or self.is_public_holiday(day):
            return False
        return not any(each.start <= day <= each.until for each in self.vacations.get(part, ()))

    def next_digest(self, region: str, now: datetime) -> datetime:
        """The first eight o'clock of a school day that is later than now."""
        day = dutch_day(now)
        if digest_time(day) <= now:
            day += timedelta(days=1)
        while not self.is_school_day(region, day):
            day += timedelta(days=1)
        return digest_time(day)

    def after_school_days(self, region: str, start: datetime, days: int) -> datetime:
        """Eight o'clock of the school day that comes so many school days after the day of `start`."""
        moment = digest_time(dutch_day(start))
        for _ in range(days):
            moment = self.next_digest(region, moment)
        return moment

    def known_until(self) -> date | None:
        """The last day for which the school holidays of every part of the country are known; None where of one nothing is."""
        ends = [max((each.until for each in part), default=None) for part in self.vacations.values()]
        return min((end for end in ends if end is not None), default=None) if None not in ends else None


def digest_time(day: date) -> datetime:
    """Eight o'clock in the morning of this day."""
    return datetime.combine(day, DIGEST_AT, AMSTERDAM)


def start_of_day(now: datetime) -> datetime:
    """Midnight before now, in the Netherlands."""
    return datetime.combine(dutch_day(now), time(0), AMSTERDAM)


def end_of_quiet(now: datetime, start: time, until: time) -> datetime | None:
    """When the quiet hours that it is now in end; None outside them. Hours that end as they start are none."""
    if start == until:
        return None
    clock = now.astimezone(AMSTERDAM)
    is_over_midnight = until <= start
    is_quiet = clock.time() >= start or clock.time() < until if is_over_midnight else start <= clock.time() < until
    if not is_quiet:
        return None
    is_tomorrow = is_over_midnight and clock.time() >= start
    return datetime.combine(clock.date() + timedelta(days=1 if is_tomorrow else 0), until, AMSTERDAM)
