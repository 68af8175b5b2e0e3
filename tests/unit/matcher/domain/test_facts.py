"""Travel, availability and needs: the plain arithmetic."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.domain import checker_facts
from services.matcher.domain.availability import available_qh, days_away
from services.matcher.domain.ids import PeriodId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Absence
from services.matcher.domain.settings import Costs, Needs, Travel
from services.matcher.domain.travel import travel_cost, travel_minutes
from shared.contracts.placements import UnplacedReason
from tests.support.regions import region, settings, site, student, supervisor

S1 = PeriodId("2026-S1")
DAYS = st.dates(date(2026, 7, 1), date(2027, 3, 1))


def test_travel_to_the_door_takes_the_base() -> None:
    assert travel_minutes(Travel(), student(), site()) == 10


def test_a_tenth_of_a_degree_north_takes_28_minutes() -> None:
    assert travel_minutes(Travel(), student(lat=52.0), site(lat=52.1)) == 28  # 11.12 km x 1.6 + 10 = 27.8


@pytest.mark.parametrize(("minutes", "cost"), [(10, 0), (30, 0), (31, 1), (60, 30), (61, 33), (90, 120), (92, 132)])
def test_long_journeys_cost_most(minutes: int, cost: int) -> None:
    assert travel_cost(Costs(), minutes) == cost


def test_an_absence_within_the_grace_costs_no_hours() -> None:
    facts = region()
    away = supervisor(absences=[{"start": "2026-09-01", "end": "2026-09-14"}])
    assert available_qh(facts, away, facts.periods[S1]) == 40
    longer = supervisor(absences=[{"start": "2026-09-01", "end": "2026-09-15"}])
    assert available_qh(facts, longer, facts.periods[S1]) == 0


def test_an_absence_that_is_over_today_does_not_count() -> None:
    facts = replace(region(), today=date(2026, 11, 1))
    away = supervisor(absences=[{"start": "2026-09-01", "end": "2026-10-31"}])
    assert available_qh(facts, away, facts.periods[S1]) == 40


def test_a_departure_counts_from_its_first_day_away() -> None:
    facts = region()
    assert available_qh(facts, supervisor(departs="2027-01-15"), facts.periods[S1]) == 0  # 15 days of January
    assert available_qh(facts, supervisor(departs="2027-01-16"), facts.periods[S1]) == 40


def test_no_hours_are_promised_for_a_period_that_is_not_named() -> None:
    facts = region()
    assert available_qh(facts, supervisor(), facts.periods[PeriodId("2026-S2")]) == 0


@effort(max_examples=60, deadline=None)
@given(st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=5), st.none() | DAYS)
def test_days_away_are_counted_once(stretches: list[tuple[date, date | None]], departs: date | None) -> None:
    absences = tuple(Absence(start, end) for start, end in stretches if end is None or start <= end)
    person = replace(supervisor(), absences=absences, departs=departs)
    first, last = date(2026, 8, 31), date(2027, 1, 29)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    gone = [departs is not None and departs <= day for day in days]
    expected = sum(left or any(one.covers(day) for one in absences) for left, day in zip(gone, days, strict=True))
    assert days_away(person, first, last) == expected


@effort(max_examples=60, deadline=None)
@given(st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=3), DAYS)
def test_the_checker_counts_the_same_hours(stretches: list[tuple[date, date | None]], today: date) -> None:
    facts = replace(region(), today=today)
    absences = tuple(Absence(start, end) for start, end in stretches if end is None or start <= end)
    person = replace(supervisor(), absences=absences)
    assert available_qh(facts, person, facts.periods[S1]) == checker_facts.hours_in(facts, person, S1)


@effort(max_examples=60, deadline=None)
@given(st.floats(50, 54), st.floats(3, 7), st.floats(50, 54), st.floats(3, 7))
def test_the_checker_measures_the_same_travel(lat: float, lon: float, lat_b: float, lon_b: float) -> None:
    here, there = student(lat=lat, lon=lon), site(lat=lat_b, lon=lon_b)
    ours, theirs = travel_minutes(Travel(), here, there), checker_facts.minutes_between(region(), here, there)
    assert ours == theirs


def test_the_first_norm_that_matches_counts() -> None:
    norms = [
        {"route": "deeltijd", "support": 1, "wpb": 9, "so": 1, "io": 1},
        {"phase": "wpl1", "support": 1, "wpb": 4, "so": 1, "io": 1},
        {"support": 1, "wpb": 7, "so": 1, "io": 1},
    ]
    assert needs_of(settings(norms=norms), student()) == Needs(4, 1, 1)
    assert needs_of(settings(norms=norms), student(route="deeltijd")) == Needs(9, 1, 1)
    assert needs_of(settings(norms=norms), student(phase="lio")) == Needs(7, 1, 1)
    assert needs_of(settings(norms=norms), student(support=2)) is None


def test_own_needs_replace_the_norm() -> None:
    assert needs_of(settings(), student(needs={"wpb": 8, "so": 0, "io": 0})) == Needs(8, 0, 0)


def test_the_reasons_are_those_of_events_and_mails() -> None:
    assert {reason.value for reason in Reason} == {reason.value for reason in UnplacedReason}


def test_fractions_are_exact() -> None:
    assert Fraction(settings(travel={"per_km_min": 0.1}).travel.per_km_min) == Fraction(1, 10)
