"""Posts messages to addresses that others chose: only to public ones, checked where it connects, and never led elsewhere."""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

import httpcore

from shared.webhooks.messages import Try

AT_ONCE = 64
"""Messages on their way, of all receivers together."""
CONNECT_S, ANSWER_S = 5.0, 15.0
MOST_ANSWER = 4_096
"""More of an answer than this is not read."""
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 inside IPv6, which may lead to any network."""


class ForbiddenAddress(Exception):
    """The name leads to an address that is not public."""


class HttpPost:
    """Connects to the address that was checked, so that a name that changes meanwhile gains nothing; follows no redirects."""

    def __init__(self, *, may_be_private: bool) -> None:
        backend = _Guarded(may_be_private=may_be_private)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpcore.default_ssl_context(),
            max_connections=AT_ONCE,
            keepalive_expiry=30,
            network_backend=backend,
        )

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Try:
        started = time.monotonic()
        status, retry_after_s = None, None
        error: Literal["", "address", "connect", "timeout", "answer"] = ""
        try:
            async with asyncio.timeout(CONNECT_S + ANSWER_S):
                status, retry_after_s = await self._answered(url, headers, body)
        except (ForbiddenAddress, ValueError):  # the latter for an address that is none
            error = "address"
        except (TimeoutError, httpcore.TimeoutException):
            error = "timeout"
        except (httpcore.ConnectError, OSError):
            error = "connect"
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            error = "answer"
        ms = round(1000 * (time.monotonic() - started))
        return Try(0, datetime.now(UTC), status, error, ms, retry_after_s)

    async def _answered(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, int | None]:
        timeouts = {"connect": CONNECT_S, "read": ANSWER_S, "write": ANSWER_S, "pool": ANSWER_S}
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        async with self._pool.stream(
            "POST", url.encode("ascii"), headers=given, content=body, extensions={"timeout": timeouts}
        ) as answer:
            size = 0
            async for part in answer.aiter_stream():
                size += len(part)
                if size > MOST_ANSWER:
                    break
            found = {name.lower(): value for name, value in answer.headers}
            after = found.get(b"retry-after", b"")
            return answer.status, int(after) if after.isdigit() and len(after) < 8 else None

    async def close(self) -> None:
        """Lets go of connections."""
        await self._pool.aclose()


class _Guarded(httpcore.AsyncNetworkBackend):
    def __init__(self, *, may_be_private: bool) -> None:
        self._plain, self._may_be_private = httpcore.AnyIOBackend(), may_be_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - that of the library
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(one[4][0]) for one in found]
        if not self._may_be_private and not all(is_public(address) for address in addresses):
            raise ForbiddenAddress(host)
        return await self._plain.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._plain.sleep(seconds)


def is_public(address: str) -> bool:
    """Not of this machine, of a private network, or of any other use than the internet's."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found in _TRANSLATED or found.sixtofour is not None or found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast
