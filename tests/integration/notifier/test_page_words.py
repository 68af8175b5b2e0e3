"""What people read on the notifier's pages is Dutch (what says of itself that it is English is left out): every word is in the dictionary, of the field, or somebody's name."""

import re

import pytest

from tests.integration.notifier.test_mail_words import FIELD_WORDS, NAMES
from tests.integration.notifier.test_page_looks import fetched
from tests.support.notifier_story import Story
from tests.support.spelling import has_dictionary, in_words, unknown

PAGE_WORDS = frozenset({"english"})
ENGLISH = re.compile(r'<section lang="en">.*?</section>', re.DOTALL)


async def test_every_word_of_every_page_is_in_the_dictionary(story: Story) -> None:
    if not has_dictionary():
        pytest.skip("no hunspell with nl_NL: install hunspell and hunspell-nl")
    known = FIELD_WORDS | NAMES | PAGE_WORDS
    wrong = {}
    for name, (_, html) in (await fetched(story)).items():
        if found := {each for each in unknown(in_words(ENGLISH.sub(" ", html))) if each.casefold() not in known}:
            wrong[name] = sorted(found)
    assert wrong == {}
