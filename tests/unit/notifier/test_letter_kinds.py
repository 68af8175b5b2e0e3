"""Mails of every kind, for every role that gets it, in both languages: whole, the same as text and as HTML, and never too long."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest

from services.notifier.adapters.composer import MOST_BYTES, JinjaComposer
from services.notifier.domain.alerts import AlertKind, AlertState, Channel, Level, News
from services.notifier.domain.contacts import Addressee, Contact, Language, Role
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters import Letter, write_letter
from services.notifier.domain.letters.digest import IN_FULL
from services.notifier.domain.letters.shape import Tone
from services.notifier.domain.links import LinkPurpose, mark_link
from services.notifier.domain.mentions import fill_html, fill_text
from services.notifier.domain.phrases import PHRASES
from shared.contracts.placements import MoveCause
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import Tier
from tests.support.notifier import NOW, PEOPLE, SITE
from tests.support.notifier_letters import (
    EVERYBODY,
    KNOWN,
    LEADER,
    OPERATOR,
    a_week,
    alert_of,
    draft_of,
    english,
    every_reason,
    gallery,
)

COMPOSER = JinjaComposer("https://leerplek.example")


def _composed(letter: Letter) -> tuple[str, str]:
    text, html = COMPOSER.compose(letter, "berichten/een")
    return fill_text(text, letter.mentions), fill_html(html, letter.mentions)


def _seen(html: str) -> str:
    """What a reader of the HTML sees, on one line."""
    body = re.sub(r"<(style|title)>.*?</\1>|<!--.*?-->", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", Language)
def test_every_kind_and_reason_is_whole_for_every_reader(language: Language) -> None:
    words = PHRASES[language].framing
    for kind, reason, reader in every_reason():
        reader = reader if language is Language.DUTCH else english(reader)
        for known in (KNOWN, Knowledge(NOW.date(), {}, {}, {}, ())):
            letter = write_letter(draft_of(reader, alert_of(kind, reason)), {}, known)
            text, html = _composed(letter)
            for told in (_on_one_line(text), _seen(html)):
                assert not re.search(r"None|undefined|[{}]", told), (kind, reason, told)
                assert words.advice in told or words.nothing_to_do in told, (kind, reason, told)
                assert letter.because in told
            assert f'<html lang="{language}"' in html
            assert letter.subject == PHRASES[language].subjects[kind]


@pytest.mark.parametrize("language", Language)
def test_text_and_html_hold_the_same_facts(language: Language) -> None:
    for written in gallery(language):
        letter = written.letter
        text, html = _composed(letter)
        told, seen = _on_one_line(text).casefold(), _seen(html).casefold()
        facts = [letter.opening, *letter.notes, letter.call, letter.closing, letter.finding, letter.because]
        for section in letter.sections:
            for group in section.groups:
                facts += [group.title, group.call]
                facts += [
                    fact
                    for item in group.items
                    for fact in (item.what, item.news, item.why, item.can, item.levers, item.also, item.number)
                ]
        facts += [line for listing in letter.listings for line in (listing.title, *listing.lines)]
        for chart in letter.charts:
            facts += [chart.told, *(f"{count}" for _, count in chart.rows), *(name for name, _ in chart.rows)]
        filled = [fill_text(fact, letter.mentions).casefold() for fact in facts if fact]
        assert [fact for fact in filled if fact not in told] == [], written.name
        assert [fact for fact in filled if fact not in seen] == [], written.name


def test_no_english_mail_has_dutch_around_its_facts() -> None:
    dutch = re.compile(r"\b(de|het|een|voor|niet|van|wordt|uw|student zonder|plek)\b")
    for written in gallery(Language.ENGLISH):
        text = re.sub(r"Het Baken|Bo de Wit|https\S*", "", _composed(written.letter)[0])
        assert dutch.findall(text) == [], written.name


def test_a_subject_is_the_same_whatever_is_told_so_that_mails_stay_together() -> None:
    for kind in AlertKind:
        subjects = {
            write_letter(draft_of(reader, *alerts), {}, KNOWN).subject
            for reader in (PEOPLE.coordinator, PEOPLE.manager)
            for alerts in ([alert_of(kind)], [alert_of(kind), alert_of(kind, number=2)])
        }
        assert len(subjects) == 1, kind
        assert not re.search(r"\d", subjects.pop())


def test_what_is_told_of_has_its_figures_and_its_levers() -> None:
    text = _composed(
        write_letter(draft_of(LEADER, alert_of(AlertKind.SHORTAGE, Tier.WORKPLACE_SUPERVISOR)), {}, KNOWN)
    )[0]
    assert "Het gaat om 7 studenten. Samen ontbreekt 10 uur 15 per week." in text
    assert "Elk van deze maatregelen helpt minstens één van hen" in text
    assert "een begeleider lenen van een school in de buurt" in text
    counted = alert_of(AlertKind.SHORTAGE, "", levers=("duo",))
    counted = replace(counted, case=replace(counted.case, figures={"students": 7, "helped-duo": 3, "helped-of": 5}))
    text = _composed(write_letter(draft_of(LEADER, counted), {}, KNOWN))[0]
    assert "(een duo), voor 3 van de 5 studenten die zijn nagerekend." in text
    text = _composed(write_letter(draft_of(PEOPLE.manager, alert_of(AlertKind.FAIRNESS)), {}, KNOWN))[0]
    assert "Zonder plek: 12 van 40, ofwel 30 %. In de hele regio is dat 12 %." in text


def test_a_student_at_risk_without_a_place_reads_why_there_is_none() -> None:
    alert = alert_of(AlertKind.AT_RISK, AtRiskRule.UNPLACED_14_DAYS, cause="seats-taken")
    (item,) = write_letter(draft_of(PEOPLE.coordinator, alert), {}, KNOWN).sections[0].groups[0].items
    assert item.why.endswith("Alle plekken die passen, zijn al bezet.")
    assert item.can.startswith("Vraag scholen met begeleiding over")


def test_whose_hours_a_student_lacks_is_told() -> None:
    alert = alert_of(AlertKind.AT_RISK, AtRiskRule.HOURS_BELOW_80, cause="io-absence")
    (item,) = write_letter(draft_of(PEOPLE.coordinator, alert), {}, KNOWN).sections[0].groups[0].items
    assert "Het gaat om de instituutsopleiders." in item.why


def test_the_news_is_told_and_what_is_over_asks_nothing() -> None:
    worse = replace(alert_of(AlertKind.SHORTAGE), news=News.WORSENED)
    assert "Dit is erger geworden." in _composed(write_letter(draft_of(LEADER, worse), {}, KNOWN))[0]
    over = replace(alert_of(AlertKind.LOST), news=News.CLEARED, state=AlertState.CLEARED)
    letter = write_letter(draft_of(PEOPLE.coordinator, over), {}, KNOWN)
    assert "Dit is opgelost. U hoeft niets te doen." in _composed(letter)[0]
    assert (letter.by_when, letter.is_answerable) == ("", False)


def test_nobody_waits_for_another_who_was_asked_too() -> None:
    ended = alert_of(AlertKind.LOST, MoveCause.GUIDANCE_ENDED)
    to_institute = write_letter(draft_of(PEOPLE.coordinator, ended), {}, KNOWN)
    assert "Ook gevraagd: schoolopleider van Het Baken in Utrecht." in _composed(to_institute)[0]
    alone = write_letter(draft_of(PEOPLE.coordinator, alert_of(AlertKind.UNPLACED)), {}, KNOWN)
    assert "Ook gevraagd" not in _composed(alone)[0]
    nothing_asked = alert_of(AlertKind.LOST, MoveCause.DECLINED)
    assert "Ook gevraagd" not in _composed(write_letter(draft_of(PEOPLE.trainer, nothing_asked), {}, KNOWN))[0]


def test_who_gets_it_after_others_did_nothing_reads_who_they_are() -> None:
    alert = replace(alert_of(AlertKind.LOST), news=News.ESCALATED)
    first = (Addressee(Role.SCHOOL_TRAINER, SITE),)
    draft = draft_of(PEOPLE.manager, alert, channel=Channel.ESCALATION, escalated_from=first)
    text = _composed(write_letter(draft, {}, KNOWN))[0]
    assert "Dit ging eerst naar: schoolopleider van Het Baken in Utrecht." in text
    assert "Nog niemand heeft dit opgepakt." in text


def test_who_is_told_in_place_of_a_colleague_reads_so_without_a_reason() -> None:
    draft = draft_of(PEOPLE.coordinator, alert_of(AlertKind.LOST), replaces=PEOPLE.trainer, hides=3)
    text = _composed(write_letter(draft, {}, KNOWN))[0]
    assert "U krijgt dit in de plaats van een collega: schoolopleider van Het Baken in Utrecht." in text
    assert "Over 3 studenten krijgt u daarom geen los bericht." in text


def test_nobody_is_named_to_call_who_cannot_help() -> None:
    letter = write_letter(draft_of(OPERATOR, alert_of(AlertKind.PARKED)), {}, KNOWN)
    assert (letter.call, letter.mentions) == ("", ())
    gap = write_letter(draft_of(PEOPLE.manager, alert_of(AlertKind.GAP)), {}, KNOWN)
    assert "Bel Jet Mol, schoolleider van Het Baken" in _composed(gap)[0]
    load = write_letter(draft_of(PEOPLE.trainer, alert_of(AlertKind.OVERLOADED)), {}, KNOWN)
    assert "Bel Kim Bos, programmamanager" in _composed(load)[0]


def test_a_digest_has_what_cannot_wait_first_and_what_is_over_last() -> None:
    (digest,) = (each.letter for each in gallery() if each.name == "digest")
    assert [section.title for section in digest.sections] == ["Regel dit eerst", "Let op", "Ter informatie", "Opgelost"]
    text = _composed(digest)[0]
    assert text.startswith("Er zijn 51 dingen die u moet weten. 2 daarvan kunnen niet wachten.")
    assert "Nieuwe plaatsing voorgesteld (30)" in text
    assert "En nog 26. Die staan in Leerplek." in text
    assert "Liever één keer per dag" not in text


def test_of_a_kind_so_many_are_told_and_the_others_counted() -> None:
    for level, tone in ((Level.CRITICAL, Tone.URGENT), (Level.WARNING, Tone.NOTE), (Level.INFO, Tone.PLAIN)):
        alerts = [replace(alert_of(AlertKind.AT_RISK, number=each), level=level) for each in range(1, 61)]
        (section,) = write_letter(draft_of(PEOPLE.coordinator, *alerts, channel=Channel.DIGEST), {}, KNOWN).sections
        (group,) = section.groups
        assert (len(group.items), group.untold) == (IN_FULL[tone], 60 - IN_FULL[tone])


def test_what_was_over_the_limit_is_told_in_short() -> None:
    (letter,) = (each.letter for each in gallery() if each.name == "overflow")
    assert all(not item.why for section in letter.sections for group in section.groups for item in group.items)
    assert "Daarom staan 51 andere meldingen in het kort in dit bericht." in _composed(letter)[0]


@pytest.mark.parametrize("channel", [Channel.IMMEDIATE, Channel.DIGEST])
@pytest.mark.parametrize("count", [1, 200, 3000])
def test_however_much_there_is_to_tell_a_mail_stays_short_and_everything_is_counted(
    channel: Channel, count: int
) -> None:
    alerts = [alert_of(AlertKind.UNPLACED, number=each) for each in range(1, count + 1)]
    text, html = COMPOSER.compose(write_letter(draft_of(PEOPLE.coordinator, *alerts, channel=channel), {}, KNOWN), "x")
    assert len(html.encode()) <= MOST_BYTES
    assert len(text.encode()) < MOST_BYTES
    left = sum(int(each) for each in re.findall(r"En nog (\d+)\. Die sta", text))
    assert text.count("Nummer in Leerplek: ") + left == count


def test_a_week_has_its_numbers_in_a_table_beside_each_picture() -> None:
    (letter,) = (each.letter for each in gallery() if each.name == "weekly")
    text, html = _composed(letter)
    assert html.count('<img class="chart"') == html.count("data:image/png") == 2
    assert all(len(alt) > 40 for alt in re.findall(r'alt="([^"]*)"', html))
    for count in a_week().by_day.values():
        assert f">{count}</td>" in html
    assert "- wo 27-5: 19" in text
    assert "Dit komt het vaakst voor, bij 11 van 21: te weinig uren werkplekbegeleider." in text
    assert "- Plaatsing vervallen: nieuw 9, opgelost 6, nu open 3" in text


def test_a_summary_after_a_holiday_counts_by_week() -> None:
    days = {date(2026, 5, 4) + timedelta(days=number): number % 3 for number in range(21)}
    (draft,) = (each.draft for each in gallery() if each.name == "weekly")
    text, _ = _composed(write_letter(replace(draft, week=replace(a_week(), by_day=days, gaps=2)), {}, KNOWN))
    assert "De meeste kwamen in de week van 18-5: 8." in text
    assert "- 11-5: 7" in text
    assert "Bij 2 opleidingen en scholen heeft een rol nog niemand" in text


def test_an_empty_week_says_so_and_has_no_pictures() -> None:
    week = replace(a_week(), raised={}, cleared={}, live={}, by_day={}, unplaced_by_reason={}, shortages=(), oldest=())
    (draft,) = (each.draft for each in gallery() if each.name == "weekly")
    letter = write_letter(replace(draft, week=replace(week, unacknowledged=0, mails=1)), {}, KNOWN)
    text, html = _composed(letter)
    assert "<img" not in html
    for said in ("geen meldingen", "Alle studenten hebben een plek.", "nergens een tekort", "ging 1 bericht uit"):
        assert said in text


def test_the_links_by_which_a_reader_acts_are_marks_until_the_mail_goes() -> None:
    letter = write_letter(draft_of(PEOPLE.coordinator, alert_of(AlertKind.LOST)), {}, KNOWN)
    for told in COMPOSER.compose(letter, "x"):
        assert mark_link(LinkPurpose.ANSWER) in told
        assert mark_link(LinkPurpose.UNSUBSCRIBE) in told


def test_only_what_can_be_answered_has_a_button() -> None:
    for kind in AlertKind:
        letter = write_letter(draft_of(PEOPLE.coordinator, alert_of(kind)), {}, KNOWN)
        is_fact = kind in {AlertKind.PROPOSED, AlertKind.CHANGED, AlertKind.SETTLED}
        assert letter.is_answerable is not is_fact, kind


def test_nothing_is_fetched_from_elsewhere() -> None:
    for written in gallery():
        html = _composed(written.letter)[1]
        assert re.findall(r'(?:src|background)="(?!data:)[^"]*"|url\([^)]*\)|@import|<link|<script', html) == []
        known = {"https://leerplek.example"} if written.letter.signs_in else set()
        assert set(re.findall(r"https?://[^/\"<]*", html)) == known


@pytest.mark.parametrize("reader", EVERYBODY, ids=lambda each: each.role)
def test_every_role_is_named_in_why_it_is_told(reader: Contact) -> None:
    for one in (reader, english(reader)):
        letter = write_letter(draft_of(one, alert_of(AlertKind.PARKED)), {}, KNOWN)
        assert PHRASES[one.preferences.language].naming.roles[reader.role] in letter.because
