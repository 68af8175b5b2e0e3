"""What comes back: which mail it is about, and what it means for the mail and for its address."""

from datetime import timedelta
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import Parser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.adapters.bounce_reports import read_bounce
from services.notifier.domain.bounces import Bounce, Box, mail_of_address, outcome_of, return_address
from services.notifier.domain.delivery import Later, MailState, Refused, RetryPolicy
from services.notifier.handlers.bouncing import Returns, take_bounce
from shared.security.link_tokens import LinkSigner
from tests.support.notifier import NOW, PEOPLE, a_mail
from tests.support.notifier_memory import MemoryStore

SIGNER, DOMAIN = LinkSigner(b"k" * 32), "terug.leerplek.example"
MAIL = a_mail().id
RETURNS = Returns(RetryPolicy(timedelta(seconds=5), timedelta(hours=1), timedelta(days=1)), lambda: 1.0)


def report(status: str, action: str = "failed", diagnosis: str = "smtp; 550 5.1.1 <stage@vu.example> unknown") -> bytes:
    """A report of non-delivery as RFC 3464 has it."""
    message = MIMEMultipart("report", report_type="delivery-status")
    message["From"], message["Subject"] = "MAILER-DAEMON@relay.example", "Undelivered Mail Returned to Sender"
    message["Auto-Submitted"] = "auto-replied"
    message.attach(MIMEText("I'm sorry to have to inform you that your message could not be delivered."))
    status_part = MIMEMultipart("delivery-status")
    status_part.set_type("message/delivery-status")
    blocks = (
        "Reporting-MTA: dns; relay.example\n",
        f"Final-Recipient: rfc822; stage@vu.example\nAction: {action}\nStatus: {status}\nDiagnostic-Code: {diagnosis}\n",
    )
    status_part.set_payload([Parser().parsestr(block) for block in blocks])
    message.attach(status_part)
    message.attach(MIMEMessage(EmailMessage()))
    return message.as_bytes()


@pytest.mark.parametrize(
    ("raw", "bounce"),
    [
        (report("5.1.1"), Bounce("5.1.1", has_given_up=True, text="550 5.1.1 … unknown")),
        (report("4.4.1", "delayed", "x"), Bounce("4.4.1", has_given_up=False, text="x")),
        (report("4.4.7", "Failed (expired)", "x"), Bounce("4.4.7", has_given_up=True, text="x")),
        (report("nonsense", "failed"), Bounce("5.1.1", has_given_up=True, text="550 5.1.1 … unknown")),
        (report("nonsense", "error", "x"), Bounce("5.0.0", has_given_up=True, text="x")),
    ],
)
def test_a_standard_report_is_read_with_its_status(raw: bytes, bounce: Bounce) -> None:
    assert read_bounce(raw) == bounce


def test_a_report_that_all_went_well_is_no_bounce() -> None:
    assert read_bounce(report("2.1.5", "delivered")) is None
    assert read_bounce(report("2.0.0", "relayed")) is None


OLDER = (
    b"From: MAILER-DAEMON@vu.example\r\nSubject: failure notice\r\n\r\n"
    b"Hi. This is the qmail-send program at vu.example.\r\n"
    b"I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
    b"This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
    b"<stage@vu.example>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n"
)


def test_a_report_of_an_older_mail_server_is_read_too() -> None:
    assert read_bounce(OLDER) == Bounce("5.0.0", has_given_up=True)


def test_a_machine_that_answers_with_such_words_is_no_report() -> None:
    assert read_bounce(b"Auto-Submitted: auto-replied (vacation)\r\n" + OLDER) is None


@pytest.mark.parametrize(
    "head",
    [
        "Subject: Afwezig\r\nAuto-Submitted: auto-replied\r\n",
        "Subject: Automatisch antwoord: mail delivery failed\r\nAuto-Submitted: auto-replied (vacation)\r\n",
        "Subject: Re: Plaatsing vervallen\r\n",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n",
        "Content-Type: multipart/report; boundary=x\r\n",
        "",
    ],
)
def test_answers_of_people_and_machines_are_no_bounce(head: str) -> None:
    assert read_bounce(f"From: stage@vu.example\r\n{head}\r\nIk ben er maandag weer.\r\n".encode()) is None


