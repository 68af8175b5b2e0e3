"""Phases are read as people say them, and said as people read them."""

import pytest

from shared.phases import phase_of, phase_words


@pytest.mark.parametrize(
    ("slug", "words"), [("year4", "jaar 4"), ("wpl1", "WPL 1"), ("lio", "LIO"), ("minor", "minor")]
)
def test_what_is_said_is_read_back(slug: str, words: str) -> None:
    assert phase_words(slug) == words
    assert phase_of(words) == phase_of(slug) == slug


@pytest.mark.parametrize("said", ["4e jaar", "Leerjaar 4", "jaar4", "YEAR 4"])
def test_a_year_is_said_in_more_ways(said: str) -> None:
    assert phase_of(said) == "year4"
