"""Mail through a real Postfix: it arrives, or it comes back to the notifier's own mailbox and is understood."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from services.notifier.adapters.bounce_reports import read_bounce
from services.notifier.bootstrap import Parts
from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.bounces import Bounce, Box, return_address
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.entrypoints import returns
from services.notifier.entrypoints.serve import returning
from shared.child_process import free_port
from tests.integration.notifier.conftest import BuildParts
from tests.integration.notifier.smtp_server import MailServer
from tests.support.eventually import eventually
from tests.support.notifier import PEOPLE, a_mail
from tests.support.postfix import Relay, running_postfix
from tests.unit.notifier.test_bounces import report

DOMAIN = "terug.leerplek.example"


@pytest.fixture(scope="module")
def return_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def far_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def relay(far_port: int, return_port: int) -> Iterator[Relay]:
    with running_postfix({"vu.example": far_port, DOMAIN: return_port}) as running:
        yield running


@pytest.fixture
async def far_end(far_port: int) -> AsyncIterator[MailServer]:
    """The mail server of whom the mail is for."""
    server = MailServer()
    server.port = far_port
    await server.start()
    yield server
    await server.stop()


@asynccontextmanager
async def _mailbox(parts: Parts) -> AsyncIterator[None]:
    """The mailbox for returned mail, while this lasts."""
    (serve,) = returning(parts).values()
    task, port = asyncio.ensure_future(serve()), parts.settings.return_port
    assert port is not None

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await eventually(listens)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _sent(parts: Parts, **changes: object) -> Mail:
    """A mail that was handed to the mail server of these settings."""
    mail = a_mail(created_at=parts.clock(), next_try_at=parts.clock(), **changes)
    async with parts.writing() as store:
        await store.save_contact(PEOPLE.coordinator)
        await store.add_mail(mail)
        (claim,) = await store.claim_mails(parts.clock(), parts.clock(), "t", 1)
    outcome = await parts.sender.send(claim.mail)
    assert type(outcome).__name__ == "Accepted", outcome
    await parts.sender.rest()
    async with parts.writing() as store:
        await store.save_mail(a_mail(state=MailState.SENT, sent_at=parts.clock()))
    return mail


async def _mail_now(parts: Parts) -> Mail:
    async with parts.reading() as store:
        held = await store.mail(a_mail().id)
    assert held is not None
    return held


async def _becomes(parts: Parts, state: MailState, relay: Relay | None = None) -> Mail:
    async def has() -> Mail | None:
        mail = await _mail_now(parts)
        return mail if mail.state is state else None

    try:
        found = await eventually(has, within_s=60, every_s=0.1, what=f"the mail {state}")
    except AssertionError as problem:
        raise AssertionError(f"{problem}\n{relay.log() if relay else ''}") from problem
    assert found is not None
    return found


def _parts(build_parts: BuildParts, return_port: int, **changes: object) -> Parts:
    return build_parts(return_domain=DOMAIN, return_port=return_port, **changes)


async def test_through_postfix_a_mail_arrives_with_its_bytes_as_they_were(
    build_parts: BuildParts, far_end: MailServer, relay: Relay, return_port: int
) -> None:
    parts = _parts(build_parts, return_port, smtp_port=relay.port)
    async with _mailbox(parts):
        await _sent(parts)
        await eventually(lambda: far_end.taken, within_s=60, every_s=0.1)
    (message,) = far_end.taken
    assert message["Message-ID"] == f"<{a_mail().id}@leerplek.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Received"] is not None
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == a_mail().text


@pytest.mark.parametrize(
    ("answer", "state", "reason", "is_stopped"),
    [
        ("550 5.1.1 <stage@vu.example> unknown", MailState.FAILED, "teruggestuurd met 5.1.1", True),
        ("554 5.7.1 not from you", MailState.FAILED, "teruggestuurd met 5.7.1", False),
        ("451 4.2.2 mailbox full", MailState.WAITING, "teruggestuurd met 4.2.2", False),
    ],
)
async def test_a_mail_that_postfix_cannot_deliver_comes_back_and_is_understood(
    build_parts: BuildParts,
    far_end: MailServer,
    relay: Relay,
    return_port: int,
    answer: str,
    state: MailState,
    reason: str,
    is_stopped: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reports: list[bytes] = []

    def read_and_keep(raw: bytes) -> Bounce | None:
        reports.append(raw)
        return read_bounce(raw)

    monkeypatch.setattr(returns, "read_bounce", read_and_keep)
    far_end.refusals = {"stage@vu.example": answer}
    parts = _parts(build_parts, return_port, smtp_port=relay.port)
    async with _mailbox(parts):
        await _sent(parts)
        mail = await _becomes(parts, state, relay)
    assert (mail.reason or "").startswith(reason)
    assert "stage@" not in (mail.reason or "")
    assert b"Message-ID: <" + a_mail().id.encode() in reports[0]
    assert b"iets te doen" not in reports[0], "a report brings back the headers only"
    async with parts.reading() as store:
        contact = await store.contact(PEOPLE.coordinator.id)
    assert contact is not None
    assert (contact.stopped is not None) is is_stopped


def _hand_in(port: int, recipient: str, raw: bytes, sender: str = "") -> tuple[int, bytes]:
    """What the mailbox answers to this mail, as a relay would bring it."""
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.ehlo("relay.example")
        client.mail(sender)
        code, said = client.rcpt(recipient)
        return client.data(raw) if code == 250 else (code, said)


def _address(parts: Parts, box: Box = Box.BOUNCES) -> str:
    return return_address(box, a_mail().id, DOMAIN, parts.links.signer)


async def _with_sent_mail(parts: Parts) -> None:
    async with parts.writing() as store:
        await store.save_contact(PEOPLE.coordinator)
        await store.add_mail(
            a_mail(person=store.person_key(PEOPLE.coordinator.email), state=MailState.SENT, created_at=parts.clock())
        )


async def test_a_report_that_was_forged_or_is_for_nobody_is_refused_at_the_door(
    build_parts: BuildParts, return_port: int
) -> None:
    parts = _parts(build_parts, return_port)
    await _with_sent_mail(parts)
    forged = _address(parts).replace(a_mail().id[:8], "deadbeef")
    async with _mailbox(parts):
        for recipient in (
            forged,
            f"bounces@{DOMAIN}",
            "stage@vu.example",
            _address(parts).replace(DOMAIN, "vu.example"),
        ):
            code, _ = await asyncio.to_thread(_hand_in, return_port, recipient, report("5.1.1"))
            assert code == 550, recipient
    assert (await _mail_now(parts)).state is MailState.SENT


async def test_an_answer_of_a_person_or_a_machine_is_taken_and_changes_nothing(
    build_parts: BuildParts, return_port: int
) -> None:
    parts = _parts(build_parts, return_port)
    await _with_sent_mail(parts)
    answers = (
        b"From: stage@vu.example\r\nSubject: Afwezig\r\nAuto-Submitted: auto-replied\r\n\r\nMaandag weer.\r\n",
        b"From: stage@vu.example\r\nSubject: Re: Plaatsing vervallen\r\n\r\nDank u wel.\r\n",
        b"\xff\xfe\x00 niet te lezen",
        report("4.4.1", "delayed"),
    )
    async with _mailbox(parts):
        for raw in answers:
            assert (await asyncio.to_thread(_hand_in, return_port, _address(parts), raw, "stage@vu.example"))[0] == 250
    assert (await _mail_now(parts)).state is MailState.SENT


async def test_a_report_comes_twice_and_counts_once(build_parts: BuildParts, return_port: int) -> None:
    parts = _parts(build_parts, return_port)
    await _with_sent_mail(parts)
    async with _mailbox(parts):
        for _ in range(2):
            assert (await asyncio.to_thread(_hand_in, return_port, _address(parts).upper(), report("5.1.1")))[0] == 250
    assert (await _mail_now(parts)).state is MailState.FAILED


async def test_who_leaves_by_mail_is_told_in_the_digest_from_then_on(build_parts: BuildParts, return_port: int) -> None:
    parts = _parts(build_parts, return_port)
    await _with_sent_mail(parts)
    async with _mailbox(parts):
        raw = b"From: stage@vu.example\r\nSubject: afmelden\r\n\r\n"
        assert (await asyncio.to_thread(_hand_in, return_port, _address(parts, Box.UNSUBSCRIBE), raw))[0] == 250
    async with parts.reading() as store:
        contact = await store.contact(PEOPLE.coordinator.id)
    assert contact is not None
    assert contact.preferences.wish_for(AlertKind.UNPLACED) == "digest"


async def test_what_is_too_large_for_a_report_is_refused(build_parts: BuildParts, return_port: int) -> None:
    parts = _parts(build_parts, return_port)
    await _with_sent_mail(parts)
    async with _mailbox(parts):
        raw = report("5.1.1") + b"x" * 70 + b"\r\n" + (b"x" * 70 + b"\r\n") * 30_000
        code, _ = await asyncio.to_thread(_hand_in, return_port, _address(parts), raw)
    assert code == 552
    assert (await _mail_now(parts)).state is MailState.SENT
