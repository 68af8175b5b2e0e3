"""What people read on the portal is Dutch: every word is in the dictionary, or is a word of the field."""

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.support.portal_pages import every_page
from tests.support.portal_world import make_school, serving

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


def in_words(html: str) -> set[str]:
    """The words that a person reads or hears: text, and what fields and pictures are called."""
    body = re.sub(r"<(script|style)\b.*?</\1>|data:[^\"]+", " ", html, flags=re.DOTALL)
    labels = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]+)"', body)
    text = " ".join([re.sub(r"<[^>]+>", " ", body), *labels])
    text = re.sub(r"&[a-z]+;|&#\d+;|\b[\w.-]*\d[\w.-]*", " ", text).replace("’", "'")
    return {each.strip("'-") for each in re.findall(r"[^\W\d_](?:[^\W\d_]|['-](?=[^\W\d_]))*", text)}


def unknown(words: set[str]) -> set[str]:
    """Those that the dictionary does not have."""
    command = [shutil.which("hunspell") or "", "-d", "nl_NL", "-l", "-i", "utf-8"]
    told = subprocess.run(command, input="\n".join(sorted(words)), capture_output=True, text=True, check=True)
    return set(told.stdout.split())


def has_dictionary() -> bool:
    if shutil.which("hunspell") is None:
        return False
    return "nl_NL" in subprocess.run(["hunspell", "-D"], input="", capture_output=True, text=True, check=False).stderr


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
