"""What is answered about what is tried on copies of a region, for the OpenAPI document."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from services.matcher.entrypoints import http_examples as examples
from services.matcher.entrypoints.http_models import Answer, shown


class TrialProgress(Answer):
    """Hoe ver het is: welk deel, het beste plan tot nu toe, en wat bewezen is."""

    stage: str
    share: float
    value: int
    bound: float
    gap: float
    unplaced: int
    unplaced_bound: int


class TrialAnswer(Answer):
    """Wat er op een kopie van de regio wordt uitgeprobeerd, hoe ver het is en wat eruit kwam."""

    model_config = shown(examples.TRIAL)

    id: str
    region: str
    kind: Literal["scenario", "levers"]
    name: str
    state: Literal["waiting", "running", "done", "cancelled", "failed", "stopped"]
    seconds: int = Field(description="Zo lang wordt elk plan gezocht.")
    created_at: datetime
    ended_at: datetime | None
    plan_version: int | None
    progress: TrialProgress | None
    result: dict[str, Any] | None = Field(description="Vijf kanten voor en na, of de waarde van elke hefboom.")
    problem: str | None


class TrialsAnswer(Answer):
    """De scenario's van een regio, de nieuwste eerst."""

    items: list[TrialAnswer]
    next: str | None


class LeversAnswer(Answer):
    """Wat elke hefboom waard is, de meeste winst eerst, en van welk plan."""

    region: str
    plan_version: int
    trial: str
    ended_at: datetime
    levers: list[dict[str, Any]]
