"""What every layer of tests may ask for: brokers, databases, names that nobody else uses."""

import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from shared.testing.kafka import RunningBroker, start_embedded, start_kafka
from shared.testing.postgres import PostgresServer, start_postgres

USED: Final = pytest.StashKey[dict[str, str]]()  # what was started for these tests, for the summary


def pytest_configure(config: pytest.Config) -> None:
    config.stash[USED] = {}
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts what runs in its background deaf to Ctrl-C, and the programs under test would inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a parallel worker has used."""
    node.config.stash[USED].update(getattr(node, "workeroutput", {}).get("used", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """As a parallel worker, hand over what was used."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["used"] = session.config.stash[USED]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which broker and database the tests ran on, and why not on a better one."""
    used = config.stash[USED]
    for name in ("Kafka", "PostgreSQL"):
        terminalreporter.write_line(f"{name}: {used.get(name, 'not needed by these tests')}")


def _with_reasons(broker: RunningBroker) -> str:
    return "".join([broker.description, *(f"\n  skipped {reason}" for reason in broker.skipped)])


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """The best broker that this machine can offer; topics are not created by themselves."""
    broker = start_kafka(tmp_path_factory.mktemp("kafka"))
    request.config.stash[USED]["Kafka"] = _with_reasons(broker)
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def embedded_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """The broker of the demo."""
    broker = start_embedded(tmp_path_factory.mktemp("embedded-kafka"))
    yield broker
    broker.stop()


@pytest.fixture(params=["apache", "embedded"])
def any_kafka(request: pytest.FixtureRequest) -> RunningBroker:
    """Each broker that Leerplek must run on in turn: the best that there is, and the embedded one."""
    if request.param == "embedded":
        embedded: RunningBroker = request.getfixturevalue("embedded_kafka")
        return embedded
    best: RunningBroker = request.getfixturevalue("kafka")
    if best.kind == "embedded":
        pytest.skip("no Apache Kafka on this machine: " + "; ".join(best.skipped))
    return best


@pytest.fixture(scope="session")
def postgres_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresServer]:
    """A PostgreSQL in which an unprivileged user may create databases."""
    with start_postgres(tmp_path_factory.mktemp("postgres")) as server:
        request.config.stash[USED]["PostgreSQL"] = server.description
        yield server


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The URL of an empty PostgreSQL database for this test alone."""
    async with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an empty SQLite database for this test alone."""
    return f"sqlite+aiosqlite:///{tmp_path / 'leerplek.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database for this test alone, on each kind of database in turn."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def unique() -> str:
    """A short suffix that makes names of topics and groups this test's own."""
    return uuid.uuid4().hex[:8]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory with large public data sets beside the checkout; tests that need it skip where it is not."""
    directory = Path(os.path.realpath(__file__)).parents[2] / "shared" / "data"
    if not directory.is_dir():
        pytest.skip("no ../shared/data beside this checkout")
    return directory
