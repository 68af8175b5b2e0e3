"""Tries on copies of regions what somebody asks for, so many at once, and keeps how far it is and what came of it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from services.matcher.domain.facts import Document
from services.matcher.domain.reading import RegionProblems
from services.matcher.ports.answering import Job, TrialKind, Trials, TrialState, TrialStep, Tried, WorkFailed, Workshop
from shared.errors import DomainError, TransientError
from shared.messaging.retry import until_possible

LOOK_EVERY_S = 1.0
"""So often at most is noted how far something is, and looked whether it was cancelled."""
ALIVE_EVERY_S = 20.0
FAILED = "Het uitrekenen is mislukt. De fout is vastgelegd; er is niets veranderd aan het plan."
BUSY = "Er wordt al te veel uitgerekend. Vraag dit later opnieuw aan."
OTHERWISE = "De regio is intussen veranderd en het scenario past er niet meer bij. Vraag het opnieuw aan."
T = TypeVar("T")

log = structlog.get_logger(__name__)


class Trying:
    """Works on what is waiting in this process; `wake` says that something is."""

    def __init__(
        self, trials: Trials, workshop: Workshop, at_once: int, keep: timedelta, clock: Callable[[], datetime]
    ) -> None:
        """So many at once; what ended is kept for so long."""
        self._trials, self._workshop, self._keep, self._clock = trials, workshop, keep, clock
        self._turns, self._news = asyncio.Semaphore(at_once), asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something waits."""
        self._news.set()

    @property
    def open(self) -> frozenset[str]:
        """What this process is at, or has in line."""
        return frozenset(self._running)

    async def run(self) -> None:
        """Works until it is cancelled; what is going on then, or was when this process was killed before, is told to have stopped."""
        stopped = await _kept(lambda: self._trials.stop_own(self._clock()))
        if stopped:
            log.warning("scenarios were stopped by a restart", number=stopped)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_house())
                await self._begin_what_waits(group)
        finally:
            with contextlib.suppress(TransientError):  # then it is told after the next start
                await self._trials.stop_own(self._clock())

    async def _begin_what_waits(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._news.clear()
            for trial in await _kept(self._trials.waiting):
                if trial not in self._running:
                    task = self._running[trial] = group.create_task(self._work(trial))
                    task.add_done_callback(partial(self._forget, trial))
            await self._news.wait()

    def _forget(self, trial: str, _task: "asyncio.Task[None]") -> None:
        self._running.pop(trial, None)

    async def _keep_house(self) -> None:
        while True:
            await _kept(lambda: self._trials.keep_alive(self._clock()))
            await _kept(lambda: self._trials.forget(self._clock() - self._keep))
            await asyncio.sleep(ALIVE_EVERY_S)

    async def cancel(self, trial: str) -> None:
        """Ends it where it is going on, here or in another process."""
        await self._trials.end(trial, TrialState.CANCELLED, self._clock())

    async def _work(self, trial: str) -> None:
        async with self._turns:
            if not await _kept(lambda: self._trials.begin(trial, self._clock())):
                return
            tried = await _kept(lambda: self._trials.get(trial))
            told: list[Document] = []
            work = asyncio.create_task(self._workshop.do(_job(tried), told.append))
            try:
                await self._follow(trial, work, told)
            finally:
                work.cancel()
                await asyncio.wait({work})

    async def _follow(self, trial: str, work: "asyncio.Task[Document]", told: list[Document]) -> None:
        """Notes how far it is until it ends, or somebody cancels it."""
        number = 0
        while not work.done():
            await asyncio.wait({work}, timeout=LOOK_EVERY_S)
            if told:
                number += 1
                step = TrialStep(number, self._clock(), told[-1])
                told.clear()
                is_wanted = await _kept(lambda: self._trials.note(trial, step))  # noqa: B023 - called at once
            else:
                is_wanted = not (await _kept(lambda: self._trials.get(trial))).state.is_over
            if not is_wanted:
                return
        state, result, problem = _end_of(work)
        await _kept(lambda: self._trials.end(trial, state, self._clock(), result=result, problem=problem))


def _end_of(work: "asyncio.Task[Document]") -> tuple[TrialState, Document | None, str | None]:
    try:
        return TrialState.DONE, work.result(), None
    except RegionProblems:
        return TrialState.FAILED, None, OTHERWISE
    except DomainError as refusal:
        return TrialState.FAILED, None, refusal.detail
    except TransientError:
        return TrialState.FAILED, None, BUSY
    except (WorkFailed, TimeoutError):
        return TrialState.FAILED, None, FAILED


def _job(tried: Tried) -> Job:
    about = {"region": tried.region, "document": tried.document, "seconds": tried.seconds}
    return Job("levers" if tried.kind is TrialKind.LEVERS else "scenario", about, solves=True)


async def _kept(attempt: Callable[[], Awaitable[T]]) -> T:
    return await until_possible("database", attempt)
