"""Rows of capacity's tables from and to what the domain holds."""

from collections.abc import Mapping

from services.capacity.adapters.tables import (
    OfferRow,
    PlacementRow,
    RegionRow,
    SchoolDecisionRow,
    SiteRow,
    SupervisorRow,
    WorkplaceRow,
)
from services.capacity.domain.decisions import Decision, Offer, Place
from services.capacity.domain.regions import Region, RegionTerms, region_changed
from services.capacity.domain.sites import OfferedWorkplace, SchoolSite
from services.capacity.domain.supervisors import SupervisorRecord
from shared.audited import Change
from shared.contracts.availability import PlacementAccepted, PlacementRefused, Site, Supervisor, Workplace
from shared.contracts.region import RegionChanged
from shared.persistence.tables import AuditRow


def region_of(row: RegionRow) -> Region:
    """The terms are stored as the event that told them, so that one reader understands both."""
    return Region(row.id, terms_of(row.body), row.sequence, row.day, row.day_sequence)


def terms_of(body: Mapping[str, object]) -> RegionTerms:
    """The terms from how they are stored, now or in an earlier version."""
    held = RegionChanged.model_validate(body)
    return RegionTerms(held.name, held.institutes, held.periods, held.settings)


def fill_region(row: RegionRow, region: Region) -> None:
    """Writes a region into its row."""
    row.sequence, row.body = (
        region.sequence,
        region_changed(region.id, region.sequence, region.terms).model_dump(mode="json"),
    )
    row.day, row.day_sequence = region.day, region.day_sequence


def site_of(row: SiteRow) -> SchoolSite:
    """A site from its row."""
    return SchoolSite(row.region, Site.model_validate(row.body), row.name, row.town, row.sequence, row.board)


def fill_site(row: SiteRow, site: SchoolSite) -> None:
    """Writes a site into its row."""
    row.core, row.board, row.name, row.town = site.site.core, site.board, site.name, site.town
    row.sequence, row.body = site.sequence, site.site.model_dump(mode="json")


def workplace_of(row: WorkplaceRow) -> OfferedWorkplace:
    """A workplace from its row."""
    return OfferedWorkplace(row.region, Workplace.model_validate(row.body), row.sequence)


def supervisor_of(row: SupervisorRow) -> SupervisorRecord:
    """A supervisor from their row, without the name."""
    supervisor = Supervisor.model_validate(row.body)
    return SupervisorRecord(row.region, supervisor, row.sequence, is_erased=row.erased_at is not None)


def place_of(row: PlacementRow) -> Place:
    """A place from its row."""
    body = row.body
    return Place(
        row.student,
        row.region,
        row.sequence,
        row.site,
        str(body["workplace"]),
        _texts(body["periods"]),
        _texts(body["guides"]),
        str(body["state"]),
        row.lost_site,
    )


def place_row(place: Place) -> dict[str, object]:
    """The row of a place."""
    return {
        "student": place.student,
        "region": place.region,
        "sequence": place.sequence,
        "site": place.site,
        "lost_site": place.lost_site,
        "body": {
            "workplace": place.workplace,
            "periods": list(place.periods),
            "guides": list(place.guides),
            "state": place.state,
        },
    }


def offer_of(row: OfferRow) -> Offer:
    """An offer from its row."""
    body = row.body
    where = (row.site, str(body["workplace"]), _texts(body["periods"]))
    return Offer(row.student, str(body["region"]), row.sequence, *where, str(body["answer_by"]))


def fill_offer(row: OfferRow, offer: Offer) -> None:
    """Writes an offer into its row."""
    row.sequence, row.site = offer.sequence, offer.site
    row.body = {
        "region": offer.region,
        "workplace": offer.workplace,
        "periods": list(offer.periods),
        "answer_by": offer.answer_by,
    }


def decision_of(row: SchoolDecisionRow) -> Decision:
    """A decision from its row."""
    model = PlacementAccepted if row.verdict == "accept" else PlacementRefused
    return Decision(model.model_validate(row.body))


def change_of(row: AuditRow) -> Change:
    """A change from its audit row."""
    return Change(row.at, row.actor, row.action, row.aggregate, row.sequence)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
