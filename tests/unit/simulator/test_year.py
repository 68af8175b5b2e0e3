"""A play has its days from the day it is given, in every year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.run import Wanted, invent
from simulator.year import AHEAD, year_of

DAYS = [date(2026, 6, 15), date(2026, 11, 24), date(2028, 2, 29), date(2031, 12, 31)]


def test_in_june_students_are_placed_for_the_two_halves_of_the_next_school_year() -> None:
    year = year_of(date(2026, 6, 18))
    assert year.first_day == date(2026, 6, 15)
    assert [(one.id, one.start, one.end) for one in year.periods] == [
        ("2026-S1", date(2026, 8, 31), date(2027, 1, 29)),
        ("2026-S2", date(2027, 2, 1), date(2027, 7, 9)),
    ]


@pytest.mark.parametrize(
    ("today", "names"),
    [
        (date(2026, 11, 24), ("2026-S2", "2027-S1")),
        (date(2028, 2, 29), ("2028-S1", "2028-S2")),
        (date(2031, 8, 8), ("2031-S2", "2032-S1")),
    ],
)
def test_a_period_that_starts_too_soon_to_place_anybody_is_passed_over(today: date, names: tuple[str, str]) -> None:
    assert year_of(today).names == names


@given(st.dates(date(2024, 1, 1), date(2060, 12, 31)))
def test_on_whatever_day_it_begins_on_monday_and_the_periods_follow_in_order(today: date) -> None:
    year = year_of(today)
    first, second = year.periods
    assert year.first_day.weekday() == 0
    assert timedelta(0) <= today - year.first_day < timedelta(days=7)
    assert year.first_day + AHEAD <= first.start < first.end < second.start < second.end
    assert first.start - year.first_day < timedelta(days=366)


@pytest.mark.parametrize("today", DAYS)
def test_the_same_seed_gives_the_same_region_on_every_day_but_for_its_dates(today: date) -> None:
    one, other = invent(Wanted(30, 3, today=today)), invent(Wanted(30, 3))
    assert [each.name for each in one.supervisors] == [each.name for each in other.supervisors]
    assert [(each.subject, each.route, each.lat) for each in one.students] == [
        (each.subject, each.route, each.lat) for each in other.students
    ]
    translated = dict(zip(other.year.names, one.year.names, strict=True))
    assert [each.period_sets for each in one.students] == [
        tuple(tuple(translated[period] for period in periods) for periods in each.period_sets)
        for each in other.students
    ]
    offered = {period for each in (*one.workplaces,) for period in each.seats}
    assert offered == set(one.year.names)
