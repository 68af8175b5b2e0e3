"""What people read on the portal is Dutch: every word is in the dictionary, or is a word of the field."""

from pathlib import Path

import httpx
import pytest

from tests.support.portal_pages import every_page
from tests.support.portal_world import make_school, serving
from tests.support.spelling import has_dictionary, in_words, unknown

FIELD_WORDS = frozenset(
    [
        "leerplek",
        "leerwerkplek",
        "leerwerkplekken",
        "werkplekbegeleider",
        "werkplekbegeleiders",
        "schoolopleider",
        "instituutsopleider",
        "instituutsopleiders",
        "schilschool",
        "kernschool",
        "matcher",
        "leerroute",
        "csv",
        "csv-bestand",
        "brin",
        "wpl",
        "wpl1",
        "wpl2",
        "year1",
        "year2",
        "year4",
        "lio",
        "excel",
        "fatima",
        "amrani",
        "joris",
        "berg",
        "sanne",
        "groot",
        "pieter",
        "jansen",
        "aylin",
        "yilmaz",
        "marieke",
        "smit",
        "lindecollege",
        "zeist",
        "driebergen",
        "rijn",
        "vecht",
        "ouderejaars",
        "hemelsbreed",
    ]
)


@pytest.mark.skipif(
    not has_dictionary(), reason="no hunspell with a Dutch dictionary: install hunspell and hunspell-nl"
)
def test_every_word_on_every_page_is_dutch(tmp_path: Path) -> None:
    people = make_school(tmp_path)
    wrong = {}
    with serving(tmp_path, people) as portal:
        for name, path in every_page(portal).items():
            found = {
                each for each in unknown(in_words(httpx.get(portal.url + path).text)) if each.lower() not in FIELD_WORDS
            }
            if found:
                wrong[name] = sorted(found)
    assert wrong == {}


def test_a_word_that_is_no_dutch_would_be_noticed() -> None:
    assert in_words('<p title="tekst">Een <b>knop</b> &amp; 2026-S1 z&#39;n</p>') >= {"Een", "knop", "tekst"}
    if has_dictionary():
        assert unknown({"begeleider", "begelijder"}) == {"begelijder"}
