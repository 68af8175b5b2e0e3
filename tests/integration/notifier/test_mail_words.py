"""What people read in mails is Dutch, or English for who asked for that: every word is in the dictionary or of the field."""

import re

import pytest

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.domain.contacts import Language
from services.notifier.domain.letters import write_letter
from services.notifier.domain.mentions import fill_text
from tests.support.notifier_letters import KNOWN, alert_of, draft_of, english, every_reason, gallery
from tests.support.spelling import has_dictionary, in_words, unknown

FIELD_WORDS = frozenset(
    [
        "leerplek",
        "leerwerkplek",
        "leerwerkplekken",
        "werkplekbegeleider",
        "werkplekbegeleiders",
        "schoolopleider",
        "schoolopleiders",
        "instituutsopleider",
        "instituutsopleiders",
        "leerroute",
        "kafka",
        "parked",
        "list",
        "replay",
        "mbo",
        "docs",
        "beheer",
        "md",
        "student",
        "registrations",
        "day",
        "started",
        "ouderejaars",
        "capacity",
        "eén",
        "vr",
        "za",
    ]
)
NAMES = frozenset(
    [
        "wiskunde",
        "antwoord",
        "afmelden",
        "het",
        "bos",
        "kim",
        "els",
        "vos",
        "bo",
        "wit",
        "baken",
        "utrecht",
        "rijn",
        "vecht",
        "jet",
        "mol",
        "ada",
        "bron",
        "ton",
        "kok",
        "vu",
        "example",
    ]
)
COMPOSER = JinjaComposer("https://leerplek.example")


def _texts(language: Language) -> str:
    letters = [each.letter for each in gallery(language)]
    for kind, reason, reader in every_reason():
        reader = reader if language is Language.DUTCH else english(reader)
        letters.append(write_letter(draft_of(reader, alert_of(kind, reason)), {}, KNOWN))
    told = "\n".join(f"{each.subject}\n{fill_text(COMPOSER.compose(each, 'x')[0], each.mentions)}" for each in letters)
    return re.sub(r"https\S+", "", told)  # an address is no word


@pytest.mark.parametrize(("language", "dictionary"), [(Language.DUTCH, "nl_NL"), (Language.ENGLISH, "en_GB")])
def test_every_word_of_every_mail_is_in_the_dictionary(language: Language, dictionary: str) -> None:
    if not has_dictionary(dictionary):
        pytest.skip(f"no hunspell with {dictionary}: install hunspell, hunspell-nl and hunspell-en-gb")
    found = {
        each for each in unknown(in_words(_texts(language)), dictionary) if each.lower() not in FIELD_WORDS | NAMES
    }
    assert found == set()
