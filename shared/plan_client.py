"""Asks the process that answers questions about plans, over HTTP; where it is away nothing is known, and that is logged."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import structlog

log = structlog.get_logger(__name__)


class PlanClient:
    """One address, and the token in a file, read anew each time so that it can be replaced."""

    def __init__(self, url: str, token_file: Path | None, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        self._token_file = token_file
        self._transport = transport

    async def get(self, path: str, asked: Mapping[str, Any], timeout_s: float) -> dict[str, Any] | None:
        """The answer; None when there is none."""
        return await self.ask("GET", path, asked, timeout_s)

    async def ask(self, method: str, path: str, asked: Mapping[str, Any], timeout_s: float) -> dict[str, Any] | None:
        """The same with another method."""
        headers = {"Authorization": f"Bearer {self._token_file.read_text().strip()}"} if self._token_file else {}
        try:
            async with httpx.AsyncClient(timeout=timeout_s, transport=self._transport, trust_env=False) as client:
                answer = await client.request(method, self._url + path, params=dict(asked), headers=headers)
            answer.raise_for_status()
            body: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as away:
            if not isinstance(away, httpx.HTTPStatusError) or away.response.status_code != httpx.codes.NOT_FOUND:
                log.warning("answers are away", problem=type(away).__name__)
            return None
        return body
