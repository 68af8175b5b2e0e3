"""The raw bytes of a mail, header by header."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.adapters.message import build_message, clean_name
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.delivery import Mail
from services.notifier.handlers.dispatching import dispatch
from tests.support.notifier import NOW, PEOPLE, a_mail, an_alert
from tests.support.notifier_memory import MemoryStore

SENDER = Address("Leerplek", addr_spec="meldingen@leerplek.example")


def _raw(mail: Mail) -> bytes:
    return build_message(mail, SENDER).as_bytes()


def _read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _header(raw: bytes, name: str) -> str:
    head = raw.split(b"\r\n\r\n", 1)[0].replace(b"\r\n ", b" ")
    values = [
        line.split(b": ", 1)[1] for line in head.split(b"\r\n") if line.lower().startswith(name.lower().encode() + b":")
    ]
    assert len(values) == 1, f"{name}: {values}"
    return values[0].decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("From", "Leerplek <meldingen@leerplek.example>"),
        ("To", "Els Vos <stage@vu.example>"),
        ("Subject", "Student zonder leerwerkplek"),
        ("Message-ID", "<01999999-0000-7000-8000-000000000001@leerplek.example>"),
        ("In-Reply-To", "<abc123.thread@leerplek.example>"),
        ("References", "<abc123.thread@leerplek.example>"),
        ("Content-Language", "nl"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply, RN, NRN, DR"),
        ("List-Id", '"Leerplek: student zonder leerwerkplek" <unplaced.nl-r07.leerplek.example>'),
        ("MIME-Version", "1.0"),
    ],
)
def test_each_header_is_as_agreed(name: str, value: str) -> None:
    assert _header(_raw(a_mail()), name) == value


def test_reports_of_non_delivery_are_not_suppressed() -> None:
    assert "NDR" not in _header(_raw(a_mail()), "X-Auto-Response-Suppress")
    assert "All" not in _header(_raw(a_mail()), "X-Auto-Response-Suppress")


def test_the_date_is_the_moment_of_writing() -> None:
    assert parsedate_to_datetime(_header(_raw(a_mail()), "Date")) == NOW


def test_text_comes_first_and_html_last() -> None:
    message = _read(_raw(a_mail()))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in message.iter_parts())
    assert text.replace("\r\n", "\n") == a_mail().text
    assert "é" in html


def test_every_try_is_the_same_mail_to_the_byte() -> None:
    later = a_mail(attempts=3, next_try_at=NOW + timedelta(hours=1))
    assert _raw(a_mail()) == _raw(later)


def test_every_line_is_short_and_plain_ascii() -> None:
    raw = _raw(a_mail(name="Zoë " * 24, text="é" * 5000))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "name",
    ["Els\r\nBcc: dief@example.org", "Els\nX: y", "\u202eELS\u0000", "a" * 300, "Els, Vos; <x@y.example>", "Jo 🙂"],
)
def test_a_name_cannot_add_a_header_or_an_address(name: str) -> None:
    message = _read(_raw(a_mail(name=name)))
    assert [address.addr_spec for address in message["To"].addresses] == ["stage@vu.example"]
    assert message["Bcc"] is None
    assert message["X"] is None


@given(st.text(max_size=300))
def test_whatever_the_name_there_is_one_recipient_and_no_new_header(name: str) -> None:
    message = _read(_raw(a_mail(name=name)))
    assert [address.addr_spec for address in message["To"].addresses] == ["stage@vu.example"]
    assert sorted(message.keys()) == sorted(_read(_raw(a_mail())).keys())
    assert clean_name(name).isprintable()


async def test_a_written_mail_is_small_and_names_its_language() -> None:
    store = MemoryStore()
    for contact in PEOPLE.all():
        await store.save_contact(contact)
    for number in range(60):
        await store.save_alert(an_alert(AlertKind.UNPLACED, f"s-{number}"))
    done = await dispatch(store, JinjaComposer("https://leerplek.example"), NOW, timedelta(0))
    (mail,) = done.mails
    raw = _raw(mail)
    assert len(raw) < 102_000
    html = _read(raw).get_body(("html",))
    assert html is not None
    assert '<html lang="nl">' in html.get_content()
    assert "<title>Student zonder leerwerkplek</title>" in html.get_content()
    assert "http" not in html.get_content().replace("https://leerplek.example", "")
