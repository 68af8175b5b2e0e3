"""The words of the mails, one phrase book per language. To change a sentence, find it here; to add a language, write one more.

Phrase books are Python, not a translation catalogue: the checks then say which sentence a language lacks (`tests/unit/notifier/test_phrases.py`).
"""

from collections.abc import Mapping

from services.notifier.domain.contacts import Language
from services.notifier.domain.phrases.dutch import DUTCH
from services.notifier.domain.phrases.english import ENGLISH
from services.notifier.domain.phrases.shape import Phrases, Said

__all__ = ["DUTCH", "ENGLISH", "PHRASES", "Phrases", "Said"]

PHRASES: Mapping[Language, Phrases] = {Language.DUTCH: DUTCH, Language.ENGLISH: ENGLISH}
