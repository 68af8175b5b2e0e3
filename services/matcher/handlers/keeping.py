"""Keeps what was computed for one plan, so that it is computed once, and lets who asks wait for it no longer than they will."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from services.matcher.domain.facts import Document

Make = Callable[[], Awaitable[Document]]


class Keeping:
    """The answers asked for last, so many at most; whoever asks for what is being made waits for that."""

    def __init__(self, most: int) -> None:
        """Nothing is kept yet."""
        self._most = most
        self._kept: OrderedDict[Hashable, Document] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[Document]] = {}

    def known(self, key: Hashable) -> Document | None:
        """What is kept under this key."""
        return self._kept.get(key)

    async def of(self, key: Hashable, make: Make) -> Document:
        """What is kept, or made now; raises what the making raises."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        return await asyncio.shield(self.begun(key, make))

    async def within(self, key: Hashable, make: Make, wait_s: float) -> Document | None:
        """The same, or None when it is not there by then: it has been begun, and goes on being made."""
        if key in self._kept:
            return await self.of(key, make)
        task = self.begun(key, make)
        await asyncio.wait({task}, timeout=wait_s)
        return task.result() if task.done() else None

    def begun(self, key: Hashable, make: Make) -> "asyncio.Task[Document]":
        """The task that makes it."""
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._made(key, make))
            self._making[key].add_done_callback(_looked_at)
        return self._making[key]

    async def _made(self, key: Hashable, make: Make) -> Document:
        try:
            self._kept[key] = await make()
        finally:
            self._making.pop(key, None)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return self._kept[key]


def _looked_at(task: "asyncio.Task[Document]") -> None:
    """Nobody may wait any more for what failed; whoever asks again hears it then."""
    if not task.cancelled():
        task.exception()
