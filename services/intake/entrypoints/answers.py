"""What intake answers, for the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from services.intake.domain.columns import ImportKind
from services.intake.domain.decisions import Verdict
from services.intake.domain.imports import ImportStatus
from services.intake.domain.imports import Verdict as RowVerdictKind
from services.intake.domain.registrations import RegistrationStatus
from shared.contracts.registrations import Mismatch, PeriodSet, Student
from shared.contracts.vocabulary import Contract, DeclineReason, EntityId, InstituteId, RegionId, Sequence

Next = Annotated[EntityId | None, Field(description="Stuur dit als `cursor` mee voor de volgende bladzijde.")]
Told = Annotated[
    dict[str, Any] | None,
    Field(
        description="`status`, en verder de inhoud van het laatste bericht hierover; de AsyncAPI beschrijft elk bericht."
    ),
]


class RegistrationAnswer(Contract):
    """Een inschrijving; `place` is wat het plan het laatst over de student zei."""

    id: EntityId
    region: RegionId
    reference: str | None
    status: RegistrationStatus
    sequence: Sequence
    student: Student
    place: Told = None


class Doubt(Contract):
    """Iets om nog eens na te kijken; de inschrijving is wel bewaard."""

    pointer: Annotated[str, Field(description="Het veld in het bericht (JSON Pointer).", examples=["/subject"])]
    detail: str


class KeptAnswer(RegistrationAnswer):
    """Een inschrijving die net is gemaakt of gewijzigd."""

    warnings: Annotated[
        list[Doubt],
        Field(
            description="Wat opviel, zoals een vak dat niemand in de regio aanbiedt: misschien een tikfout. Leeg als niets opviel."
        ),
    ]


class ExportAnswer(Contract):
    """Alles over één student, per plek waar het ligt; `changes` zegt wie wat deed, en wanneer."""

    registration: RegistrationAnswer
    student_place: list[dict[str, Any]]
    student_switch: list[dict[str, Any]]
    institute_decision: list[dict[str, Any]]
    mismatch: list[dict[str, Any]]
    imports: list[dict[str, Any]]
    webhooks: list[dict[str, Any]]
    changes: list[dict[str, Any]]


class RegistrationPage(Contract):
    """Een bladzijde met inschrijvingen."""

    items: list[RegistrationAnswer]
    next: Next


class MismatchAnswer(Mismatch):
    """Een gemelde mismatch."""

    region: RegionId
    status: Literal["open", "withdrawn"]
    sequence: Sequence


class MismatchPage(Contract):
    """Een bladzijde met meldingen."""

    items: list[MismatchAnswer]
    next: Next


class DecisionAnswer(Contract):
    """Wat de opleiding het laatst besloot."""

    decision: Verdict
    region: RegionId
    sequence: Sequence
    student: EntityId
    institute: InstituteId
    workplace: EntityId
    periods: PeriodSet
    refused: list[EntityId]
    offer: Sequence | None
    reason: DeclineReason | None = None


class Links(Contract):
    """Waar meer te lezen is."""

    explanation: Annotated[
        str | None, Field(description="Waarom de student daar is, of nergens; als deze installatie dat adres kent.")
    ]


class PlacementAnswer(Contract):
    """Wat er van een student werd: `state`, de plaats, een aanbod van een andere, en uw laatste besluit."""

    id: EntityId
    student: EntityId
    reference: str | None
    region: RegionId
    state: Literal["waiting", "placed", "unplaced", "ended", "withdrawn"]
    place: Told
    switch: Told
    decision: DecisionAnswer | None
    links: Links


class PlacementPage(Contract):
    """Een bladzijde met studenten en wat er van hen werd."""

    items: list[PlacementAnswer]
    next: Next


class ImportAnswer(Contract):
    """Een bestand: hoeveel rijen, hoeveel daarvan klaar zijn, en hoe vaak welk oordeel."""

    id: EntityId
    kind: ImportKind
    region: RegionId | None
    status: ImportStatus
    rows: Annotated[int, Field(ge=0)]
    done: Annotated[int, Field(ge=0)]
    counts: dict[RowVerdictKind, int]
    warnings: Annotated[
        int, Field(ge=0, description="Hoeveel rijen wel zijn verwerkt, maar iets hebben om na te kijken.")
    ]
    cleared: Annotated[int, Field(ge=0, description="Hoeveel lege cellen iets leegmaakten dat bekend was.")]
    created_at: datetime
    finished_at: datetime | None


class ImportPage(Contract):
    """Een bladzijde met bestanden."""

    items: list[ImportAnswer]
    next: Next


class CellError(Contract):
    """Wat er aan een cel mankeert; zonder kolom gaat het over de hele rij."""

    column: str | None
    detail: str


class RowAnswer(Contract):
    """Wat er van een rij werd; `row` is de regel in het bestand."""

    row: Annotated[int, Field(ge=1)]
    verdict: RowVerdictKind
    student: EntityId | None
    errors: list[CellError]
    warnings: Annotated[
        list[CellError], Field(description="Wat opviel aan een rij die wel is verwerkt: kijk het nog eens na.")
    ]


class RowsPage(Contract):
    """Een bladzijde met rijen."""

    items: list[RowAnswer]
    next: Annotated[int | None, Field(description="Stuur dit als `cursor` mee voor de volgende bladzijde.")]


class EventAnswer(Contract):
    """Over wie een event gaat."""

    id: str
    source: str
    student: EntityId
    mismatch: EntityId | None = None


class EventOfBatch(Contract):
    """De status van één event, zoals het alleen gestuurd ook zou krijgen."""

    id: str | None
    source: str | None
    status: int
    student: EntityId | None = None
    mismatch: EntityId | None = None
    problem: dict[str, Any] | None = None


class EventsAnswer(Contract):
    """Elk event van een batch, in volgorde."""

    items: list[EventOfBatch]
