"""The story of the README: one command shows a plan appear, a week happen, mails arrive, and leaves nothing running."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from deploy.launcher.programs import SOURCES
from tests.support.browser import chromium
from tests.support.eventually import PATIENCE

COMMAND = (sys.executable, "-m", "deploy", "demo", "--students", "60")
WITHIN_S = 150


async def start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=SOURCES,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


async def read_until(process: asyncio.subprocess.Process, mark: str) -> str:
    assert process.stdout is not None
    told = ""
    async with asyncio.timeout(WITHIN_S * PATIENCE):
        while mark not in told:
            line = await process.stdout.readline()
            assert line, f"{mark!r} never came:\n{told}"
            told += line.decode()
    return told


async def test_one_command_shows_a_plan_a_week_and_its_mails(tmp_path: Path) -> None:
    directory = tmp_path / "een map met spaties"
    process = await start("--directory", str(directory))
    async with asyncio.timeout(WITHIN_S * PATIENCE):
        out, _ = await process.communicate()
    told = out.decode()

    assert process.returncode == 0, told
    students, placed, unplaced = (_number(told, word) for word in ("Studenten", "Geplaatst", "Niet geplaatst"))
    assert students == 60 + 6 - 1
    assert placed + unplaced == students
    assert 0 < unplaced < students / 3
    assert _number(told, "E-mails") == len(list((directory / "mails").glob("*.eml"))) > 0
    page = directory / "berichten" / "index.html"
    assert str(page) in told
    assert page.read_text().count('target="bericht"') == _number(told, "E-mails")
    assert "Wie hoorde wat, en wanneer" in told
    pictures = list(page.parent.glob("*.png"))
    assert len(pictures) == len(re.findall(r"\.png$", told, re.MULTILINE))
    assert bool(pictures) == (chromium() is not None)
    assert re.search(r"Van melding tot plan +\d+ ms \(p50\), \d+ ms \(p99\)", told)
    assert "vrijdag" in told.lower()
    assert str(directory / "logs") in told
    assert not _running_with(directory)


async def test_it_stays_until_ctrl_c_and_then_leaves_nothing_running(tmp_path: Path) -> None:
    process = await start("--students", "20", "--stay", "--directory", str(tmp_path / "d"))
    told = await read_until(process, "Ctrl-C")
    assert _running_with(tmp_path / "d")
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(30 * PATIENCE):
        await process.communicate()

    assert process.returncode == 130, told
    assert not _running_with(tmp_path / "d")


async def test_when_the_broker_dies_the_demo_says_so_and_ends(tmp_path: Path) -> None:
    process = await start("--directory", str(tmp_path / "d"))
    await read_until(process, "Alles draait")
    broker = [pid for pid, command in _running() if "tansu" in command and _parent(pid) == process.pid]
    assert len(broker) == 1
    os.kill(broker[0], signal.SIGKILL)
    async with asyncio.timeout(60 * PATIENCE):
        out, _ = await process.communicate()

    assert process.returncode == 1
    assert "De ingebouwde Kafka-broker is gestopt" in out.decode()
    assert "Traceback" not in out.decode()
    assert not _running_with(tmp_path / "d")


@pytest.mark.parametrize("arguments", [("--schools", "bestaat-niet.csv"), ("--directory", "shared")])
async def test_what_a_person_can_mend_is_said_in_one_line(arguments: tuple[str, str]) -> None:
    process = await start(*arguments)
    async with asyncio.timeout(30 * PATIENCE):
        out, _ = await process.communicate()

    assert process.returncode == 2
    assert len(out.decode().strip().splitlines()) == 1


def _number(told: str, word: str) -> int:
    found = re.search(rf"^ +{word} +(\d+)", told, re.MULTILINE)
    assert found, f"no {word} in\n{told}"
    return int(found[1])


def _running() -> list[tuple[int, str]]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.append((int(path.name), command))
    return found


def _running_with(directory: Path) -> list[int]:
    """Processes that use this directory: by their command line or by their environment."""
    found = []
    for pid, command in _running():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
        if pid != os.getpid() and f"{directory}/" in f"{command} {environment}/":
            found.append(pid)
    return found


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
