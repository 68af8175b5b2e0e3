"""Capacity as a process of its own, without Kafka: the operator's command invites, the mail goes out, the link signs in."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx

from tests.integration.notifier.smtp_server import MailServer
from tests.support.eventually import eventually
from tests.support.service_process import ROOT, ServiceProcess


async def test_the_first_person_is_invited_by_a_command_and_signs_in(tmp_path: Path, sqlite_url: str) -> None:
    mails = MailServer()
    await mails.start()
    settings = {
        "DATABASE_URL": sqlite_url,
        "MASTER_KEY_FILE": str(tmp_path / "master.key"),
        "PUBLIC_URL": "https://leerplek.test",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mails.port),
        "MAIL_FROM": "leerplek@leerplek.test",
    }
    capacity = ServiceProcess("capacity", "127.0.0.1:1", False, settings, tmp_path)
    try:
        capacity.start()
        await capacity.until(capacity.is_up, "capacity that answers", 60)
        command = [sys.executable, "-m", "services.capacity.entrypoints.cli", "invite", "kim@regio.example", "operator"]
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=ROOT, env=capacity.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        await eventually(lambda: mails.taken, within_s=60, what="the invitation")
        body = mails.taken[0].get_body(("plain",))
        assert body is not None
        token = body.get_content().partition("/aanmelden/link?t=")[2].split()[0]
        async with httpx.AsyncClient(base_url=capacity.url, timeout=30, trust_env=False) as http:
            refused = await http.get("/")
            assert refused.headers["location"] == "/aanmelden?naar=%2F"
            own = {"Origin": capacity.url}
            taken = await http.post("/aanmelden/link", data={"sleutel": "k", "t": token}, headers=own)
            assert taken.status_code == 303, taken.text
            session = {"Cookie": taken.headers["set-cookie"].partition(";")[0]}
            assert "beheerder" in (await http.get("/", headers=session)).text
        written = capacity.written()
        assert "kim@regio.example" not in written
        assert token not in written
    finally:
        capacity.stop()
        await mails.stop()
