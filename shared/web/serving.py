"""Serves an application with uvicorn as one task beside the service's other tasks."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.observability.bugs import is_news


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process as a whole."""
        yield


def _answered(app: ASGIApp) -> ASGIApp:
    """The same application, whose bugs were answered and told by itself: uvicorn would tell them once more."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception as bug:
            if is_news(bug):
                raise

    return answered


async def serve_http(app: ASGIApp, host: str, port: int) -> None:
    """Serves until cancelled, then lets open requests end, for at most five seconds."""
    server = _Server(
        uvicorn.Config(
            _answered(app),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            lifespan="off",
        )
    )
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
