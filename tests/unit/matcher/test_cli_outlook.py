"""What another minute of computing is said to bring."""

import pytest

from services.matcher.adapters.solver.country.reporting import CountryProgress
from services.matcher.adapters.solver.portfolio import Progress
from services.matcher.entrypoints.cli_outlook import Outlook, next_minute, outlook_text
from tests.support.regions import plan, region

NOTHING = plan(region())


def step(seconds: float, value: int, unplaced: int, stage: str = "annealing", bound: float = 0.0) -> Progress:
    return Progress(seconds, stage, NOTHING, value, bound, unplaced, 0)


START = step(0, 300_000_000, 300, "start")


def test_before_there_is_a_plan_nothing_is_said_of_the_next_minute() -> None:
    assert next_minute([START], 3) is None
    assert "nog geen beter plan gevonden" in outlook_text(None)


def test_the_step_from_nobody_to_the_first_plan_says_nothing_of_the_next() -> None:
    assert next_minute([START, step(2, 900_000, 9)], 4) == Outlook(0, 0)


def test_in_a_country_parts_that_were_not_looked_at_yet_say_nothing() -> None:
    def told(seconds: float, value: int, unplaced: int, stage: str) -> CountryProgress:
        return CountryProgress(seconds, stage, NOTHING, value, 0.0, unplaced, 0)

    first = [told(0, 900_000_000, 900, "start"), told(4, 500_000_000, 500, "plan"), told(8, 9_000_000, 90, "plan")]

    assert next_minute(first, 8) is None
    assert next_minute([*first, told(9, 9_000_000, 90, "stage")], 9) == Outlook(0, 0)


@pytest.mark.parametrize(("seconds", "points", "students"), [(60, 200_000, 2), (30, 266_667, 3), (180, 100_000, 1)])
def test_the_longer_it_took_the_less_a_minute_adds_to_what_the_last_half_brought(
    seconds: float, points: int, students: int
) -> None:
    steps = [START, step(0.5 * seconds, 900_000, 9), step(0.9 * seconds, 500_000, 5)]

    assert next_minute(steps, seconds) == Outlook(points, students)


def test_no_more_is_expected_than_is_possible() -> None:
    steps = [START, step(1, 900_000, 9), step(3.9, 500_000, 5, bound=450_000.0)]

    found = next_minute(steps, 4)

    assert found is not None
    assert found.points == 50_000


def test_a_plan_of_just_now_is_not_scaled_up_beyond_reason() -> None:
    found = next_minute([START, step(9.99, 900_000, 9), step(10, 800_000, 8)], 10)

    assert found is not None
    assert found.points <= 200_000


def test_students_are_told_where_there_are_any() -> None:
    assert "1.500 punten goedkoper, met 2 studenten meer op een plek" in outlook_text(Outlook(1500, 2))
    assert "met 1 student meer op een plek" in outlook_text(Outlook(1500, 1))
    assert "op een plek" not in outlook_text(Outlook(15, 0))
