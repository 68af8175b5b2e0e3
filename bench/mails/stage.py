"""A notifier in this process with a database, a mail server beside it, and as many people as are wanted."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.launcher.programs import mail_sink
from services.notifier.bootstrap import MIGRATIONS, Parts, build
from services.notifier.config import Settings
from services.notifier.domain.contacts import Contact, Role
from shared.child_process import HOST, ServerProcess, is_port_free
from shared.clock import Clock, machine_clock
from shared.persistence.migrations import upgrade
from shared.testing.postgres import start_postgres

REGION = "NL-BENCH"
AT_A_TIME = 500
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Place:
    """A database and the mail server that takes everything."""

    database_url: str
    smtp_port: int
    folder: Path


@asynccontextmanager
async def place(database: str) -> AsyncIterator[Place]:
    """SQLite in a file or PostgreSQL in a temporary directory, and a mail server as a process of its own."""
    with tempfile.TemporaryDirectory(prefix="leerplek-bench-") as directory, _mail_server(Path(directory)) as port:
        folder = Path(directory)
        if database == "sqlite":
            yield Place(f"sqlite+aiosqlite:///{folder / 'notifier.db'}", port, folder)
            return
        with start_postgres(folder) as server:
            async with server.fresh_database() as url:
                yield Place(url, port, folder)


@contextmanager
def _mail_server(folder: Path) -> Iterator[int]:
    launch = mail_sink(folder / "mails").build()
    (folder / "mails").mkdir()
    sink = ServerProcess(
        name="mail sink",
        argv=launch.argv,
        port=launch.port,
        log_path=folder / "sink.log",
        is_ready=lambda: not is_port_free(launch.port),
    )
    sink.start()
    try:
        yield launch.port
    finally:
        sink.kill()


@asynccontextmanager
async def notifier(
    where: Place, clock: Clock = machine_clock, kafka: str = "127.0.0.1:1", *, is_apache: bool = True
) -> AsyncIterator[Parts]:
    """The parts of a notifier on a migrated database."""
    settings = Settings(
        database_url=where.database_url,
        kafka_bootstrap=kafka,
        kafka_kind="apache" if is_apache else "embedded",
        master_key_file=where.folder / "master.key",
        public_url="https://leerplek.example",
        smtp_host=HOST,
        smtp_port=where.smtp_port,
        mail_from="Leerplek <meldingen@leerplek.example>",
    )
    parts = build(settings, clock)
    await upgrade(parts.runtime.database, MIGRATIONS, parts=parts.runtime.migration_parts)
    try:
        yield parts
    finally:
        await parts.runtime.database.close()


def institute(number: int) -> str:
    """The code of an invented institute; adding two digits makes it a school's."""
    first, second = divmod(number // 100, len(LETTERS))
    return f"{number % 100:02}{LETTERS[first % len(LETTERS)]}{LETTERS[second]}"


def coordinator(number: int) -> Contact:
    """Who hears for an institute."""
    code = institute(number)
    return Contact(f"c{number:05}", code, Role.INSTITUTE_COORDINATOR, f"c{number}@opleiding.example", f"Els {code}")


def trainer(number: int) -> Contact:
    """Who hears for a school."""
    code = f"{institute(number)}00"
    return Contact(f"t{number:05}", code, Role.SCHOOL_TRAINER, f"t{number}@school.example", f"Bo {code}")


async def register(parts: Parts, people: list[Contact]) -> None:
    """Makes these contacts known."""
    for first in range(0, len(people), AT_A_TIME):
        async with parts.writing() as store:
            for each in people[first : first + AT_A_TIME]:
                await store.save_contact(each)
