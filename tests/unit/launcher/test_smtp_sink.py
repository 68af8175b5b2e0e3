"""The mail server of the demo keeps what it acknowledges, and refuses when told to."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy.launcher.launcher import Launcher
from deploy.launcher.programs import mail_sink
from deploy.launcher.smtp_sink import Behaviour, set_behaviour
from deploy.launcher.supervised import Supervised


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[Supervised]:
    mails = tmp_path / "with a space" / "mails"
    each = Supervised(mail_sink(mails), tmp_path / "log")
    task = asyncio.create_task(each.run())
    await each.until_ready(20)
    yield each
    await each.stop()
    await task


def send(port: int, subject: str) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "leerplek@leerplek.example", "iemand@example.org"
    mail.set_content("Beste collega, één regel.")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.send_message(mail)


async def test_a_mail_that_was_acknowledged_lies_in_the_folder(sink: Supervised, tmp_path: Path) -> None:
    await asyncio.to_thread(send, sink.port, "Eén")
    await asyncio.to_thread(send, sink.port, "Twee")

    launcher = Launcher(tmp_path / "with a space")
    mails = launcher.mails()

    assert [mail["Subject"] for mail in mails] == ["Eén", "Twee"]
    assert mails[0]["Delivered-To"] == "iemand@example.org"
    assert mails[0].get_content().strip() == "Beste collega, één regel."
    assert (tmp_path / "log").read_text() == "", "it has nothing to warn about"


async def test_it_refuses_as_long_as_it_is_told_to(sink: Supervised, tmp_path: Path) -> None:
    mails = tmp_path / "with a space" / "mails"
    set_behaviour(mails, Behaviour(refuse="451 4.3.0 later"))
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        await asyncio.to_thread(send, sink.port, "Te vroeg")
    set_behaviour(mails, Behaviour())
    await asyncio.to_thread(send, sink.port, "Op tijd")

    assert [path.name for path in mails.glob("*.eml")] == ["00001.eml"]


async def test_it_goes_on_counting_after_a_restart(sink: Supervised, tmp_path: Path) -> None:
    await asyncio.to_thread(send, sink.port, "Eén")
    sink.kill()
    await sink.until_ready(20)
    await asyncio.to_thread(send, sink.port, "Twee")

    assert sorted(path.name for path in (tmp_path / "with a space" / "mails").glob("*.eml")) == [
        "00001.eml",
        "00002.eml",
    ]