@settings(deadline=None)
@given(st.binary(max_size=400), st.text(max_size=80))
def test_whatever_comes_it_is_read_or_passed_over(raw: bytes, sender: str) -> None:
    assert read_bounce(raw) is None
    bounce = read_bounce(b"From: " + sender.encode().replace(b"\n", b"") + b"\n" + raw)
    assert bounce is None or bounce.status


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("5.1.1", Refused("teruggestuurd met 5.1.1", stops_address=True)),
        ("5.2.1", Refused("teruggestuurd met 5.2.1", stops_address=True)),
        ("5.0.0", Refused("teruggestuurd met 5.0.0", is_vague=True)),
        ("5.4.4", Later("teruggestuurd met 5.4.4")),
        ("4.2.2", Later("teruggestuurd met 4.2.2")),
        ("4.4.7", Later("teruggestuurd met 4.4.7")),
        ("5.7.1", Refused("teruggestuurd met 5.7.1")),
        ("5.3.4", Refused("teruggestuurd met 5.3.4")),
        ("5.6.0", Refused("teruggestuurd met 5.6.0")),
        ("5.1.10", Refused("teruggestuurd met 5.1.10", stops_address=True)),
        ("5.1.7", Refused("teruggestuurd met 5.1.7")),
        ("5.1.8", Refused("teruggestuurd met 5.1.8")),
        ("5.2.2", Refused("teruggestuurd met 5.2.2")),
        ("5.3.0", Refused("teruggestuurd met 5.3.0")),
        ("5.4.1", Refused("teruggestuurd met 5.4.1")),
        ("5.5.1", Refused("teruggestuurd met 5.5.1")),
    ],
)
def test_each_status_means_one_thing(status: str, outcome: object) -> None:
    assert outcome_of(Bounce(status, has_given_up=True)) == outcome
    assert outcome_of(Bounce(status, has_given_up=False)) is None


def test_an_address_of_ours_says_which_mail_also_in_capitals_and_any_other_says_nothing() -> None:
    address = return_address(Box.BOUNCES, MAIL, DOMAIN, SIGNER)
    assert mail_of_address(address, DOMAIN, SIGNER) == (Box.BOUNCES, MAIL)
    assert mail_of_address(address.upper(), DOMAIN, SIGNER) == (Box.BOUNCES, MAIL)
    forged = address.replace(MAIL, MAIL.replace("1", "2"))
    for other in (forged, address.replace("bounces", "afmelden"), address.replace(DOMAIN, "x.example"), "bounces", ""):
        assert mail_of_address(other, DOMAIN, SIGNER) is None
    assert mail_of_address(return_address(Box.BOUNCES, MAIL, DOMAIN, LinkSigner(b"o" * 32)), DOMAIN, SIGNER) is None


@settings(deadline=None)
@given(st.text(max_size=100))
def test_whatever_the_address_it_is_ours_or_nothing(address: str) -> None:
    assert mail_of_address(address, DOMAIN, SIGNER) is None


async def _store_with_sent_mail() -> MemoryStore:
    store = MemoryStore()
    await store.save_contact(PEOPLE.coordinator)
    await store.add_mail(a_mail(state=MailState.SENT, sent_at=NOW))
    return store


async def test_a_mail_that_comes_back_for_good_has_failed_and_a_second_report_changes_nothing() -> None:
    store = await _store_with_sent_mail()
    after = await take_bounce(store, MAIL, Bounce("5.1.1", has_given_up=True, text="unknown"), NOW, RETURNS)
    assert after is not None
    assert (after.state, after.reason) == (MailState.FAILED, "teruggestuurd met 5.1.1 unknown")
    assert store.mails_by_id[MAIL].state is MailState.FAILED
    assert await take_bounce(store, MAIL, Bounce("5.1.1", has_given_up=True), NOW, RETURNS) is None


async def test_a_mail_that_came_back_for_now_goes_again_until_it_is_a_day_old() -> None:
    store = await _store_with_sent_mail()
    again = Bounce("4.2.2", has_given_up=True)
    after = await take_bounce(store, MAIL, again, NOW + timedelta(hours=1), RETURNS)
    assert after is not None
    assert (after.state, after.sent_at) == (MailState.WAITING, None)
    await store.save_mail(a_mail(state=MailState.SENT))
    late = await take_bounce(store, MAIL, again, NOW + timedelta(days=1), RETURNS)
    assert late is not None
    assert late.state is MailState.FAILED


async def test_while_the_relay_still_tries_nothing_changes_and_a_mail_that_is_not_there_is_no_trouble() -> None:
    store = await _store_with_sent_mail()
    assert await take_bounce(store, MAIL, Bounce("4.4.1", has_given_up=False), NOW, RETURNS) is None
    assert store.mails_by_id[MAIL].state is MailState.SENT
    assert await take_bounce(store, "nowhere", Bounce("5.1.1", has_given_up=True), NOW, RETURNS) is None
