"""What capacity answers, for the OpenAPI document."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from services.capacity.domain.decisions import Verdict as DecisionVerdict
from services.capacity.handlers.keeping_rows import Outcome
from shared.contracts.availability import Site, Supervisor, Workplace
from shared.contracts.region import Period, RegionSettings
from shared.contracts.registrations import PeriodSet
from shared.contracts.vocabulary import (
    Contract,
    Day,
    EntityId,
    InstituteId,
    PlacementState,
    RefusalReason,
    RegionId,
    Sequence,
    SiteId,
)

Next = Annotated[EntityId | None, Field(description="Stuur dit als `cursor` mee voor de volgende bladzijde.")]


class RegionAnswer(Contract):
    """Een regio met haar instellingen; `day` is de dag waarop zij is, null voor de eerste."""

    region: RegionId
    sequence: Sequence
    name: str
    institutes: list[InstituteId]
    periods: list[Period]
    settings: RegionSettings
    day: Day | None


class ListedRegion(RegionAnswer):
    """Een regio in een lijst."""

    id: RegionId


class RegionPage(Contract):
    """Een bladzijde met regio's."""

    items: list[ListedRegion]
    next: Next


class DayAnswer(Contract):
    """De dag waarop een regio nu is."""

    region: RegionId
    day: Day
    sequence: Sequence


class SiteAnswer(Contract):
    """Een vestiging; `board` is het nummer van het bestuur, null als dat niet is doorgegeven."""

    region: RegionId
    sequence: Sequence
    site: Site
    name: str
    town: str
    board: str | None


class ListedSite(SiteAnswer):
    """Een vestiging in een lijst."""

    id: SiteId


class SitePage(Contract):
    """Een bladzijde met vestigingen."""

    items: list[ListedSite]
    next: Next


class WorkplaceAnswer(Contract):
    """Een leerwerkplek."""

    id: EntityId
    region: RegionId
    sequence: Sequence
    workplace: Workplace


class WorkplacePage(Contract):
    """Een bladzijde met leerwerkplekken."""

    items: list[WorkplaceAnswer]
    next: Next


class SupervisorAnswer(Contract):
    """Een begeleider zonder naam; `erased` als die is gewist."""

    id: EntityId
    region: RegionId
    sequence: Sequence
    supervisor: Supervisor
    erased: bool


class NamedSupervisorAnswer(SupervisorAnswer):
    """Een begeleider met de naam als die bekend is, en hoeveel studenten die nu begeleidt."""

    name: str | None
    students: Annotated[int, Field(ge=0)]


class NamedSupervisors(Contract):
    """De begeleiders van een vestiging."""

    items: list[NamedSupervisorAnswer]


class SupervisorPage(Contract):
    """Een bladzijde met begeleiders; met de naam als één vestiging is gevraagd."""

    items: list[NamedSupervisorAnswer | SupervisorAnswer]
    next: Next


class SupervisorChange(Contract):
    """Een wijziging: wie wat deed, en wanneer."""

    at: datetime
    by: str
    what: str
    sequence: Annotated[int, Field(ge=0)]


class SupervisorExport(Contract):
    """Alles over één begeleider: nu, eerdere versies, hoeveel studenten, en wie wat wijzigde."""

    supervisor: NamedSupervisorAnswer
    versions: list[dict[str, Any]]
    students: Annotated[int, Field(ge=0)]
    changes: list[SupervisorChange]


class PlacedStudent(Contract):
    """Een student die op een vestiging geplaatst is, en wie die begeleiden."""

    student: EntityId
    workplace: EntityId
    periods: PeriodSet
    state: PlacementState
    guides: list[EntityId]


class PlacedStudents(Contract):
    """Wie op een vestiging geplaatst is."""

    items: list[PlacedStudent]


class OfferAnswer(Contract):
    """Een plaats die is aangeboden aan een student die elders zit; `offer` is het nummer voor uw besluit."""

    student: EntityId
    offer: Sequence
    workplace: EntityId
    periods: PeriodSet
    answer_by: date


class Offers(Contract):
    """De plaatsen van een vestiging die zijn aangeboden."""

    items: list[OfferAnswer]


class DecisionAnswer(Contract):
    """Wat de school het laatst besloot; `refused` zijn de leerwerkplekken waar deze student eerder is geweigerd."""

    decision: DecisionVerdict
    region: RegionId
    sequence: Sequence
    student: EntityId
    site: SiteId
    workplace: EntityId
    periods: PeriodSet
    refused: list[EntityId]
    offer: Sequence | None
    reason: RefusalReason | None = None


class ChangeAnswer(Contract):
    """Een wijziging bij een vestiging: wie, wanneer, wat voor een, en waarvan."""

    at: datetime
    by: str
    type: str
    about: Annotated[str, Field(examples=["supervisor/0199a2b4-7c11-7def-8a12-0000000000c9"])]
    sequence: Annotated[int, Field(ge=0)]


class ChangesAnswer(Contract):
    """De laatste wijzigingen bij een vestiging, de nieuwste eerst."""

    items: list[ChangeAnswer]


class RowAnswer(Contract):
    """Wat er van een regel werd; van een foute is `field` waar en `detail` wat."""

    row: Annotated[int, Field(ge=1)]
    outcome: Outcome
    id: EntityId | None
    field: str
    detail: str
    cleared: Annotated[int, Field(ge=0, description="Hoeveel lege cellen iets leegmaakten dat bekend was.")]


class RowsAnswer(Contract):
    """Elke regel met haar oordeel, en hoe vaak elk oordeel voorkomt."""

    counts: dict[Outcome, int]
    cleared: Annotated[int, Field(ge=0, description="Hoeveel lege cellen bij elkaar iets leegmaakten dat bekend was.")]
    items: list[RowAnswer]


class EventAnswer(Contract):
    """Over wat een event gaat."""

    id: str
    source: str
    site: SiteId | None = None
    workplace: EntityId | None = None
    supervisor: EntityId | None = None
    student: EntityId | None = None


class EventOfBatch(Contract):
    """De status van één event, zoals het alleen gestuurd ook zou krijgen."""

    id: str | None
    source: str | None
    status: int
    site: SiteId | None = None
    workplace: EntityId | None = None
    supervisor: EntityId | None = None
    student: EntityId | None = None
    problem: dict[str, Any] | None = None


class EventsAnswer(Contract):
    """Elk event van een batch, in volgorde."""

    items: list[EventOfBatch]
