"""Runs tasks in processes of their own, one a core: each ends with whoever started it, and gives its memory back in time."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Protocol

import structlog

from services.matcher.adapters.solver.country.tasks import Found, Task, run

log = structlog.get_logger(__name__)
POLL_S = 0.2
GRACE_S = 2.0
"""So long after its time a task may still hand in what it found."""
FRESH_AFTER = 12
"""Tasks after which a process makes place for a new one, whatever its libraries still hold."""
Stop = Callable[[], bool]


class Crew(Protocol):
    """Who does tasks."""

    def results(self, tasks: Iterator[Task], end: float | None, stop: Stop) -> Iterator[Found]:
        """What is found, in the order of the tasks; ends early at the moment `end` or when `stop` says so."""
        ...

    def close(self) -> None:
        """Nobody works any more."""
        ...


class Alone:
    """Does the tasks in this process, one after the other."""

    def results(self, tasks: Iterator[Task], end: float | None, stop: Stop) -> Iterator[Found]:
        """As every crew."""
        for task in tasks:
            if stop() or _is_over(end):
                return
            found = run(task, _left(end), stop)
            if stop():
                return
            yield found

    def close(self) -> None:
        """Nothing is to end."""


class Processes:
    """So many processes that do tasks beside each other; a new one each time that one has done enough, or died."""

    def __init__(self, number: int) -> None:
        """Start them."""
        self._workers = [_Worker.started() for _ in range(number)]

    def results(self, tasks: Iterator[Task], end: float | None, stop: Stop) -> Iterator[Found]:
        """As every crew; what is under way at the end is broken off, and of whoever dies nothing is heard."""
        waiting, found, told = enumerate(tasks), dict[int, Found | None](), 0
        while not stop() and not _is_over(end, GRACE_S):
            self._give(waiting, end)
            busy = {worker.pipe: at for at, worker in enumerate(self._workers) if worker.number is not None}
            if not busy:
                break
            for pipe in wait(list(busy), POLL_S):
                worker = self._workers[busy[pipe]]  # type: ignore[index]
                number, answer = worker.answered()
                found[number] = answer
                if answer is None or worker.done >= FRESH_AFTER:
                    self._workers[busy[pipe]] = worker.replaced()  # type: ignore[index]
            while told in found:
                answer = found.pop(told)
                told += 1
                if answer is not None:
                    yield answer
        self._workers = [one if one.number is None else one.replaced() for one in self._workers]

    def _give(self, waiting: Iterator[tuple[int, Task]], end: float | None) -> None:
        for worker in self._workers:
            if worker.number is None and not _is_over(end):
                given = next(waiting, None)
                if given is not None:
                    worker.begin(*given, _left(end))

    def close(self) -> None:
        """End all of them."""
        for worker in self._workers:
            worker.end()
        self._workers = []


@dataclass(slots=True)
class _Worker:
    """A process, our end of the pipe to it, the number of the task at hand, and how many it has done."""

    process: SpawnProcess
    pipe: Connection
    number: int | None = None
    done: int = 0

    @staticmethod
    def started() -> "_Worker":
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True, name="leerplek-part")
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def begin(self, number: int, task: Task, seconds: float | None) -> None:
        self.number = number
        try:
            self.pipe.send((task, seconds))
        except OSError:
            log.warning("a process ended before its task began", part=task.part)

    def answered(self) -> tuple[int, Found | None]:
        """The number of the task, and the answer; None when the process died or failed."""
        number, self.number = self.number or 0, None
        self.done += 1
        try:
            answer: Found | BaseException = self.pipe.recv()
        except (EOFError, OSError):
            log.error("a process died during its task", exit_code=self.process.exitcode)
            return number, None
        if isinstance(answer, BaseException):
            raise answer
        return number, answer

    def replaced(self) -> "_Worker":
        self.end()
        return _Worker.started()

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection) -> None:
    """Do tasks as they come; Ctrl-C is for who watches, and when that one ends so do we."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            task, seconds = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(run(task, seconds))
        except Exception as problem:  # noqa: BLE001 - raised again by who asked
            pipe.send(problem)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _left(end: float | None) -> float | None:
    return None if end is None else max(0.0, end - time.perf_counter())


def _is_over(end: float | None, grace_s: float = 0.0) -> bool:
    return end is not None and time.perf_counter() >= end + grace_s
