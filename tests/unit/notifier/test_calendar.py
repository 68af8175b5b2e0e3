"""School days, eight o'clock on them, and quiet hours, over holidays and the changes of the clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.adapters.school_calendar import read_calendar
from services.notifier.domain.calendar import SchoolCalendar, Vacation, digest_time, end_of_quiet
from shared.dutch import AMSTERDAM, dutch_day
from shared.errors import Misconfigured
from tests.support.notifier_story import moment

CALENDAR = read_calendar(None)
FIRST, LAST = datetime(2026, 7, 1), datetime(2028, 7, 1)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("day", "is_school_day"),
    [
        (date(2026, 9, 7), True),
        (date(2026, 9, 12), False),  # a Saturday
        (date(2026, 10, 20), False),  # autumn
        (date(2026, 12, 25), False),
        (date(2027, 3, 29), False),  # Easter Monday
        (date(2027, 4, 27), False),  # the King's birthday, in the May holiday
        (date(2027, 5, 6), False),  # Ascension
        (date(2027, 5, 7), True),
    ],
)
def test_what_is_a_school_day(day: date, *, is_school_day: bool) -> None:
    assert CALENDAR.is_school_day("NL-R07", day) is is_school_day


def test_a_region_has_the_holidays_of_its_part_of_the_country(tmp_path: Path) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text(
        'default = "a"\n[regions]\n"NL-R07" = "b"\n[vacations]\na = [[2026-10-01, 2026-10-02]]\nb = [[2026-09-07, 2026-09-08]]\n',
        "utf-8",
    )
    calendar = read_calendar(file)
    assert not calendar.is_school_day("NL-R07", date(2026, 9, 8))
    assert calendar.is_school_day("NL-R08", date(2026, 9, 8))
    assert calendar.known_until() == date(2026, 9, 8)


@pytest.mark.parametrize(
    ("part", "autumn", "spring", "summer"),
    [  # as schools in each part publish them for 2026-2027
        ("noord", date(2026, 10, 12), date(2027, 2, 22), date(2027, 7, 12)),
        ("midden", date(2026, 10, 19), date(2027, 2, 22), date(2027, 7, 19)),
        ("zuid", date(2026, 10, 19), date(2027, 2, 8), date(2027, 7, 19)),
    ],
)
def test_each_part_of_the_country_has_its_holidays(part: str, autumn: date, spring: date, summer: date) -> None:
    calendar = replace(CALENDAR, default_part=part)
    for monday, weeks in ((autumn, 1), (date(2026, 12, 21), 2), (spring, 1), (date(2027, 4, 26), 1), (summer, 6)):
        friday = monday - timedelta(days=3)
        assert calendar.is_school_day("", friday)
        days = [monday + timedelta(days=number) for number in range(7 * weeks)]
        assert not any(calendar.is_school_day("", day) for day in days)
        after = monday + timedelta(weeks=weeks)
        assert calendar.is_school_day("", after) or calendar.is_public_holiday(after)


PUBLISHED = {
    (2027, "noord"): ("10-16 10-24", "12-25 01-09", "02-19 02-27", "04-29 05-07", "07-15 08-27"),
    (2027, "midden"): ("10-16 10-24", "12-25 01-09", "02-26 03-05", "04-29 05-07", "07-08 08-20"),
    (2027, "zuid"): ("10-23 10-31", "12-25 01-09", "02-26 03-05", "04-29 05-07", "07-22 09-03"),
    (2028, "noord"): ("10-14 10-22", "12-23 01-07", "02-17 02-25", "04-28 05-06", "07-21 09-02"),
    (2028, "midden"): ("10-21 10-29", "12-23 01-07", "02-17 02-25", "04-28 05-06", "07-07 08-19"),
    (2028, "zuid"): ("10-21 10-29", "12-23 01-07", "02-10 02-18", "04-28 05-06", "07-14 08-26"),
}
"""First and last day by the autumn in which a school year begins, as rijksoverheid.nl gives them (looked up in November 2026)."""


@pytest.mark.parametrize(("year", "part"), PUBLISHED)
def test_holidays_are_those_that_the_ministry_publishes(year: int, part: str) -> None:
    listed = CALENDAR.vacations[part]
    of_year = [each for each in listed if date(year, 9, 15) < each.until < date(year + 1, 9, 15)]
    assert tuple(f"{each.start:%m-%d} {each.until:%m-%d}" for each in of_year) == PUBLISHED[year, part]


def test_every_school_year_in_the_file_has_its_five_holidays_in_every_part() -> None:
    for part, listed in CALENDAR.vacations.items():
        starts = [each.start for each in listed]
        assert starts == sorted(starts), part
        for year in (2026, 2027, 2028):
            of_year = [each for each in listed if date(year, 9, 15) < each.until < date(year + 1, 9, 15)]
            assert len(of_year) == 5, f"{part} {year}"


def test_what_is_known_ends_where_the_first_part_of_the_country_ends() -> None:
    late, early = Vacation(date(2028, 7, 1), date(2028, 8, 1)), Vacation(date(2027, 7, 1), date(2027, 8, 1))
    assert SchoolCalendar(vacations={"a": [early, late], "b": [early]}).known_until() == date(2027, 8, 1)
    assert SchoolCalendar(vacations={"a": [late], "b": []}).known_until() is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "default = 1",
        'default = "a"\n[vacations]\nb = []',
        'default = "a"\n[vacations]\na = [[2026-09-08, 2026-09-07]]',
    ],
)
def test_a_file_that_cannot_be_right_is_told_at_the_start(tmp_path: Path, content: str) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text(content, "utf-8")
    with pytest.raises(Misconfigured, match=r"holidays\.toml"):
        read_calendar(file)


def test_so_many_school_days_later_passes_over_weekend_and_holiday() -> None:
    friday = moment("10:00", date(2026, 10, 16))
    assert CALENDAR.after_school_days("NL-R07", friday, 2) == moment("8:00", date(2026, 10, 27))


@given(MOMENTS)
def test_the_next_digest_is_always_at_eight_on_a_school_day_to_come(now: datetime) -> None:
    at = CALENDAR.next_digest("NL-R07", now)
    assert at > now
    assert at.astimezone(AMSTERDAM).time() == time(8)
    assert CALENDAR.is_school_day("NL-R07", dutch_day(at))


@given(MOMENTS, st.times(), st.times())
def test_quiet_hours_end_within_a_day_and_then_it_is_not_quiet(now: datetime, start: time, until: time) -> None:
    end = end_of_quiet(now, start, until)
    if end is not None and start != until:
        assert now < end <= now + timedelta(hours=25)
        assert end_of_quiet(end, start, until) is None


def test_eight_o_clock_is_an_hour_apart_in_summer_and_winter() -> None:
    assert digest_time(date(2026, 7, 1)).astimezone(UTC).hour == 6
    assert digest_time(date(2026, 12, 1)).astimezone(UTC).hour == 7
