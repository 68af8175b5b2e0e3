"""Shows how far a play is: a bar at a terminal, lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LINE_EVERY_S = 2.0


class Track(Protocol):
    """One thing that is being done."""

    def at(self, done: int) -> None:
        """So much of it is done."""
        ...


class Screen:
    """Where a play tells how far it is."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self.console = Console(file=out, highlight=False)

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def track(self, what: str, total: int) -> Iterator[Track]:
        """Shows progress until the block ends."""
        if not self.console.is_terminal:
            yield _Lines(self, what, total)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            yield _Bar(progress, progress.add_task(what, total=total))


class _Bar:
    def __init__(self, progress: Progress, task: object) -> None:
        self._progress = progress
        self._task = task

    def at(self, done: int) -> None:
        self._progress.update(self._task, completed=done)  # type: ignore[arg-type]  # rich's TaskID is an int


class _Lines:
    def __init__(self, screen: Screen, what: str, total: int) -> None:
        self._screen = screen
        self._what = what
        self._total = total
        self._told_at = 0.0
        self._told = -1

    def at(self, done: int) -> None:
        """A line every so often, and one when everything is done."""
        now = time.monotonic()
        if done == self._told or (done < self._total and now - self._told_at < LINE_EVERY_S):
            return
        self._told, self._told_at = done, now
        self._screen.say(f"{self._what}: {done} van {self._total}")
