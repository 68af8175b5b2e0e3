"""The raw bytes of a mail, header by header."""

import base64
import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.adapters.composer import JinjaComposer
from services.notifier.adapters.message import Letterhead, build_message, clean_name
from services.notifier.domain.bounces import Box, mail_of_address
from services.notifier.domain.contacts import Language
from services.notifier.domain.delivery import Mail
from services.notifier.domain.links import LINKS_LAST, LinkPurpose, Links, mark_link
from shared.security.link_tokens import LinkSigner
from tests.support.notifier import NOW, a_mail
from tests.support.notifier_letters import gallery

SENDER = Address("Leerplek", addr_spec="meldingen@leerplek.example")
SIGNER = LinkSigner(b"k" * 32)
HEAD = Letterhead(SENDER, Links("https://leerplek.example", SIGNER), "terug.leerplek.example")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


def _raw(mail: Mail, head: Letterhead = HEAD) -> bytes:
    return build_message(mail, head)


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
        ("List-Id", '"Leerplek: Student zonder leerwerkplek" <unplaced.nl-r07.leerplek.example>'),
        ("MIME-Version", "1.0"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
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


@settings(deadline=None)
@given(st.text(max_size=300))
def test_whatever_the_name_there_is_one_recipient_and_no_new_header(name: str) -> None:
    message = _read(_raw(a_mail(name=name)))
    assert [address.addr_spec for address in message["To"].addresses] == ["stage@vu.example"]
    assert sorted(message.keys()) == sorted(_read(_raw(a_mail())).keys())
    assert clean_name(name).isprintable()


def _unsubscribe_links(raw: bytes) -> list[str]:
    return re.findall(r"<([^>]*)>", _header(raw, "List-Unsubscribe"))


def test_one_leaves_by_a_post_or_by_a_mail_and_both_know_which_mail_it_was() -> None:
    raw = _raw(a_mail())
    page, box = _unsubscribe_links(raw)
    assert page.startswith("https://leerplek.example/afmelden/")
    assert SIGNER.read("afmelden", page.rpartition("/")[2], NOW + LINKS_LAST - timedelta(days=1)) == a_mail().id
    address = box.removeprefix("mailto:").partition("?")[0]
    assert mail_of_address(address, "terug.leerplek.example", SIGNER) == (Box.UNSUBSCRIBE, a_mail().id)
    assert _header(raw, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"


def test_nobody_in_the_links_has_a_name_or_an_address() -> None:
    for link in _unsubscribe_links(_raw(a_mail())):
        plain = base64.urlsafe_b64decode(link.rpartition("/")[2].partition(".")[0] + "==") if "https" in link else b""
        for personal in ("stage@", "vos", "c1", "01vu"):
            assert personal not in link.casefold()
            assert personal.encode() not in plain.lower()


def test_without_a_mailbox_one_leaves_by_the_page_only_and_bounces_go_to_the_sender() -> None:
    head = Letterhead(SENDER, HEAD.links)
    assert [link.partition(":")[0] for link in _unsubscribe_links(_raw(a_mail(), head))] == ["https"]
    assert head.envelope_sender(a_mail()) == "meldingen@leerplek.example"


def test_one_click_is_promised_over_https_only() -> None:
    head = Letterhead(SENDER, Links("http://127.0.0.1:8104", SIGNER))
    assert _read(_raw(a_mail(), head))["List-Unsubscribe-Post"] is None


def test_what_comes_back_says_which_mail_it_was() -> None:
    address = HEAD.envelope_sender(a_mail())
    assert len(address.partition("@")[0]) <= 64
    assert mail_of_address(address, "terug.leerplek.example", SIGNER) == (Box.BOUNCES, a_mail().id)


def test_a_picture_is_a_part_beside_the_html_and_nothing_is_fetched_from_elsewhere() -> None:
    shown = f'<img src="data:image/png;base64,{base64.b64encode(PNG).decode()}" alt="A">'
    raw = _raw(a_mail(html=f"<html><body>{shown}{shown}</body></html>"))
    message = _read(raw)
    text, related = message.iter_parts()
    assert (message.get_content_type(), text.get_content_type()) == ("multipart/alternative", "text/plain")
    assert related.get_content_type() == "multipart/related"
    html, *pictures = related.iter_parts()
    assert [each.get_content_type() for each in pictures] == ["image/png", "image/png"]
    assert [each.get_content() for each in pictures] == [PNG, PNG]
    sources = re.findall(r'src="([^"]*)"', html.get_content())
    assert [f"<{source.removeprefix('cid:')}>" for source in sources] == [each["Content-ID"] for each in pictures]
    assert raw == _raw(a_mail(html=f"<html><body>{shown}{shown}</body></html>"))


@pytest.mark.parametrize("language", Language)
def test_a_mail_of_every_kind_is_as_agreed_in_its_bytes(language: Language) -> None:
    composer = JinjaComposer("https://leerplek.example")
    for written in gallery(language):
        letter, draft = written.letter, written.draft
        text, html = composer.compose(letter, "berichten/een")
        mail = a_mail(
            kind=draft.kind,
            channel=draft.channel,
            subject=letter.subject,
            text=text,
            html=html,
            mentions=letter.mentions,
        )
        raw = _raw(mail)
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998, written.name
        assert raw.isascii()
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert _header(raw, "Content-Language") == language
        assert re.fullmatch(r'"Leerplek: [ -~]+" <[a-z-]+\.nl-r07\.leerplek\.example>', _header(raw, "List-Id"))
        message = _read(raw)
        plain, shown = message.get_body(("plain",)), message.get_body(("html",))
        assert plain is not None
        assert shown is not None
        content = shown.get_content()
        assert len(content.encode()) < 102_000
        assert f'<html lang="{language}"' in content
        assert f"<title>{letter.subject}</title>" in content
        assert "http" not in content.replace("https://leerplek.example", "")
        assert not re.search("[\ue000-\uf8ff]", content + plain.get_content()), written.name
        links = re.findall(r"https://leerplek\.example/(antwoord|afmelden)/([\w.-]+)", plain.get_content())
        assert {purpose for purpose, _ in links} <= {"antwoord", "afmelden"}
        assert all(SIGNER.read(purpose, token, NOW) == mail.id for purpose, token in links)
        assert letter.is_answerable is ("antwoord" in {purpose for purpose, _ in links})


def test_whoever_reads_a_mail_in_leerplek_cannot_act_for_its_reader() -> None:
    mail = a_mail(
        text=f"Ga naar {mark_link(LinkPurpose.ANSWER)}", html=f'<a href="{mark_link(LinkPurpose.ANSWER)}">x</a>'
    )
    assert mail.full_text == "Ga naar …"
    assert mail.full_html == '<a href="…">x</a>'
    assert "https://leerplek.example/antwoord/" in mail.sent_text(HEAD.links)
