"""Waiting for what comes by itself: growing pauses between tries, trying until it succeeds, and being woken."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from shared.errors import TransientError

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Backoff:
    """Pauses of 0.2 s, doubling up to `cap_s`, each shortened at random so that many waiters do not knock at once."""

    def __init__(self, first_s: float = 0.2, cap_s: float = 10.0) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._tries = 0

    def reset(self) -> None:
        """The last try succeeded."""
        self._tries = 0

    async def pause(self) -> None:
        """Waits before the next try."""
        longest = min(self._cap_s, self._first_s * 2**self._tries)
        self._tries = min(self._tries + 1, 16)
        await asyncio.sleep(longest * (0.5 + random.random() / 2))


async def until_possible(what: str, attempt: Callable[[], Awaitable[T]]) -> T:
    """What the attempt gives, once it does; tries again, with growing pauses, while something outside is away."""
    backoff = Backoff()
    while True:
        try:
            return await attempt()
        except TransientError as problem:
            log.warning("waits", what=what, problem=str(problem)[:300])
            await backoff.pause()


class Wakeup:
    """For one who looks now and then by itself, and at once when woken: waking only makes it faster."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Says that there is something new; also to one who waits only later."""
        self._woken.set()

    async def wait(self, longest_s: float) -> None:
        """Returns when woken, and in any case after this time; who was cancelled meanwhile waits no more."""
        _heed_cancellation()
        try:
            async with asyncio.timeout(longest_s):  # wait_for loses a cancellation that comes as it wakes (Python 3.11)
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._woken.clear()


def _heed_cancellation() -> None:
    """A library that waits with `wait_for` loses a cancellation that comes as it wakes (Python 3.11): it is given effect here."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
