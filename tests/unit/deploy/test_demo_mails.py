"""What the demo shows of its mails: lines, a page to click through, and each mail as its reader sees it."""

from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from deploy.demo_mails import SHOWN, as_page, draw, who_was_told, write_pages


def a_mail(subject: str = "Plaatsing vervallen", kind: str = "lost") -> EmailMessage:
    mail = EmailMessage()
    mail["To"] = Address("Els & Co", addr_spec="els@example.org")
    mail["Subject"] = subject
    mail["Date"] = "Mon, 07 Sep 2026 08:00:05 +0000"
    mail["List-Id"] = f'"Leerplek" <{kind}.nl-r07.example.org>'
    mail.set_content("tekst")
    mail.add_alternative('<p>één</p><img src="cid:a.1@example.org">', subtype="html")
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(b"png", "image", "png", cid="<a.1@example.org>")  # type: ignore[union-attr]
    read = message_from_bytes(mail.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def test_a_line_says_when_whom_and_what() -> None:
    told = who_was_told([a_mail()] * (SHOWN + 3))
    assert told[1] == "    10:00:05  Els & Co <els@example.org>: Plaatsing vervallen"
    assert told[-1] == "    en nog 3"
    assert who_was_told([]) == []


def test_a_mail_is_shown_with_its_pictures() -> None:
    assert as_page(a_mail()) == '<p>één</p><img src="data:image/png;base64,cG5n">\n'
    plain = EmailMessage()
    plain.set_content("a < b")
    assert "a &lt; b" in as_page(plain)


def test_every_mail_is_on_the_page_and_nothing_in_a_subject_is_a_tag(tmp_path: Path) -> None:
    page = write_pages([a_mail("<b>x</b>"), a_mail()], tmp_path / "berichten")
    assert page is not None
    shown = page.read_text()
    assert "<b>x</b>" not in shown
    assert shown.count('target="bericht"') == 2
    assert (tmp_path / "berichten" / "0002.html").exists()
    assert write_pages([], tmp_path) is None


def test_where_no_browser_is_nothing_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEERPLEK_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert draw([a_mail()], tmp_path) == []
    monkeypatch.setenv("LEERPLEK_CHROMIUM", str(tmp_path / "nothing"))
    assert draw([a_mail()], tmp_path) == []
