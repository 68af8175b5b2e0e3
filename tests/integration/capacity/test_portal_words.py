"""What people read on the portal is Dutch: every word is in the dictionary, or is a word of the field."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

import httpx
import pytest

from services.capacity.adapters.letterbox import MailServer, SmtpLetterbox
from services.capacity.ports.people import AccessMail, MailKind
from shared.security.roles import PersonRole, Position
from tests.support.portal_pages import every_page
from tests.support.portal_words import FIELD_WORDS
from tests.support.portal_world import make_school, serving
from tests.support.signed_in_portal import SIGN_IN_PAGES, SIGNED_IN_PAGES, link, serving_signed_in
from tests.support.spelling import has_dictionary, in_words, unknown


@pytest.mark.skipif(
    not has_dictionary(), reason="no hunspell with a Dutch dictionary: install hunspell and hunspell-nl"
)
def test_every_word_on_every_page_is_dutch(tmp_path: Path) -> None:
    people = make_school(tmp_path)
    wrong = {}
    with serving(tmp_path, people) as portal:
        for name, path in every_page(portal).items():
            found = {
                each for each in unknown(in_words(httpx.get(portal.url + path).text)) if each.lower() not in FIELD_WORDS
            }
            if found:
                wrong[name] = sorted(found)
    assert wrong == {}


@pytest.mark.skipif(
    not has_dictionary(), reason="no hunspell with a Dutch dictionary: install hunspell and hunspell-nl"
)
def test_every_word_of_signing_in_is_dutch_in_pages_and_mails(tmp_path: Path) -> None:
    people, wrong = make_school(tmp_path), {}
    positions = [Position(PersonRole.BOARD, "41234"), Position(PersonRole.OPERATOR), Position(PersonRole.PROGRAMME_MANAGER, "NL-T01"),
                 Position(PersonRole.INSTITUTE_COORDINATOR, "01VU")]  # fmt: skip
    with serving_signed_in(tmp_path, people) as portal, httpx.Client(base_url=portal.url) as http:
        pages = {name: http.get(path).text for name, path in SIGN_IN_PAGES.items()}
        where = link(portal, "els.vos@school.example", "Els Vos", *positions)
        pages["link"] = http.get(where).text
        own = {"Origin": portal.url}
        sent = http.post("/aanmelden", data={"sleutel": "k", "email": "x@school.example"}, headers=own)
        pages["verstuurd"] = sent.text
        taken = http.post("/aanmelden/link", data={"sleutel": "k", "t": where.partition("t=")[2]}, headers=own)
        session = {"Cookie": taken.headers["set-cookie"].partition(";")[0]}
        for name, path in {**SIGNED_IN_PAGES, "welkom": "/"}.items():
            pages[name] = http.get(path, headers=session).text
    pages |= {f"mail {kind}": _mail(kind) for kind in MailKind}
    for name, html in pages.items():
        found = {each for each in unknown(in_words(html)) if each.lower() not in FIELD_WORDS}
        if found:
            wrong[name] = sorted(found)
    assert wrong == {}


def _mail(kind: MailKind) -> str:
    server = MailServer("", 25, "none", "", str, 1, Address("Leerplek", addr_spec="leerplek@school.example"))
    mail = AccessMail("id", kind, "els@school.example", "Els Vos", "schoolopleider 01AB", datetime.now(UTC))
    message = SmtpLetterbox(server, "https://school.example").message(mail, "")
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    assert html is not None
    assert text is not None
    addresses = re.compile(r"https?://\S+|\S+@\S+")
    return f"{message['Subject']} {addresses.sub(' ', html.get_content())} {addresses.sub(' ', text.get_content())}"


def test_a_word_that_is_no_dutch_would_be_noticed() -> None:
    assert in_words('<p title="tekst">Een <b>knop</b> &amp; 2026-S1 z&#39;n</p>') >= {"Een", "knop", "tekst"}
    if has_dictionary():
        assert unknown({"begeleider", "begelijder"}) == {"begelijder"}
