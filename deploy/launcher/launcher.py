"""Starts everything in order, keeps it running while its block lasts, and leaves no process behind."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from deploy.launcher import programs
from deploy.launcher.programs import ANSWERS, BROKER, MAIL, Installation
from deploy.launcher.smtp_sink import Behaviour, set_behaviour
from deploy.launcher.supervised import LauncherError, Program, Supervised
from shared.child_process import HOST
from shared.contracts.services import SERVICES

__all__ = ["Launcher", "Outside"]

START_WITHIN_S = 60.0
OURS = (*SERVICES, ANSWERS)
"""The programs of Leerplek itself."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What an installation uses that is there already; without it a broker in memory and SQLite."""

    kafka_bootstrap: str | None = None
    is_embedded: bool = False
    """Whether that broker is an embedded one."""
    databases: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Further settings per service, without the prefix of their environment variables."""


class Launcher:
    """All of Leerplek on this machine, for the length of an `async with` block.

    Where a program cannot be kept running the block is cancelled and LauncherError comes out of it. `say` is told of
    every restart, in one line.
    """

    def __init__(
        self, directory: Path, outside: Outside | None = None, say: Callable[[str], None] = lambda _line: None
    ) -> None:
        self.directory = directory.resolve()
        self.mail_directory = self.directory / "mails"
        self.log_directory = self.directory / "logs"
        self._outside = outside or Outside()
        self._bootstrap = self._outside.kafka_bootstrap
        self._say = say
        self._running: dict[str, Supervised] = {}
        self._group = asyncio.TaskGroup()
        self._client = httpx.AsyncClient(timeout=2, trust_env=False)

    async def __aenter__(self) -> Self:
        for directory in (self.mail_directory, self.log_directory, self.directory / "data" / "matcher"):
            directory.mkdir(parents=True, exist_ok=True)
        await self._group.__aenter__()
        try:
            await self._start_all()
        except BaseException as problem:
            await self.__aexit__(type(problem), problem, problem.__traceback__)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        try:
            await self._stop_all()
        finally:
            try:
                await self._group.__aexit__(kind, error, at)
            except BaseExceptionGroup as failed:
                raise _first(failed) from None

    async def _start_all(self) -> None:
        if self._bootstrap is None:
            await self._start(programs.broker()).until_ready(START_WITHIN_S)
            self._bootstrap = f"{HOST}:{self._running[BROKER].port}"
        await self._start(programs.mail_sink(self.mail_directory)).until_ready(START_WITHIN_S)
        embedded = self._outside.kafka_bootstrap is None or self._outside.is_embedded
        installation = Installation(
            self.directory,
            self._bootstrap,
            embedded,
            self._running[MAIL].port,
            self._outside.databases,
            self._outside.settings,
        )
        services = [self._start(programs.service(name, installation, self._client)) for name in OURS]
        await asyncio.gather(*(each.until_ready(START_WITHIN_S) for each in services))

    def _start(self, program: Program) -> Supervised:
        supervised = Supervised(program, self.log_directory / f"{program.name}.log", self._say)
        self._running[program.name] = supervised
        self._group.create_task(supervised.run(), name=program.name)
        return supervised

    async def _stop_all(self) -> None:
        """The services first, so that each can still tell the broker what it has."""
        await asyncio.gather(*(self._running[name].stop() for name in OURS if name in self._running))
        await asyncio.gather(*(each.stop() for name, each in self._running.items() if name not in OURS))
        await self._client.aclose()

    @property
    def bootstrap(self) -> str:
        """`host:port` of the broker."""
        assert self._bootstrap is not None, "not started"
        return self._bootstrap

    @property
    def restarts(self) -> Mapping[str, int]:
        """How often each program was started again."""
        return {name: each.restarts for name, each in self._running.items()}

    def url(self, name: str) -> str:
        """The address of a service, without a slash at its end."""
        return f"http://{HOST}:{self._running[name].port}"

    def pid(self, name: str) -> int | None:
        """The process of a program, if it runs now."""
        return self._running[name].pid

    def kill(self, name: str) -> int:
        """Ends a program at once (SIGKILL); the supervisor starts it again. Gives the process that was killed."""
        return self._running[name].kill()

    async def until_ready(self, name: str, within_s: float = START_WITHIN_S) -> None:
        """Waits until a program answers that it is ready, after a kill for instance."""
        await self._running[name].until_ready(within_s)

    def mail_behaves(self, behaviour: Behaviour) -> None:
        """Makes the mail server refuse or be slow from now on."""
        set_behaviour(self.mail_directory, behaviour)

    def mails(self) -> list[EmailMessage]:
        """Every mail that arrived, in order of arrival."""
        read = [path.read_bytes() for path in sorted(self.mail_directory.glob("*.eml"))]
        return [message_from_bytes(content, policy=policy.default) for content in read]


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """What a person must know: the one reason why the group ended."""
    for problem in failed.exceptions:
        if isinstance(problem, BaseExceptionGroup):
            return _first(problem)
        if isinstance(problem, LauncherError):
            return problem
    with contextlib.suppress(StopIteration):
        return next(each for each in failed.exceptions if not isinstance(each, asyncio.CancelledError))
    return failed.exceptions[0]
