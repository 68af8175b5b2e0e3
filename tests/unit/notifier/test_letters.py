"""Every text that a mail can have: complete, plain, and silent about health."""

import re
from dataclasses import replace
from datetime import date

import pytest

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.domain.alerts import Alert, AlertKind
from services.notifier.domain.contacts import Addressee, Contact, Role
from services.notifier.domain.knowledge import Knowledge, KnownRegion, StudentPlace
from services.notifier.domain.letters import Letter, write_letter
from services.notifier.domain.letters.at_once import MAX_ITEMS
from services.notifier.domain.letters.shape import Item
from services.notifier.domain.mentions import GONE, fill_html, fill_text
from services.notifier.domain.notices import Draft, Notice
from services.notifier.domain.phrases import DUTCH
from shared.contracts.placements import MoveCause, UnplacedReason
from shared.contracts.vocabulary import MismatchKind
from tests.support.notifier import INSTITUTE, PEOPLE, REGION, SITE, an_alert, knowledge

COMPOSER = JinjaComposer("https://leerplek.example/berichten")
HEALTH = re.compile(
    r"ziek|verzuim|afwezig|gezond|zwanger|verlof|uitval|herstel|beterschap|burn|arts|dokter|medisch|diagnose|overspannen|mank",
    re.IGNORECASE,
)
CASES = [
    *((AlertKind.LOST, each.value) for each in MoveCause),
    *((AlertKind.UNPLACED, each.value) for each in UnplacedReason),
    *((AlertKind.MISMATCH, each.value) for each in MismatchKind),
]
NOTHING = DUTCH.framing.nothing_to_do
READERS = [PEOPLE.coordinator, PEOPLE.trainer, PEOPLE.manager]


def _letter(
    *alerts: Alert, reader: Contact = PEOPLE.coordinator, known: Knowledge | None = None, missing: bool = False
) -> Letter:
    addressee = Addressee(reader.role, reader.organisation)
    absent = (Addressee(Role.INSTITUTE_COORDINATOR, INSTITUTE),) if missing else ()
    notices = tuple(Notice(alert, addressee, reader, absent) for alert in alerts)
    draft = Draft(reader, reader.role, alerts[0].kind, REGION, notices)
    return write_letter(draft, {}, known or knowledge())


def _text(letter: Letter) -> str:
    return fill_text(COMPOSER.compose(letter, "een")[0], letter.mentions)


def _html(letter: Letter) -> str:
    return fill_html(COMPOSER.compose(letter, "een")[1], letter.mentions)


def _items(letter: Letter) -> list[Item]:
    return [item for section in letter.sections for group in section.groups for item in group.items]


@pytest.mark.parametrize(("kind", "reason"), CASES)
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.role)
@pytest.mark.parametrize("is_known", [True, False], ids=["all known", "nothing known"])
def test_every_text_is_complete_and_hints_at_nobodys_health(
    kind: AlertKind, reason: str, reader: Contact, is_known: bool
) -> None:
    known = knowledge(places=[StudentPlace("s-1", SITE, ("2026-S1",))])
    if not is_known:
        known = Knowledge(date(2026, 6, 1), {}, {}, {}, [])
    letter = _letter(an_alert(kind, reason=reason), reader=reader, known=known, missing=True)
    for text in (_text(letter), _html(letter)):
        assert "None" not in text
        assert "undefined" not in text.lower()
        assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
        assert not HEALTH.search(text), HEALTH.search(text)
        assert "s-1" in text
        assert "Wat u kunt doen:" in text or NOTHING in text
        assert "U ontvangt dit omdat" in text
        assert "Bel " in text or "nog niemand bekend" in text
        assert "leerplek.example/berichten/" in text


def test_no_student_and_no_number_is_named_in_the_subject() -> None:
    for kind in (AlertKind.LOST, AlertKind.UNPLACED, AlertKind.MISMATCH):
        letter = _letter(an_alert(kind), an_alert(kind, "s-2"))
        assert not re.search(r"\d", letter.subject)
        assert letter.subject == _letter(an_alert(kind)).subject


def test_the_deadline_is_two_weeks_before_the_period() -> None:
    letter = _letter(an_alert(AlertKind.UNPLACED))
    assert letter.by_when == "vóór 17 augustus 2026"
    assert "vóór 17 augustus 2026" in _text(letter)


def test_a_school_reads_what_a_school_can_do() -> None:
    letter = _letter(an_alert(AlertKind.LOST), reader=PEOPLE.trainer)
    assert _items(letter)[0].can == DUTCH.said[AlertKind.LOST][MoveCause.GUIDANCE_ENDED].at_school
    assert f"Wat u kunt doen: {_items(letter)[0].can}" in _text(letter)
    assert letter.opening == "Bij 1 student vervalt de plaatsing op uw school."


