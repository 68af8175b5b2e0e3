"""Regions, sites, workplaces and supervisors to try capacity with."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.capacity.domain.regions import Region, RegionTerms
from services.capacity.domain.sites import SchoolSite
from shared.contracts.availability import Site, Supervisor, Workplace
from shared.contracts.placements import Placement, PlacementProposed, WpbShare
from shared.contracts.region import Norm, Period, RegionSettings
from shared.contracts.vocabulary import Sector, Tier

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
TODAY = date(2026, 11, 24)
AUTUMN = Period(id="2026-S1", start=date(2026, 8, 31), end=date(2027, 1, 29))
SPRING = Period(id="2026-S2", start=date(2027, 2, 1), end=date(2027, 7, 9))


def region_terms(**changes: Any) -> RegionTerms:
    """The terms of a region with two periods."""
    settings = RegionSettings(norms=(Norm(support=1, wpb=6, so=2, io=1),))
    return replace(RegionTerms("Regio Test", (), (AUTUMN, SPRING), settings), **changes)


def region(identifier: str = "NL-T01", **changes: Any) -> Region:
    """A region at its first version."""
    return Region(identifier, region_terms(**changes), 1)


def site(identifier: str = "01AB00", where: str = "NL-T01", **features: Any) -> SchoolSite:
    """A site as it is asked for; save it through the handler, or with a sequence of its own."""
    told = {"name": features.pop("name", "De Test"), "town": features.pop("town", "Zeist")}
    features = {"sector": Sector.SECONDARY, "lat": 52.1, "lon": 5.1, **features}
    return SchoolSite(where, Site(id=identifier, **features), **told)


def workplace(identifier: str = "w1", **offer: Any) -> Workplace:
    """A workplace with two seats."""
    return Workplace(**{"id": identifier, "site": "01AB00", "subject": "wiskunde", "seats": {"2026-S1": 2}, **offer})


def supervisor(identifier: str = "v1", **profile: Any) -> Supervisor:
    """Somebody who guides four hours a week."""
    offered = {
        "tier": Tier.WORKPLACE_SUPERVISOR,
        "sites": ("01AB00",),
        "subjects": ("wiskunde",),
        "qh": {"2026-S1": 16},
    }
    return Supervisor(**{"id": identifier, **offered, **profile})


def proposed(student: str = "s1", sequence: int = 1, **changes: Any) -> PlacementProposed:
    """A student placed at the test site and guided by v1, t1 and i1."""
    placement = {
        "student": student,
        "periods": ("2026-S1",),
        "workplace": "w1",
        "wpb": (WpbShare(supervisor="v1", qh=6),),
        "so": "t1",
        "io": "i1",
    }
    fields = {"region": "NL-T01", "site": "01AB00", **changes}
    return PlacementProposed(
        sequence=sequence,
        plan_version=1,
        institute="01VU",
        subject="wiskunde",
        travel_min=20,
        placement=Placement(**placement),
        **fields,
    )
