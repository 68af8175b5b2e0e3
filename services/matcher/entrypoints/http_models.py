"""What the matcher's answers hold, for their OpenAPI document; a test holds every answer against it."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.matcher.domain.reasons import Reason
from services.matcher.domain.signals.table import RuleName
from services.matcher.entrypoints import http_examples as examples
from shared.contracts.vocabulary import SignalLevel


class Answer(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid")


def shown(example: dict[str, Any]) -> ConfigDict:
    """An answer with an example in the document."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class Certificate(Answer):
    """Hoe goed het plan is, en wat daarvan bewezen is."""

    value: int = Field(description="Wat het plan kost, in punten.")
    bound: float = Field(description="Geen enkel plan kost minder.")
    gap: float = Field(description="(value - bound) / value: hoogstens zo veel beter kan het nog.")
    unplaced_bound: int = Field(description="Zo veel studenten blijven er in elk plan minstens zonder plek.")
    parts: dict[str, int] = Field(description="Waar de punten vandaan komen.")


class Share(Answer):
    """Wie begeleidt, en hoeveel kwartier per week."""

    supervisor: str
    qh: int


class Placement(Answer):
    """De plek van een student."""

    student: str
    periods: list[str]
    workplace: str
    wpb: list[Share]
    so: str | None = Field(description="Schoolopleider.")
    io: str | None = Field(description="Instituutsopleider.")
    duo_with: str | None = Field(description="Met wie in een duo; leeg als u die student niet mag kennen.")
    relief: str | None
    state: Literal["proposed", "settled", "started"]
    is_duo: bool


class Unplaced(Answer):
    """De ene reden waarom er geen plek is, met de getallen erachter."""

    student: str
    reason: Reason
    facts: dict[str, int]
    workplaces: list[str]
    supervisors: list[str]


class PlaceItem(Answer):
    """Een student in het plan."""

    id: str
    student: str
    status: Literal["placed", "unplaced"]
    since: date
    site: str | None
    placement: Placement | None = None
    unplaced: Unplaced | None = None


class PlanAnswer(Answer):
    """Een bladzijde van het plan. `version` is op elke bladzijde gelijk, tenzij het plan intussen veranderde."""

    model_config = shown(examples.PLAN)

    region: str
    version: int
    today: date | None
    published_at: datetime | None
    students: int
    placed: int
    unplaced_by_reason: dict[str, int]
    certificate: Certificate
    covers: dict[str, int] = Field(description="Tot waar de berichten in dit plan verwerkt zijn, per partitie.")
    position: dict[str, int] = Field(description="Tot waar de berichten nu gelezen zijn.")
    items: list[PlaceItem] = Field(description="Studenten op volgorde van nummer; leeg voor een regio.")
    next: str | None = Field(description="De `cursor` van de volgende bladzijde.")


class PlanVersion(Answer):
    """Een gepubliceerd plan."""

    version: int
    published_at: datetime
    today: date
    effort: Literal["repair", "improve", "renew", "rebuild", "signals"]
    turn: int | None
    seen_version: int | None
    proof_steps: int | None
    looked: bool | None = Field(
        description="De signalen zijn bij dit plan bekeken; anders komen ze met een latere versie. Leeg: een oudere versie van Leerplek zei het niet."
    )
    solve_s: float
    proposed: int
    moved: int
    ended: int
    unplaced: int
    covers: dict[str, int]
    certificate: Certificate


class VersionsAnswer(Answer):
    """De versies van een plan, de nieuwste eerst."""

    region: str
    versions: list[PlanVersion]
    next: int | None


class OpenSignal(Answer):
    """Een signaal dat nog loopt."""

    id: str
    rule: RuleName = Field(description="Welke regel; docs/signalen.md legt ze uit.")
    level: SignalLevel
    status: Literal["raised", "worsened"]
    since: date
    cause: str | None
    figures: dict[str, int] = Field(description="De getallen erachter, toen het verteld werd.")
    levers: list[str] = Field(description="Hefbomen die nu uit staan en die elk alleen al zouden helpen.")
    next_date: date | None = Field(
        description="De eerste dag waarop het zwaarder gaat wegen.", json_schema_extra={"format": "date"}
    )
    about: dict[str, str | int | float] = Field(
        description="Waar het over gaat: student, vestiging, vak, groep of begeleider."
    )


class SignalsAnswer(Answer):
    """Een bladzijde van de signalen die nog lopen. `by_level` telt alle signalen die u mag zien."""

    model_config = shown(examples.SIGNALS)

    region: str
    version: int
    by_level: dict[SignalLevel, int]
    items: list[OpenSignal]
    next: str | None = Field(description="De `cursor` van de volgende bladzijde.")


class FairGroup(Answer):
    """Een groep studenten met een kenmerk, en wie daarvan geen plek heeft."""

    attribute: str
    value: str
    students: int
    unplaced: int
    share: float
    gap: float
    is_too_much: bool


class FairnessAnswer(Answer):
    """Welke groepen meer dan hun deel zonder plek zijn, de grootste achterstand eerst."""

    model_config = shown(examples.FAIRNESS)

    region: str
    version: int
    students: int
    unplaced: int
    share: float
    too_much_above: float
    groups: list[FairGroup]


class Limit(Answer):
    """Iets schaars, en wat één kwartier of plaats erbij hoogstens waard is."""

    thing: Literal["hours", "seats"]
    id: str
    period: str
    points: int


class Limits(Answer):
    """Wat voor deze student knelt, het duurste eerst; `skipped_s` als de prijzen te veel rekenwerk waren."""

    limits: list[Limit]
    skipped_s: int | None


class SwitchSearch(Answer):
    """Het zoeken naar een andere plek: wat beter moet, en wat er is aangeboden of in de weg staat."""

    status: Literal["offered", "impossible", "closed"]
    since: date
    wishes: list[str]
    obstacle: dict[str, Any] | None
    outcome: str | None
    kind: str | None
    placement: Placement | None
    answer_by: date | None


class Explanation(Answer):
    """Waar een student is, of waarom er geen plek is. Studenten van anderen worden geteld en niet genoemd."""

    model_config = shown(examples.EXPLANATION)

    student: str
    region: str
    version: int
    status: Literal["placed", "unplaced", "ended", "withdrawn"]
    since: date
    site: str | None
    lost_site: str | None
    placement: Placement | None = None
    unplaced: Unplaced | None = None
    switch: SwitchSearch | None
    pending: list[str] = Field(description="Wat nog wordt uitgerekend; vraag het over een paar seconden opnieuw.")
    failed: list[str] = Field(description="Wat niet uitgerekend kon worden; de fout is vastgelegd.")
    why: dict[str, Any] | None = Field(
        None,
        description="Van wie een plek heeft: reistijd, gemiste wensen, goedkopere plekken. Anders: wie de plekken heeft.",
    )
    limits: Limits | None = None
    levers: list[dict[str, Any]] | None = Field(
        None, description="Elke hefboom, opnieuw uitgerekend: helpt hij, waar, wat het kost en wie het merkt."
    )
    wishes: list[dict[str, Any]] | None = Field(
        None, description="Wat elke wens (en elke plek van `at`) kost, of de regel die hem verbiedt."
    )
