"""The matcher's answers over HTTP: what levers are worth, and where a student could go instead."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import structlog

from services.capacity.ports.answering import Alternative, LeverWorth, Outlook, PlanAnswers

log = structlog.get_logger(__name__)

TIMEOUT_S = 12.0
WAIT_S = 4
MEASURE_S = 20


class HttpAnswers:
    """Asks the process that answers questions about plans; where it is away nothing is known, and the page says so."""

    def __init__(self, url: str, token_file: Path | None, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        self._token_file = token_file
        self._transport = transport

    async def levers(self, region: str) -> Sequence[LeverWorth] | None:
        found = await self._get(f"/v1/regions/{region}/levers", {}, 2.0)
        if found is None:
            return None
        at = str(found["ended_at"])
        return [
            LeverWorth(one["lever"], one["trying"], one["points"], one["students"], one["is_proven"], at)
            for one in found["levers"]
        ]

    async def measure_levers(self, region: str) -> bool:
        return await self._ask("POST", f"/v1/regions/{region}/levers", {"seconds": MEASURE_S}, 5.0) is not None

    async def alternatives(self, student: str, sites: Sequence[str]) -> Outlook | None:
        asked: dict[str, Any] = {"include": "wishes", "at": list(sites), "wait": WAIT_S}
        found = await self._get(f"/v1/students/{student}/explanation", asked, TIMEOUT_S)
        if found is None or "wishes" in found["failed"]:
            return None
        told = (
            Alternative(one["site"], one["placement"] is not None, one.get("moved_total", 0), one.get("lost_total", 0))
            for one in found.get("wishes") or ()
        )
        return Outlook(tuple(told), not found["pending"])

    async def _get(self, path: str, asked: dict[str, Any], timeout_s: float) -> dict[str, Any] | None:
        return await self._ask("GET", path, asked, timeout_s)

    async def _ask(self, method: str, path: str, asked: dict[str, Any], timeout_s: float) -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {self._token_file.read_text().strip()}"} if self._token_file else {}
        try:
            async with httpx.AsyncClient(timeout=timeout_s, transport=self._transport, trust_env=False) as client:
                answer = await client.request(method, self._url + path, params=asked, headers=headers)
            answer.raise_for_status()
            body: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as away:
            if not isinstance(away, httpx.HTTPStatusError) or away.response.status_code != httpx.codes.NOT_FOUND:
                log.warning("answers are away", problem=type(away).__name__)
            return None
        return body


class NullAnswers:
    """Where no answers were configured: nothing is known."""

    async def measure_levers(self, region: str) -> bool:  # noqa: ARG002
        return False

    async def levers(self, region: str) -> Sequence[LeverWorth] | None:  # noqa: ARG002
        return None

    async def alternatives(self, student: str, sites: Sequence[str]) -> Outlook | None:  # noqa: ARG002
        return None


def build_answers(url: str | None, token_file: Path | None) -> PlanAnswers:
    """Whoever answers at this address."""
    return HttpAnswers(url, token_file) if url else NullAnswers()
