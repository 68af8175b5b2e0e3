"""Speaks to the services as the systems of schools and institutes do: over HTTP, patiently, each change once."""

import asyncio
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

import httpx

AT_ONCE = 16
PATIENCE_S = 60.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
BUSY = {429, 500, 502, 503, 504}

Method = Literal["POST", "PUT", "DELETE"]


class Refused(Exception):
    """A service does not take a request; the text holds what it said about it."""


class Unreachable(Exception):
    """A service does not answer, however long it is asked."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the four services answer, and where Kafka does."""

    intake: str
    capacity: str
    matcher: str
    notifier: str
    kafka: str


@dataclass(frozen=True, slots=True)
class Request:
    """One change at one service; its key makes a repetition harmless."""

    service: str
    method: Method
    path: str
    body: Mapping[str, Any] | None = None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a service answered, and when the answer was there (monotonic seconds)."""

    body: dict[str, Any]
    at: float


class Client:
    """Sends requests, at most AT_ONCE at a time, and tries again while a service is away or busy."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._turns = asyncio.Semaphore(AT_ONCE)
        limits = httpx.Limits(max_connections=2 * AT_ONCE, max_keepalive_connections=AT_ONCE)
        self._http = httpx.AsyncClient(timeout=30, limits=limits, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(self, request: Request) -> Accepted:
        """Raises Refused when the service says no, Unreachable when it stays away."""
        headers = {"Idempotency-Key": request.key}
        answer = await self._patiently(request.method, request.service, request.path, request.body, headers)
        if not answer.is_success:
            raise Refused(f"{request.method} {request.path}: {answer.status_code} {answer.text[:600]}")
        return Accepted(answer.json() if answer.content else {}, time.monotonic())

    async def get(self, service: str, path: str) -> Any:
        """The JSON that a service answers; None when there is no such thing."""
        answer = await self._patiently("GET", service, path, None, {})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if not answer.is_success:
            raise Refused(f"GET {path}: {answer.status_code} {answer.text[:600]}")
        return answer.json()

    async def _patiently(
        self, method: str, service: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        url = f"{getattr(self._addresses, service)}/v1{path}"
        until, pause_s, problem = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S, ""
        async with self._turns:
            while time.monotonic() < until:
                try:
                    answer = await self._http.request(method, url, json=body, headers=headers)
                except httpx.TransportError as away:
                    problem = repr(away)
                else:
                    if answer.status_code not in BUSY:
                        return answer
                    problem = f"{answer.status_code} {answer.text[:300]}"
                await asyncio.sleep(pause_s * random.uniform(0.5, 1))
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        raise Unreachable(f"{service} antwoordt niet op {method} {path}: {problem}")
