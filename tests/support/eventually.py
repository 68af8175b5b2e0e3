"""Waiting for an effect, instead of for a while."""

import asyncio
import inspect
import os
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")
PATIENCE = float(os.environ.get("LEERPLEK_PATIENCE", "1"))
"""How many times as long as on a developer's machine is waited before an effect is said not to come."""


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, within_s: float = ..., every_s: float = ..., what: str = ...
) -> T: ...
@overload
async def eventually(
    condition: Callable[[], T], *, within_s: float = ..., every_s: float = ..., what: str = ...
) -> T: ...
async def eventually(
    condition: Callable[[], object], *, within_s: float = 10.0, every_s: float = 0.02, what: str = ""
) -> object:
    """The first truthy answer of `condition`, plain or async; AssertionError with the last answer after `within_s`."""
    within_s *= PATIENCE
    deadline = time.monotonic() + within_s
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what or 'the effect'} did not come within {within_s} s; last seen: {value!r}")
        await asyncio.sleep(every_s)
