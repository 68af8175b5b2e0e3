"""How a process ends: tasks run side by side until a signal arrives, a bug in any ends it at once, a helper ends with its parent."""

import asyncio
import gc
import os
import signal
import threading
import time
from collections.abc import Awaitable, Coroutine, Mapping
from typing import NoReturn

import structlog

log = structlog.get_logger(__name__)

EXIT_BUG = 70
PARENT_CHECK_S = 1.0
COLLECTS_AFTER = (10_000, 20, 100)
"""So many new things are looked through together, so often before what stayed of them is too, and that before everything."""


def run(main: Coroutine[None, None, None], niceness: int = 0) -> None:
    """Runs a service; with a niceness it lets the others of this machine go first."""
    import uvloop  # only a service waits for its loading

    os.nice(niceness)
    _collect_seldom()
    uvloop.run(main)


def _collect_seldom() -> None:
    """Spares whoever waits for an answer that all there is in memory is looked through for garbage: a third of a second in a matcher.

    What was imported is never garbage. Of what came later nearly all goes without the collector.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTS_AFTER)


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


def end_with_parent() -> None:
    """From now on this process ends soon after the one that started it, whatever it is doing: nobody waits for it any more."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_S)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
