"""Runs the tasks of one service side by side until a signal arrives; a bug in any of them ends the process at once."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Mapping
from typing import NoReturn

import structlog

log = structlog.get_logger(__name__)

EXIT_BUG = 70


async def run_until_stopped(tasks: Mapping[str, Awaitable[None]]) -> None:
    """Runs every task; SIGTERM and SIGINT cancel them; one that raises or returns ends the process with EXIT_BUG."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    running = [asyncio.ensure_future(_guarded(name, task)) for name, task in tasks.items()]
    await stopped.wait()
    for task in running:
        task.cancel()
    await asyncio.wait(running, timeout=15)


async def _guarded(name: str, task: Awaitable[None]) -> None:
    try:
        await task
    except asyncio.CancelledError:
        raise
    except BaseException:
        log.exception("task failed", task=name)
    else:
        log.error("task ended", task=name)
    end_at_once()


def end_at_once() -> NoReturn:
    """Stops without any clean-up that could mark unfinished work as done; the supervisor starts the process again."""
    os._exit(EXIT_BUG)
