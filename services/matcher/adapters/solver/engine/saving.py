"""An engine as bytes, and back: the region with its plan, and what is proven. All else follows from these."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from services.matcher.adapters.solver.engine.proof import Proof
from services.matcher.domain import documents
from services.matcher.domain.documents_writing import region_to_document
from services.matcher.domain.ids import RegionId
from services.matcher.domain.region import Region

FORMAT = "leerplek/engine/1"


class UnreadableState(ValueError):
    """These bytes are no engine that this version can read."""


def to_bytes(region: Region, proof: Proof) -> bytes:
    """The region, with the plan as what holds, and what is proven."""
    document = {
        "format": FORMAT,
        "region": region_to_document(region),
        "bound": proof.bound,
        "unplaced_bound": proof.unplaced_bound,
    }
    return json.dumps(document, separators=(",", ":")).encode()


def from_bytes(saved: bytes) -> tuple[Region, Proof]:
    """What was saved. Raises UnreadableState, or RegionProblems when the region in it is not right."""
    try:
        document: Any = json.loads(saved)
        kind = document["format"]
        proof = Proof(float(document["bound"]), int(document["unplaced_bound"]))
        region = document["region"]
    except (ValueError, KeyError, TypeError) as problem:
        raise UnreadableState(f"this is no saved engine: {problem!r}") from problem
    if kind != FORMAT:
        raise UnreadableState(f"saved as {kind!r}, and this version reads {FORMAT!r}")
    return _region(region), proof


def _region(document: Mapping[str, Any]) -> Region:
    """The region; what it names may not be there, as while facts arrive."""
    periods = [documents.period_from_document(one) for one in document["periods"]]
    sites = [documents.site_from_document(one) for one in document["sites"]]
    workplaces = [documents.workplace_from_document(one) for one in document["workplaces"]]
    supervisors = [documents.supervisor_from_document(one) for one in document["supervisors"]]
    students = [documents.student_from_document(one) for one in document["students"]]
    return Region(
        RegionId(document["region"]),
        date.fromisoformat(document["today"]),
        documents.settings_from_document(document["settings"]),
        {one.id: one for one in periods},
        {one.id: one for one in sites},
        {one.id: one for one in workplaces},
        {one.id: one for one in supervisors},
        {one.id: one for one in students},
        tuple(documents.placement_from_document(one) for one in document["placements"]),
    )
