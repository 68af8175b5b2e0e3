"""What is answered about supply and demand, now and over time; the texts are those of the OpenAPI document."""

from datetime import date
from typing import Literal

from pydantic import Field

from services.matcher.entrypoints import http_examples as examples
from services.matcher.entrypoints.http_models import Answer, shown


class SpotFigures(Answer):
    """Vraag en aanbod van een vak in een sector op een school in een periode; zonder `site` in de hele regio."""

    sector: str
    subject: str
    site: str
    period: str
    seats: int = Field(description="Plaatsen.")
    taken: int = Field(description="Bezette plaatsen.")
    qh: int = Field(description="Kwartieren per week van wie hier kan begeleiden; iemand telt mee waar hij dat kan.")
    qh_used: int = Field(description="Kwartieren die het plan gebruikt.")
    students: int = Field(description="Studenten die dit vak vragen (hele regio) of hier geplaatst zijn (school).")
    unplaced: int = Field(description="Van die studenten zonder plek.")


class CapacityItem(SpotFigures):
    """Met wat één erbij waard is; leeg zolang dat nog niet is uitgerekend."""

    quarter_hour_worth: int | None = Field(description="Een kwartier per week erbij, hoogstens, in punten.")
    seat_worth: int | None = Field(description="Een plaats erbij, hoogstens, in punten.")


class TierItem(Answer):
    """Kwartieren per week van een laag van begeleiders in een periode."""

    tier: Literal["wpb", "so", "io"]
    period: str
    qh: int
    qh_used: int


class CapacityAnswer(Answer):
    """Vraag, aanbod en benutting, met de prijs van een kwartier en een plaats erbij."""

    model_config = shown(examples.CAPACITY)

    region: str
    version: int
    today: date
    prices_of_version: int | None = Field(description="Bij welke versie van het plan de prijzen horen.")
    prices_skipped_s: int | None = Field(
        description="Zo lang zou het rekenen aan de prijzen duren; daarom zijn ze er niet."
    )
    tiers: list[TierItem]
    items: list[CapacityItem]
    next: int | None = Field(description="De `offset` van de volgende bladzijde.")


class DayFigures(SpotFigures):
    """De stand aan het begin van een dag."""

    day: date


class TrendAnswer(Answer):
    """De stand aan het begin van elke dag, oudste eerst."""

    model_config = shown(examples.TREND)

    region: str
    version: int
    items: list[DayFigures]
