"""The matcher's explanation of one student over HTTP. Of other students it takes only how many they are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.intake.ports.explaining import Explained, Explaining, Obstacle, Remedy
from shared.plan_client import PlanClient

TIMEOUT_S = 12.0
WAIT_S = 4
PARTS = ("why", "levers")


class HttpExplaining:
    """Asks the process that answers questions about plans."""

    def __init__(self, client: PlanClient) -> None:
        self._client = client

    async def explain(self, student: str) -> Explained | None:
        asked = {"include": list(PARTS), "wait": WAIT_S}
        found = await self._client.get(f"/v1/students/{student}/explanation", asked, TIMEOUT_S)
        if found is None or found["status"] not in ("placed", "unplaced"):
            return None
        why = found.get("why") or {}
        is_complete = not set(found["pending"]) & set(PARTS)
        return _placed(why, is_complete) if found["status"] == "placed" else _unplaced(found, why, is_complete)


class NullExplaining:
    """Where no answers were configured: nothing is known."""

    async def explain(self, student: str) -> Explained | None:  # noqa: ARG002
        return None


def build_explaining(url: str | None, token_file: Path | None) -> Explaining:
    """Whoever explains at this address."""
    return HttpExplaining(PlanClient(url, token_file)) if url else NullExplaining()


def _unplaced(found: Mapping[str, Any], why: Mapping[str, Any], is_complete: bool) -> Explained:
    told = why.get("reason") or found.get("unplaced") or {}
    competing = why.get("competing") or {}
    return Explained(
        is_placed=False,
        is_complete=is_complete,
        reason=str(told.get("reason", "")),
        facts=dict(told.get("facts", {})),
        holders=int(competing.get("holders_total", 0)),
        rivals=int(competing.get("rivals_total", 0)),
        remedies=[_remedy(one) for one in found.get("levers") or ()],
    )


def _remedy(one: Mapping[str, Any]) -> Remedy:
    placement = one.get("placement")
    return Remedy(
        str(one["name"]),
        placement is not None,
        one.get("minutes"),
        int(one.get("moved_total", 0)),
        int(one.get("lost_total", 0)),
    )


def _placed(why: Mapping[str, Any], is_complete: bool) -> Explained:
    place = why.get("place") or {}
    return Explained(
        is_placed=True,
        is_complete=is_complete,
        minutes=place.get("minutes"),
        wish=place.get("wish"),
        obstacles=list(_obstacles(place)),
    )


def _obstacles(place: Mapping[str, Any]) -> Iterator[Obstacle]:
    for one in place.get("missed_wishes") or ():
        fits = one["facts"].get("places-free", 0) > 0
        yield Obstacle(str(one["site"]), () if fits else (str(one["reason"]),), is_wish=True)
    for one in place.get("cheaper_places") or ():
        yield Obstacle(str(one["site"]), tuple(map(str, one["reasons"])), is_wish=False)
