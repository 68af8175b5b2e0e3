"""Gives work to processes of their own, so many at once and no more; who stops waiting ends the work."""

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import structlog

from services.matcher.adapters.workroom.child import work
from services.matcher.adapters.workroom.metrics import WORK_FAILED, WORK_S, WORK_WAITING
from services.matcher.domain.facts import Document
from services.matcher.ports.answering import Job, WorkFailed
from shared.errors import TransientError

MOST_WAITING = 64
"""Jobs that wait at most for a process; more are refused, since who asks would have gone long before."""
LONGEST_S = 3_600.0
GIVES_WAY = 15
"""Niceness of who solves: whoever waits for the plan itself, or for a quick answer, goes first."""
QUICK_GIVES_WAY = 5
Steps = Callable[[Document], None]

log = structlog.get_logger(__name__)


class Rooms:
    """One process that reads and explains, and so many that solve."""

    def __init__(self, database_url: str, solvers: int) -> None:
        """Nothing runs yet; a process starts with the first work for it."""
        self._quick = _Lane("quick", database_url, 1, QUICK_GIVES_WAY)
        self._solving = _Lane("solving", database_url, solvers, GIVES_WAY)

    async def do(self, job: Job, step: Steps = lambda _: None) -> Document:
        """What comes of it. Raises DomainError or RegionProblems as the work did, TransientError when too much waits, WorkFailed."""
        started = time.perf_counter()
        try:
            found = await (self._solving if job.solves else self._quick).do(job, step)
        except WorkFailed:
            WORK_FAILED.labels(job.name).inc()
            raise
        seconds = time.perf_counter() - started
        WORK_S.labels(job.name).observe(seconds)
        if job.solves:
            log.info("solved for an answer", job=job.name, region=job.about.get("region"), seconds=round(seconds, 2))
        return found

    def warm_up(self) -> None:
        """Starts the process for quick answers, so that the first of them does not wait for it."""
        self._quick.warm_up()

    def close(self) -> None:
        """Ends every process."""
        for lane in (self._quick, self._solving):
            lane.close()


@dataclass(slots=True)
class _Room:
    """One process, and the end of its line."""

    process: Any
    line: Connection
    is_tired: bool = False
    """Something goes on in it by itself: it takes no other work."""

    def end(self) -> None:
        """At once, whatever it is doing."""
        self.process.kill()
        self.process.join(10)
        self.line.close()


class _Lane:
    """Processes that do the same kind of work, each one job at a time; a job that fails or is given up ends its process."""

    def __init__(self, name: str, database_url: str, most: int, niceness: int) -> None:
        self._name, self._database_url, self._niceness = name, database_url, niceness
        self._turns, self._waiting = asyncio.Semaphore(most), 0
        self._free: list[_Room] = []
        self._busy: list[_Room] = []
        self._threads = ThreadPoolExecutor(2 * most, thread_name_prefix="line")

    async def do(self, job: Job, step: Steps) -> Document:
        """Waits for a turn, and then for the work."""
        if self._waiting >= MOST_WAITING:
            raise TransientError("too much work waits already")
        self._waiting += 1
        WORK_WAITING.labels(self._name).set(self._waiting)
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
            WORK_WAITING.labels(self._name).set(self._waiting)
        try:
            async with asyncio.timeout(LONGEST_S), self._room() as room:
                return await self._done(room, job, step)
        finally:
            self._turns.release()

    def warm_up(self) -> None:
        """A process that waits for the first work."""
        self._free.append(self._opened())

    @asynccontextmanager
    async def _room(self) -> AsyncIterator[_Room]:
        """A process that waits for work; it is ended unless the work came to an end."""
        room = self._free.pop() if self._free else self._opened()
        self._busy.append(room)
        try:
            yield room
        except (WorkFailed, asyncio.CancelledError, TimeoutError, EOFError, OSError):
            self._busy.remove(room)
            await asyncio.shield(asyncio.to_thread(room.end))
            raise
        except BaseException:  # the work itself said no, and the process is ready for more
            self._put_back(room)
            raise
        else:
            self._put_back(room)

    def _put_back(self, room: _Room) -> None:
        self._busy.remove(room)
        if room.is_tired:
            room.process.kill()
            room.line.close()
        else:
            self._free.append(room)

    async def _done(self, room: _Room, job: Job, step: Steps) -> Document:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, room.line.send, (job.name, dict(job.about)))
            while True:
                kind, what = await loop.run_in_executor(self._threads, room.line.recv)
                if kind == "step":
                    step(what)
                elif kind in ("done", "last"):
                    room.is_tired = kind == "last"
                    return dict(what)
                elif kind == "refused":
                    raise what
                else:
                    log.error("work for an answer failed", job=job.name, trace=what)
                    raise WorkFailed(what)
        except (EOFError, OSError) as gone:
            log.error("a process that works for answers died", job=job.name)
            raise WorkFailed(f"{job.name}: its process died") from gone

    def _opened(self) -> _Room:
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=work, args=(theirs, self._database_url, self._niceness), daemon=True)
        process.start()
        theirs.close()
        return _Room(process, ours)

    def close(self) -> None:
        """Ends every process."""
        for room in (*self._free, *self._busy):
            room.process.kill()
        self._threads.shutdown(wait=False, cancel_futures=True)