def test_where_nothing_is_asked_the_mail_says_just_that() -> None:
    letter = _letter(an_alert(AlertKind.LOST, reason=MoveCause.STUDENT_WITHDRAWN), reader=PEOPLE.trainer)
    for text in (_text(letter), _html(letter)):
        assert "U hoeft niets te doen." in text
        assert "Wat u kunt doen" not in text


def test_the_end_of_a_mail_says_for_whom_leerplek_still_looks() -> None:
    gone = an_alert(AlertKind.LOST, reason=MoveCause.STUDENT_WITHDRAWN)
    closings = [
        _letter(*alerts, reader=PEOPLE.trainer).closing
        for alerts in ([gone], [gone, an_alert(AlertKind.LOST, "s-2")], [an_alert(AlertKind.LOST)])
    ]
    assert closings == [
        "Leerplek zoekt geen andere plek: de inschrijving is er niet meer.",
        "Voor wie nog is ingeschreven, blijft Leerplek zoeken naar een andere plek.",
        "Leerplek blijft zoeken naar een andere plek.",
    ]


def test_the_call_to_act_names_what_follows_it() -> None:
    letter = _letter(an_alert(AlertKind.UNPLACED))
    for text in (_text(letter), _html(letter)):
        assert "Regel het onderstaande liefst vóór 17 augustus 2026." in text
        assert text.index("Regel het onderstaande") < text.index("Wat u kunt doen:")


def test_however_many_students_each_is_told_of_with_number_and_reason() -> None:
    alerts = [an_alert(AlertKind.UNPLACED, student=f"s-{number:03d}") for number in range(40)]
    letter = _letter(*alerts)
    assert len(_items(letter)) == MAX_ITEMS
    why = _items(letter)[0].why
    for text in (_text(letter), _html(letter)):
        assert "En nog 15, in het kort" in text
        assert text.count(why) == 40
        assert [alert.case.student for alert in alerts if alert.case.student not in text] == []


def test_where_nothing_is_asked_no_deadline_is_set() -> None:
    letter = _letter(an_alert(AlertKind.LOST, reason=MoveCause.DECLINED), reader=PEOPLE.trainer)
    assert letter.by_when == ""
    assert _items(letter)[0].by_when == ""


def test_where_nothing_is_asked_nobody_is_told_to_call() -> None:
    nothing_asked = _letter(an_alert(AlertKind.LOST, reason=MoveCause.DECLINED), reader=PEOPLE.trainer)
    assert "Vragen? Bel Els Vos" in _text(nothing_asked)
    assert "Vragen?" not in _text(_letter(an_alert(AlertKind.LOST), reader=PEOPLE.trainer))


def test_when_there_is_no_time_left_the_deadline_is_today() -> None:
    letter = _letter(an_alert(AlertKind.LOST), known=knowledge(PEOPLE.all(), day=date(2026, 9, 2)))
    assert letter.by_when == "vandaag (2 september 2026)"


def test_in_an_unknown_region_no_deadline_is_invented() -> None:
    known = Knowledge(date(2026, 6, 1), {}, {}, {}, PEOPLE.all())
    assert _letter(an_alert(AlertKind.UNPLACED), known=known).by_when == ""


def test_the_reader_is_told_whom_to_call_and_never_themselves() -> None:
    to_institute = _text(_letter(an_alert(AlertKind.LOST)))
    assert "Bel Bo de Wit, schoolopleider van Het Baken in Utrecht: 010 765 43 21." in to_institute
    to_school = _text(_letter(an_alert(AlertKind.LOST), reader=PEOPLE.trainer))
    assert "Bel Els Vos, stagecoördinator van opleiding 01VU: 020 765 43 21." in to_school
    to_manager = _text(_letter(an_alert(AlertKind.UNPLACED), reader=PEOPLE.manager, known=knowledge([PEOPLE.manager])))
    assert "Kim Bos" not in to_manager


def test_who_is_to_be_called_is_who_the_advice_names() -> None:
    made_room = _letter(an_alert(AlertKind.LOST, reason=MoveCause.MADE_ROOM))
    assert PEOPLE.manager.phone is not None
    assert PEOPLE.manager.phone in _text(made_room)
    ended = _letter(an_alert(AlertKind.LOST, reason=MoveCause.GUIDANCE_ENDED))
    assert PEOPLE.manager.phone not in _text(ended)


def test_who_stands_in_for_a_school_does_not_read_that_it_is_theirs() -> None:
    alert = an_alert(AlertKind.LOST)
    notice = Notice(alert, Addressee(Role.SCHOOL_TRAINER, SITE), PEOPLE.manager, ())
    draft = Draft(PEOPLE.manager, Role.SCHOOL_TRAINER, AlertKind.LOST, REGION, (notice,))
    text = _text(write_letter(draft, {}, knowledge()))
    assert "op een school" in text
    assert "uw school" not in text


