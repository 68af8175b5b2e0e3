"""The programs of one installation: how each is started, and how it says that it is ready."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.launcher.ports import pick_port
from deploy.launcher.supervised import Launch, Program
from shared.child_process import HOST
from shared.messaging.embedded_broker import command_line
from shared.messaging.raw_requests import is_kafka_ready

ANSWERS = "answers"
"""Beside the matcher, on its database: it answers questions about plans."""
BROKER = "broker"
MAIL = "mail"
EMBEDDED_SESSION_MS = "2000"
"""On the embedded broker joining a group waits for half of this."""
SOURCES = Path(__file__).resolve().parents[2]
BROKER_LOST = (
    "De ingebouwde Kafka-broker is gestopt. Hij bewaart alles in het geheugen, dus de demo kan niet verder: "
    "start haar opnieuw."
)

Environment = Callable[[int], Mapping[str, str]]
"""The settings of a service that answers on this port."""


def _known_ports() -> Mapping[str, int]:
    found: dict[str, int] = {}
    for name in (ANSWERS, "capacity", "intake"):
        found[name] = pick_port({*found.values()})
    return found


@dataclass(frozen=True, slots=True)
class Installation:
    """Where everything lies and what it speaks to; `databases` gives the URL of a service's database."""

    directory: Path
    kafka_bootstrap: str
    is_embedded: bool
    smtp_port: int
    databases: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=_known_ports)
    """Of what others must know before anything starts: where intake and capacity ask, and where links in mails lead."""

    def address(self, name: str) -> str:
        """Where this answers."""
        return f"http://{HOST}:{self.ports[name]}"


def broker() -> Program:
    """The embedded broker; raises BrokerBinaryMissingError where there is none for this platform."""
    command_line(1)

    def build() -> Launch:
        port = pick_port()
        environment = {**os.environ, "RUST_LOG": os.environ.get("RUST_LOG", "error"), "NO_COLOR": "1"}
        return Launch(command_line(port), environment, port)

    async def is_ready(port: int) -> bool:
        return await asyncio.to_thread(is_kafka_ready, f"{HOST}:{port}")

    return Program(BROKER, build, is_ready, lost=BROKER_LOST)


def mail_sink(mails: Path) -> Program:
    """The mail server of the demo."""

    def build() -> Launch:
        port = pick_port()
        argv = [sys.executable, "-m", "deploy.launcher.smtp_sink", "--port", str(port), "--directory", str(mails)]
        return Launch(argv, _inherited(), port)

    return Program(MAIL, build, _answers_smtp)


def service(name: str, installation: Installation, client: httpx.AsyncClient) -> Program:
    """One of the four services, or what answers for the matcher; ready once it reads its topics too."""
    words = ["services.matcher", ANSWERS] if name == ANSWERS else [f"services.{name}"]

    def build() -> Launch:
        port = installation.ports.get(name) or pick_port({*installation.ports.values()})
        prefix = f"LEERPLEK_{name.upper()}_"
        settings = {**_settings(name, installation, port), **installation.settings.get(name, {})}
        environment = {**_inherited(), **{prefix + key: value for key, value in settings.items()}}
        return Launch([sys.executable, "-m", *words], environment, port)

    async def is_ready(port: int) -> bool:
        try:
            answer = await client.get(f"http://{HOST}:{port}/readyz")
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK and not answer.json()["notices"]

    return Program(name, build, is_ready)


def _settings(name: str, installation: Installation, port: int) -> dict[str, str]:
    data = installation.directory / "data"
    owner = "matcher" if name == ANSWERS else name
    settings = {
        "DATABASE_URL": installation.databases.get(owner, f"sqlite+aiosqlite:///{data / owner}.db"),
        "HTTP_PORT": str(port),
        "METRICS_PORT": str(pick_port({port, *installation.ports.values()})),
        "LOG_FORMAT": "json",
    }
    if name == ANSWERS:
        return settings
    settings["KAFKA_BOOTSTRAP"] = installation.kafka_bootstrap
    settings["KAFKA_KIND"] = "embedded" if installation.is_embedded else "apache"
    if installation.is_embedded:
        settings["SESSION_TIMEOUT_MS"] = EMBEDDED_SESSION_MS
    return settings | _own_settings(name, installation, port)


def _own_settings(name: str, installation: Installation, port: int) -> dict[str, str]:
    data, answers = installation.directory / "data", installation.address(ANSWERS)
    match name:
        case "intake":
            return {"MASTER_KEY_FILE": str(data / "intake-master-key"), "ANSWERS_URL": answers}
        case "capacity":
            own = {"MASTER_KEY_FILE": str(data / "capacity-master-key"), "TICK": "off", "ANSWERS_URL": answers}
            return {**own, "PASS_TO_INTAKE": installation.address("intake")}
        case "notifier":
            return {
                "MASTER_KEY_FILE": str(data / "notifier-master-key"),
                "SMTP_HOST": HOST,
                "SMTP_PORT": str(installation.smtp_port),
                "SMTP_SECURITY": "none",
                "MAIL_FROM": "leerplek@leerplek.example",
                "PUBLIC_URL": f"http://{HOST}:{port}",
                "PORTAL_URL": installation.address("capacity"),
                "HAS_INSTITUTE_PAGES": "true",
                "GROUP_WAIT_S": "3",
            }
        case _:
            return {}


def _inherited() -> dict[str, str]:
    """This process's environment without settings of Leerplek, so that only what is given here counts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEERPLEK_")}
    path = os.pathsep.join(part for part in (str(SOURCES), kept.get("PYTHONPATH", "")) if part)
    return {**kept, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


async def _answers_smtp(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    try:
        greeting = await asyncio.wait_for(reader.readline(), 2)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    return greeting.startswith(b"220")
