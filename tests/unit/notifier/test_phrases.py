"""Both languages say the same of everything: complete, plain, with the same figures, and silent about health."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from string import Formatter
from typing import Any

import pytest

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Role
from services.notifier.domain.phrases import DUTCH, ENGLISH, PHRASES, Phrases, Said
from services.notifier.domain.phrases.shape import Counted
from shared.contracts.placements import MoveCause, UnplacedReason
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import MismatchKind, Tier
from tests.support.notifier_letters import FIGURES

HEALTH = {
    DUTCH.language: r"ziek|verzuim|afwezig|gezond|zwanger|verlof|uitval|herstel|beterschap|burn|arts|dokter|medisch|diagnose|mank",
    ENGLISH.language: r"\bill\b|illness|sick|absen|health|pregnan|\bleave\b|burn|doctor|medical|diagnos|recover",
}
REASONS: dict[AlertKind, set[str]] = {
    AlertKind.LOST: {*MoveCause},
    AlertKind.CHANGED: {*MoveCause},
    AlertKind.UNPLACED: {*UnplacedReason},
    AlertKind.MISMATCH: {*MismatchKind},
    AlertKind.DETECTED: {*MismatchKind},
    AlertKind.AT_RISK: {*AtRiskRule},
    AlertKind.SHORTAGE: {"seats", *Tier},
}


def sentences(thing: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a phrase book, with where it stands."""
    if isinstance(thing, str):
        yield path, thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from sentences(getattr(thing, field.name), f"{path}.{field.name}")
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from sentences(value, f"{path}[{key}]")
    elif isinstance(thing, tuple):
        for number, value in enumerate(thing):
            yield from sentences(value, f"{path}[{number}]")


def names_in(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def test_a_language_has_every_sentence_with_the_same_figures_as_dutch() -> None:
    dutch = dict(sentences(DUTCH))
    for phrases in PHRASES.values():
        own = dict(sentences(phrases))
        assert own.keys() == dutch.keys()
        assert [path for path, text in own.items() if names_in(text) != names_in(dutch[path])] == []
        assert [path for path, text in own.items() if bool(text) != bool(dutch[path])] == []


@pytest.mark.parametrize("phrases", PHRASES.values(), ids=PHRASES)
def test_every_kind_and_every_reason_of_the_contracts_has_its_own_words(phrases: Phrases) -> None:
    assert set(phrases.said) == set(phrases.subjects) == set(phrases.openings) == set(AlertKind)
    for kind, said in phrases.said.items():
        assert set(said) == REASONS.get(kind, {""}), kind
        whys = [each.why for each in said.values()]
        assert len(whys) == len(set(whys)), kind


def of_alerts(phrases: Phrases) -> list[str]:
    said = [each for kind in phrases.said.values() for each in kind.values()]
    texts = [
        text
        for each in said
        for text in (each.why, each.can, each.may_help, each.at_school, each.in_region, each.measured)
        if text
    ]
    counted = [
        text
        for each in (*phrases.openings.values(), *phrases.lost_at_school.values())
        for text in (each.one, each.several)
    ]
    return [*texts, *counted, *phrases.closings.values()]


@pytest.mark.parametrize("phrases", PHRASES.values(), ids=PHRASES)
def test_sentences_are_whole_and_short(phrases: Phrases) -> None:
    for text in of_alerts(phrases):
        assert text.endswith((".", "?")), text
        assert text[0].isupper() or text[0] in "{0123456789", text
        assert max(len(part.split()) for part in re.split(r"[.?!:]\s", text)) <= 20, text


@pytest.mark.parametrize("phrases", PHRASES.values(), ids=PHRASES)
def test_nothing_hints_at_anybodys_health(phrases: Phrases) -> None:
    hints = re.compile(HEALTH[phrases.language], re.IGNORECASE)
    assert [(path, text) for path, text in sentences(phrases) if hints.search(text)] == []


@pytest.mark.parametrize("phrases", PHRASES.values(), ids=PHRASES)
def test_figures_that_are_known_are_told_and_without_them_the_sentence_is_left_out(phrases: Phrases) -> None:
    known = {**FIGURES, "unplaced": 12, "share": 30, "overall": 12}
    for said in (each for kind in phrases.said.values() for each in kind.values() if each.measured):
        told = phrases.measured(said.measured, known)
        assert told, said.measured
        assert "{" not in told
        assert re.search(r"\d", told)
        assert phrases.measured(said.measured, {}) == ""


def test_hours_and_counts_are_written_as_people_say_them() -> None:
    assert DUTCH.measured("{a-qh:hours}, {b:plek|plekken}", {"a-qh": 6, "b": 1}) == "1 uur 30, 1 plek"
    assert ENGLISH.measured("{a-qh:hours}, {b:place|places}", {"a-qh": 6, "b": 2}) == "1 hour 30, 2 places"
    assert [ENGLISH.hours(each) for each in (0, 3, 4, 8, 9)] == [
        "0 hours",
        "45 minutes",
        "1 hour",
        "2 hours",
        "2 hours 15",
    ]
    assert Counted("1 {what}", "{count} {what}").of(3, what="x") == "3 x"


def test_who_has_too_few_hours_is_short_of_them_in_one_word() -> None:
    """*Een uur tekortkomen*; *te kort* is what a rope is."""
    assert [text for _, text in sentences(DUTCH) if "te kort" in text] == []


def test_who_can_do_otherwise_reads_so() -> None:
    said = Said("why", "can", at_school="school", in_region="region")
    told = {role: said.can_for(role) for role in Role}
    assert told == {
        Role.INSTITUTE_COORDINATOR: "can",
        Role.INSTITUTE_TRAINER: "can",
        Role.SCHOOL_TRAINER: "school",
        Role.SCHOOL_LEADER: "school",
        Role.PROGRAMME_MANAGER: "region",
        Role.OPERATOR: "can",
    }
    assert Said("why", "can").can_for(Role.SCHOOL_LEADER) == "can"
