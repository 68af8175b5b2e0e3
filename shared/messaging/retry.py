"""Growing, jittered, capped pauses between tries of something that is away for a while."""

import asyncio
import random


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
