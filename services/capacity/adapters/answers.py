"""The matcher's answers over HTTP: what levers are worth, and where a student could go instead."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.capacity.ports.answering import Alternative, LeverWorth, Outlook, PlanAnswers
from shared.plan_client import PlanClient

TIMEOUT_S = 12.0
WAIT_S = 4
MEASURE_S = 20


class HttpAnswers:
    """Asks the process that answers questions about plans; where it is away nothing is known, and the page says so."""

    def __init__(self, client: PlanClient) -> None:
        self._client = client

    async def levers(self, region: str) -> Sequence[LeverWorth] | None:
        found = await self._client.get(f"/v1/regions/{region}/levers", {}, 2.0)
        if found is None:
            return None
        at = str(found["ended_at"])
        return [
            LeverWorth(one["lever"], one["trying"], one["points"], one["students"], one["is_proven"], at)
            for one in found["levers"]
        ]

    async def measure_levers(self, region: str) -> bool:
        return await self._client.ask("POST", f"/v1/regions/{region}/levers", {"seconds": MEASURE_S}, 5.0) is not None

    async def alternatives(self, student: str, sites: Sequence[str]) -> Outlook | None:
        asked: dict[str, Any] = {"include": "wishes", "at": list(sites), "wait": WAIT_S}
        found = await self._client.get(f"/v1/students/{student}/explanation", asked, TIMEOUT_S)
        if found is None or "wishes" in found["failed"]:
            return None
        told = (
            Alternative(one["site"], one["placement"] is not None, one.get("moved_total", 0), one.get("lost_total", 0))
            for one in found.get("wishes") or ()
        )
        return Outlook(tuple(told), not found["pending"])


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
    return HttpAnswers(PlanClient(url, token_file)) if url else NullAnswers()
