"""An application that a real browser can open: on a port of its own, in a thread with a loop of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

Beside = Callable[[], AbstractAsyncContextManager[None]]


@contextlib.asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    """Nothing works beside it."""
    yield


@contextmanager
def served(app: FastAPI, beside: Beside = nothing) -> Iterator[tuple[str, asyncio.AbstractEventLoop]]:
    """Its address and its loop while it runs; `beside` is entered in that loop before, and left after."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        loop, url = asyncio.new_event_loop(), f"http://127.0.0.1:{listening.getsockname()[1]}"

        async def run() -> None:
            async with beside():
                await server.serve(sockets=[listening])

        thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
        thread.start()
        try:
            _until_up(url, thread)
            yield url, loop
        finally:
            server.should_exit = True
            thread.join(20)
            loop.close()


def _until_up(url: str, thread: threading.Thread) -> None:
    for _ in range(300):
        assert thread.is_alive(), "the pages did not start"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url + "/livez", timeout=1).status_code == 200:
                return
        thread.join(0.1)
    raise TimeoutError(url)
