"""The bodies of capacity's requests and answers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.regions import Region, RegionTerms
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import SupervisorRecord
from shared.contracts.availability import Site, SiteProfile, Supervisor, SupervisorProfile
from shared.contracts.region import Period, RegionSettings
from shared.contracts.vocabulary import (
    BoardId,
    Contract,
    Day,
    InstituteId,
    PlainText,
    RefusalReason,
    RegionId,
    Sequence,
)

PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f<>]+$")
]


class RegionBody(Contract):
    """A region: its name, institutes (empty: any), periods and settings."""

    name: Annotated[PlainText, Field(min_length=1, max_length=120)]
    institutes: tuple[InstituteId, ...] = ()
    periods: Annotated[tuple[Period, ...], Field(min_length=1)]
    settings: RegionSettings

    def terms(self) -> RegionTerms:
        """As the domain knows them."""
        return RegionTerms(self.name, self.institutes, self.periods, self.settings)


class DayBody(Contract):
    """The day that starts."""

    day: Day


class SiteBody(SiteProfile):
    """A school location; its id is in the path."""

    region: RegionId
    name: Annotated[PlainText, Field(max_length=200)] = ""
    town: Annotated[PlainText, Field(max_length=120)] = ""
    board: BoardId | None = Field(
        None,
        description="Het bestuur: vijf cijfers. Weggelaten of null: het blijft zoals het is. Een ander bestuur geeft alleen de beheerder hier op; de regio doet dat met `PUT /v1/sites/{site}/board`. Wie het aangaat krijgt bericht.",
    )

    def site(self, identifier: str) -> SchoolSite:
        """As the domain knows it."""
        fields = {name: getattr(self, name) for name in SiteProfile.model_fields}
        return SchoolSite(self.region, Site(id=identifier, **fields), self.name, self.town, board=self.board)


class BoardBody(Contract):
    """Who governs a site: five digits, null for nobody that is known."""

    board: Annotated[str, Field(pattern=r"^\d{5}$")] | None


class SupervisorBody(SupervisorProfile):
    """What a supervisor offers; a name that is left out stays as it was."""

    name: PersonName | None = None

    def profile(self) -> SupervisorProfile:
        """Without the name, which never leaves this service."""
        return SupervisorProfile(**{name: getattr(self, name) for name in SupervisorProfile.model_fields})


class NewSupervisor(SupervisorBody):
    """A supervisor to be registered in a region."""

    region: RegionId

    def supervisor(self, identifier: str) -> Supervisor:
        """As the plan sees them."""
        return Supervisor(id=identifier, **self.profile().model_dump())


class ReturnBody(Contract):
    """The first day on which the supervisor guides again."""

    on: date


class DepartureBody(Contract):
    """The first day on which the supervisor no longer works there; null when they stay after all."""

    departs: date | None


class DecisionBody(Contract):
    """What the school decides; a refusal has a reason from the closed list."""

    decision: Literal["accept", "refuse"]
    reason: RefusalReason | None = None
    offer: Sequence | None = Field(
        None, description="Het nummer van het aanbod van een andere plaats, als dit daarop antwoordt."
    )


def region_body(region: Region) -> dict[str, object]:
    """A region as it is answered, with the day it is on."""
    terms = region.terms
    return {
        "region": region.id,
        "sequence": region.sequence,
        "name": terms.name,
        "institutes": list(terms.institutes),
        "periods": [period.model_dump(mode="json") for period in terms.periods],
        "settings": terms.settings.model_dump(mode="json"),
        "day": region.day.isoformat() if region.day else None,
    }


def site_body(site: SchoolSite) -> dict[str, object]:
    """A site as it is answered."""
    return {
        "region": site.region,
        "sequence": site.sequence,
        "site": site.site.model_dump(mode="json"),
        "name": site.name,
        "town": site.town,
        "board": site.board,
    }


def workplace_body(workplace: OfferedWorkplace) -> dict[str, object]:
    """A workplace as it is answered."""
    held = workplace.workplace
    return {
        "id": held.id,
        "region": workplace.region,
        "sequence": workplace.sequence,
        "workplace": held.model_dump(mode="json"),
    }


def supervisor_body(record: SupervisorRecord) -> dict[str, object]:
    """A supervisor as a change is answered: without the name, since answers are kept to be given again."""
    return {
        "id": record.supervisor.id,
        "region": record.region,
        "sequence": record.sequence,
        "supervisor": record.supervisor.model_dump(mode="json"),
        "erased": record.is_erased,
    }


def named_supervisor_body(record: SupervisorRecord, name: str | None, students: int) -> dict[str, object]:
    """A supervisor as the own school reads them: with the name, and how many students they guide now."""
    return {**supervisor_body(record), "name": name, "students": students}


def place_body(place: Place) -> dict[str, object]:
    """A student placed at a site, as the school reads it."""
    return {
        "student": place.student,
        "workplace": place.workplace,
        "periods": list(place.periods),
        "state": place.state,
        "guides": list(place.guides),
    }


def offer_body(offer: Offer) -> dict[str, object]:
    """A place that is offered to a student who has another, as the school reads it."""
    return {
        "student": offer.student,
        "offer": offer.sequence,
        "workplace": offer.workplace,
        "periods": list(offer.periods),
        "answer_by": offer.answer_by,
    }


def decision_body(decision: Decision) -> dict[str, object]:
    """A decision as it is answered."""
    return {"decision": decision.verdict, **decision.event.model_dump(mode="json")}