def test_a_contact_without_a_phone_is_to_be_mailed() -> None:
    trainer = Contact("c2", SITE, Role.SCHOOL_TRAINER, "opleider@school.example")
    letter = _letter(an_alert(AlertKind.LOST), known=knowledge([PEOPLE.coordinator, trainer]))
    assert "Mail de schoolopleider van Het Baken in Utrecht: opleider@school.example." in _text(letter)


def test_the_stand_in_reads_that_nobody_is_registered() -> None:
    letter = _letter(an_alert(AlertKind.UNPLACED), reader=PEOPLE.manager, missing=True)
    assert "Er is nu niemand te bereiken als stagecoördinator van opleiding 01VU." in _text(letter)
    assert letter.because.endswith("als programmamanager van regio Rijn en Vecht.")


def test_an_unknown_school_is_named_by_its_code() -> None:
    letter = _letter(an_alert(AlertKind.LOST, site="99ZZ00"))
    assert "school 99ZZ00" in _text(letter)


def test_a_loss_also_tells_why_there_is_no_other_place_yet() -> None:
    loss, since = an_alert(AlertKind.LOST), an_alert(AlertKind.UNPLACED, site=SITE)
    notice = Notice(loss, Addressee(Role.INSTITUTE_COORDINATOR, INSTITUTE), PEOPLE.coordinator)
    draft = Draft(PEOPLE.coordinator, Role.INSTITUTE_COORDINATOR, AlertKind.LOST, REGION, (notice,))
    letter = write_letter(draft, {loss.id: since}, knowledge())
    assert DUTCH.said[AlertKind.UNPLACED][UnplacedReason.NO_SUPERVISOR_HOURS].why in _items(letter)[0].why
    assert DUTCH.said[AlertKind.LOST][MoveCause.GUIDANCE_ENDED].why in _items(letter)[0].why


def test_a_long_list_is_sorted_and_gets_shorter() -> None:
    alerts = [an_alert(AlertKind.UNPLACED, f"s-{number:03}") for number in range(40, 0, -1)]
    letter = _letter(*alerts)
    text = _text(letter)
    assert [item.number for item in _items(letter)] == [f"s-{number:03}" for number in range(1, 26)]
    assert "En nog 15, in het kort:" in text
    assert text.count("Wat u kunt doen:") == 25
    assert letter.opening == "Voor 40 studenten is nog geen leerwerkplek gevonden."


def test_the_most_urgent_student_comes_first() -> None:
    late = an_alert(AlertKind.LOST, "s-1", starts=date(2027, 2, 1))
    soon = an_alert(AlertKind.LOST, "s-2", starts=date(2026, 8, 31))
    assert [item.number for item in _items(_letter(late, soon))] == ["s-2", "s-1"]


def test_what_stands_in_a_name_is_not_read_as_html() -> None:
    trainer = Contact("c2", SITE, Role.SCHOOL_TRAINER, "o@school.example", "<b>Bo</b>", "010 765 43 21")
    letter = _letter(an_alert(AlertKind.LOST), known=knowledge([trainer]))
    assert "&lt;b&gt;Bo&lt;/b&gt;" in _html(letter)
    assert "<b>Bo</b>" in _text(letter)


def test_each_student_has_a_short_code_and_the_whole_number() -> None:
    number = "0199a2b4-7c11-7def-8a12-4b6c3f2a91bc"
    letter = _letter(an_alert(AlertKind.UNPLACED, number))
    for text in (_text(letter), _html(letter)):
        assert "Student 3F2A-91BC, wiskunde" in text
        assert f"Nummer in Leerplek: {number}" in text


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.role)
def test_every_reader_is_told_in_short_sentences_how_to_find_a_student(reader: Contact) -> None:
    letter = _letter(an_alert(AlertKind.LOST), reader=reader)
    assert letter.finding in _text(letter)
    assert letter.finding in _html(letter)
    sentences = re.split(r"(?<=[.?!])\s", letter.finding)
    assert sentences[0] == "Welke student is dit?"
    assert max(len(each.split()) for each in sentences) <= 20


def test_a_region_is_not_called_region_twice() -> None:
    known = knowledge()
    named = replace(known, regions={REGION: KnownRegion(REGION, "Regio Middenveld", sequence=1)})
    letter = _letter(an_alert(AlertKind.UNPLACED), reader=PEOPLE.manager, known=named)
    assert letter.because.endswith("als programmamanager van Regio Middenveld.")


def test_when_whom_to_call_was_deleted_the_mail_says_so() -> None:
    letter = _letter(an_alert(AlertKind.LOST))
    assert [each.contact for each in letter.mentions] == ["c2"]
    text, html = COMPOSER.compose(letter, "een")
    assert GONE in fill_text(text, [])
    assert "Bo de Wit" not in text + html
