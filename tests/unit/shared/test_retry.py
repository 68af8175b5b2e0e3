"""Who waits to be woken can be stopped at any moment."""

import asyncio
import contextlib

import pytest

from shared.messaging.retry import Wakeup


@pytest.mark.parametrize("steps", range(5))
async def test_a_worker_that_is_stopped_just_as_it_is_woken_stops(steps: int) -> None:
    woken, rounds = Wakeup(), 0

    async def work() -> None:
        nonlocal rounds
        while True:
            await woken.wait(3600)
            rounds += 1

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    woken.wake()
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=1)
    is_stopped = task.cancelled()
    task.cancel()
    await asyncio.wait([task], timeout=1)
    assert is_stopped
    assert rounds <= 1


async def test_who_lost_a_cancellation_in_a_library_waits_no_more() -> None:
    woken, begun = Wakeup(), asyncio.Event()

    async def work() -> None:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):  # as a library may, unknowingly
            await asyncio.Event().wait()
        while True:
            await woken.wait(60)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=5)
    assert task in done
    assert task.cancelled()
