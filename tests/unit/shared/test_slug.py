"""A word that people write in their own way comes down to one word of the region's lists."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.columns import ImportKind, layout_of
from shared.slug import slug_of


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("Französisch Übung", "franzosisch-ubung"),
        ("industriële vormgeving", "industriele-vormgeving"),
        ("Frans (havo)", "frans-havo"),
        (" Grieks & Latijn ", "grieks-latijn"),
        ("Straße", "strasse"),
        ("Færøsk", "faerosk"),
        ("Diyarbakır", "diyarbakir"),
        ("***", ""),
        ("a" * 59 + " b", "a" * 59),
    ],
)
def test_accents_and_capitals_are_folded(written: str, word: str) -> None:
    assert slug_of(written) == word
    assert slug_of(unicodedata.normalize("NFD", written)) == word, "as a Mac writes it"


@given(st.text(max_size=100))
def test_a_word_is_empty_or_one_that_the_contract_takes_and_stays_as_it_is(text: str) -> None:
    word = slug_of(text)
    assert not word or re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", word)
    assert slug_of(word) == word


def test_a_file_of_students_reads_words_as_the_portal_of_schools_does() -> None:
    header = ["kenmerk", "leerroute", "fase", "ondersteuningsklasse", "sector", "vak", "breedtegraad", "lengtegraad", "perioden"]  # fmt: skip
    cells = ["a", "Educatieve Minor", "WPL 1", "1", "vo", "Industriële Vormgeving", "52", "5", "2026-S1"]
    fields, wrong = layout_of(ImportKind.REGISTRATIONS, header, has_region=True).fields(cells)
    assert not wrong
    assert (fields["route"], fields["phase"], fields["subject"]) == (
        "educatieve-minor",
        "wpl1",
        "industriele-vormgeving",
    )
