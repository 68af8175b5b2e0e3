"""The talk that is proposed where student and place do not fit, as every calendar reads it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from icalendar import Calendar, Event

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.adapters.message import Letterhead, build_message
from services.notifier.domain.alerts import AlertKind, AlertState, Channel, News
from services.notifier.domain.calendar import SchoolCalendar, Vacation
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.letters import Letter, write_letter
from services.notifier.domain.links import Links
from services.notifier.domain.notices import Draft
from shared.security.link_tokens import LinkSigner
from tests.support.notifier import NOW, PEOPLE, a_mail
from tests.support.notifier_letters import INSTITUTE_TRAINER, KNOWN, STUDENT, alert_of, draft_of

COMPOSER = JinjaComposer("https://leerplek.example")
HEAD = Letterhead(Address("", addr_spec="m@leerplek.example"), Links("https://leerplek.example", LinkSigner(b"k" * 32)))
MISFIT = replace(alert_of(AlertKind.MISMATCH), revision=3)
OVER = replace(MISFIT, revision=4, news=News.CLEARED, state=AlertState.CLEARED)


def _letter(draft: Draft, calendar: SchoolCalendar | None = None, known: Knowledge = KNOWN) -> Letter:
    return write_letter(draft, {}, known, calendar or SchoolCalendar())


def _events(letter: Letter) -> tuple[str, list[Event]]:
    calendar = Calendar.from_ical(COMPOSER.invite(letter, NOW))
    assert isinstance(calendar, Calendar)
    return str(calendar["METHOD"]), [each for each in calendar.walk("VEVENT") if isinstance(each, Event)]


def _parts(letter: Letter) -> list[EmailMessage]:
    text, html = COMPOSER.compose(letter, "x")
    mail = a_mail(text=text, html=html, invitation=COMPOSER.invite(letter, NOW), mentions=letter.mentions)
    raw = build_message(mail, HEAD)
    assert raw == build_message(mail, HEAD)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    message = message_from_bytes(raw, policy=policy.default)
    return [each for each in message.walk() if isinstance(each, EmailMessage)]


def test_a_talk_is_proposed_after_lessons_on_the_third_school_day() -> None:
    letter = _letter(draft_of(PEOPLE.coordinator, MISFIT))
    method, (event,) = _events(letter)
    assert method == "PUBLISH"
    assert event.start == datetime(2026, 6, 4, 13, 30, tzinfo=UTC)
    assert event.end - event.start == timedelta(minutes=30)
    assert event["STATUS"] == "TENTATIVE"
    assert event["LOCATION"] == "Het Baken in Utrecht"
    assert "4 juni 2026 om 15:30, op Het Baken in Utrecht" in COMPOSER.compose(letter, "x")[0]


def test_in_a_school_holiday_nobody_is_asked_to_come() -> None:
    holiday = SchoolCalendar(
        vacations={"noord": (Vacation(date(2026, 6, 2), date(2026, 6, 14)),)}, default_part="noord"
    )
    (meeting,) = _letter(draft_of(PEOPLE.coordinator, MISFIT), holiday).meetings
    assert meeting.starts.date() == date(2026, 6, 17)


def test_it_keeps_its_id_and_counts_on_until_it_is_off() -> None:
    proposed, again = (
        _events(_letter(draft_of(PEOPLE.coordinator, replace(MISFIT, revision=each)))) for each in (3, 5)
    )
    (first,), (second,) = proposed[1], again[1]
    assert first["UID"] == second["UID"]
    assert str(first["UID"]).endswith("@leerplek.example")
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (3, 5)
    method, (off,) = _events(
        _letter(draft_of(PEOPLE.coordinator, replace(OVER, revision=6), channel=Channel.DIGEST, was_invited=True))
    )
    assert (method, off["STATUS"], off["UID"], off["SEQUENCE"]) == ("CANCEL", "CANCELLED", first["UID"], 6)


def test_who_is_told_a_day_later_or_by_an_escalation_gets_the_same_talk() -> None:
    (first,) = _letter(draft_of(PEOPLE.coordinator, MISFIT)).meetings
    for days, draft in (
        (1, draft_of(PEOPLE.trainer, MISFIT, channel=Channel.DIGEST)),
        (2, draft_of(INSTITUTE_TRAINER, replace(MISFIT, news=News.ESCALATED), channel=Channel.ESCALATION)),
    ):
        later = replace(KNOWN, today=KNOWN.today + timedelta(days=days))
        (again,) = _letter(draft, known=later).meetings
        assert (again.id, again.starts) == (first.id, first.starts)
    weeks_later = replace(KNOWN, today=KNOWN.today + timedelta(days=14))
    (given,) = _letter(draft_of(PEOPLE.trainer, replace(MISFIT, news=News.HANDED_OVER)), known=weeks_later).meetings
    assert given.starts.date() == date(2026, 6, 18)


def test_a_reminder_moves_no_talk() -> None:
    reminder = replace(MISFIT, news=News.REMINDER)
    assert _letter(draft_of(PEOPLE.coordinator, reminder, channel=Channel.DIGEST)).meetings == ()


def test_one_digest_proposes_a_talk_and_takes_another_back() -> None:
    other = alert_of(AlertKind.MISMATCH, number=7)
    draft = draft_of(PEOPLE.coordinator, OVER, other, channel=Channel.DIGEST, was_invited=True)
    method, events = _events(_letter(draft))
    assert (method, sorted(str(each["STATUS"]) for each in events)) == ("PUBLISH", ["CANCELLED", "TENTATIVE"])


def test_who_never_had_it_in_a_calendar_is_not_told_that_it_is_off() -> None:
    assert _letter(draft_of(PEOPLE.coordinator, OVER, channel=Channel.DIGEST)).meetings == ()


@pytest.mark.parametrize("kind", [each for each in AlertKind if each is not AlertKind.MISMATCH])
def test_of_nothing_else_a_talk_is_proposed(kind: AlertKind) -> None:
    letter = _letter(draft_of(PEOPLE.coordinator, alert_of(kind)))
    assert letter.meetings == ()
    assert COMPOSER.invite(letter, NOW) == ""
    assert all(part.get_content_type() != "text/calendar" for part in _parts(letter))


def test_where_the_school_is_not_known_there_is_no_place_to_meet() -> None:
    nowhere = replace(MISFIT, case=replace(MISFIT.case, site=None))
    assert _letter(draft_of(PEOPLE.coordinator, nowhere)).meetings == ()


def test_the_file_comes_twice_with_its_method_in_both_headers_and_the_html_stays_last() -> None:
    parts = _parts(_letter(draft_of(PEOPLE.coordinator, MISFIT)))
    kinds = [part.get_content_type() for part in parts]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/calendar",
        "text/html",
        "text/calendar",
    ]
    files = [part for part in parts if part.get_content_type() == "text/calendar"]
    assert [part["Content-Type"].params["method"] for part in files] == ["PUBLISH", "PUBLISH"]
    assert [part["Content-Type"].params["charset"] for part in files] == ["utf-8", "utf-8"]
    assert [part.get_filename() for part in files] == [None, "gesprek.ics"]
    assert files[0].get_content() == files[1].get_content()
    assert "METHOD:PUBLISH" in files[0].get_content()
    assert parts[0]["Message-ID"] == f"<{a_mail().id}@leerplek.example>"
    assert parts[0]["Content-Language"] == "nl"


def test_nobody_is_named_and_nobody_has_to_answer() -> None:
    invitation = COMPOSER.invite(_letter(draft_of(PEOPLE.coordinator, MISFIT)), NOW)
    for never in ("ATTENDEE", "ORGANIZER", "Vos", "Wit", "mailto"):
        assert never not in invitation
    assert STUDENT in invitation.replace("\r\n ", "")
