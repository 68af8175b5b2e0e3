"""What mails call things: by the words and names that people know, in the language of their reader."""

import re
from dataclasses import replace

import pytest

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import PLATFORM, Absence, Language
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters import Letter, write_letter
from services.notifier.domain.letters.calling import Names
from services.notifier.domain.mentions import fill_text
from services.notifier.domain.phrases import PHRASES
from shared.contracts.vocabulary import Tier
from tests.support.notifier import INSTITUTE, NOW, PEOPLE, REGION, SITE
from tests.support.notifier_letters import KNOWN, LEADER, alert_of, draft_of, english, every_reason

COMPOSER = JinjaComposer("https://leerplek.example")


def text_of(letter: Letter) -> str:
    return COMPOSER.compose(letter, "berichten/een")[0]


CODES = re.compile(
    r"verhui|\bperiode? \d{4}-|\b\d{4}-S\d|[Ss]ector (po|vo|mbo|so)\b|\b(year|wpl)\d|\b[a-z]+-(qh|permille)\b"
)


@pytest.mark.parametrize("language", Language)
def test_no_mail_has_a_code_where_people_have_a_word(language: Language) -> None:
    for kind, reason, reader in every_reason():
        reader = reader if language is Language.DUTCH else english(reader)
        told = alert_of(kind, reason)
        for group in {"sector": ("vo", "so"), "phase": ("year4", "wpl1")}.get(reason, (told.case.group,)):
            alert = replace(told, case=replace(told.case, group=group))
            text = re.sub(r"https\S+", "", text_of(write_letter(draft_of(reader, alert), {}, KNOWN)))
            assert not CODES.search(text), (kind, reason, CODES.search(text))
            if (kind, group) == (AlertKind.FAIRNESS, "year4"):
                assert ("year 4" if language is Language.ENGLISH else "jaar 4") in text


@pytest.mark.parametrize(
    ("language", "organisation", "said"),
    [
        (Language.DUTCH, "41234", "iemand van bestuur 41234"),
        (Language.ENGLISH, "41234", "somebody at board 41234"),
        (Language.DUTCH, SITE[:4], f"iemand van school {SITE[:4]}"),
        (Language.DUTCH, SITE, "iemand van Het Baken in Utrecht"),
        (Language.DUTCH, INSTITUTE, f"iemand van opleiding {INSTITUTE}"),
        (Language.DUTCH, REGION, "iemand van regio Rijn en Vecht"),
        (Language.DUTCH, PLATFORM, "iemand van Leerplek"),
    ],
)
def test_who_took_something_on_is_called_by_what_their_organisation_is(
    language: Language, organisation: str, said: str
) -> None:
    assert Names(PHRASES[language], KNOWN).doer("person/p1", organisation) == said


def test_who_is_away_is_not_called_but_who_stands_in_and_else_the_next() -> None:
    """A trainer who is away, of whom a letter to the institute says that they are to be called."""
    away = Absence(KNOWN.today, KNOWN.today, LEADER.id)
    people = {
        "stands in": (replace(PEOPLE.trainer, absence=away), f"Bel {LEADER.name}"),
        "nobody stands in": (
            replace(PEOPLE.trainer, absence=replace(away, substitute=None)),
            f"Bel {PEOPLE.manager.name}",
        ),
        "no mail, but a phone": (replace(PEOPLE.trainer, stopped="5.1.1"), f"Bel {PEOPLE.trainer.name}"),
        "neither": (replace(PEOPLE.trainer, stopped="5.1.1", phone=None), f"Bel {PEOPLE.manager.name}"),
    }
    for case, (trainer, said) in people.items():
        known = replace(KNOWN, contacts=(PEOPLE.coordinator, trainer, PEOPLE.manager, LEADER))
        letter = write_letter(draft_of(PEOPLE.coordinator, alert_of(AlertKind.SETTLED)), {}, known)
        assert said in fill_text(text_of(letter), letter.mentions), case


def test_a_period_is_told_by_the_day_it_starts_where_that_is_known() -> None:
    alert = alert_of(AlertKind.SHORTAGE, Tier.WORKPLACE_SUPERVISOR)
    assert "periode vanaf 31 augustus 2026" in text_of(write_letter(draft_of(LEADER, alert), {}, KNOWN))
    unknown = Knowledge(NOW.date(), {}, {}, {}, ())
    assert "periode 2026-S1" in text_of(write_letter(draft_of(LEADER, alert), {}, unknown))
