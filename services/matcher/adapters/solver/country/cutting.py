"""Which part of a country each site is in: the region that it names, or a piece of the map where there are too many students."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from services.matcher.domain.ids import SiteId
from services.matcher.domain.region import Region, Site
from services.matcher.domain.vocabulary import SiteRole

WHOLE, LARGEST, PIECE = 2_500, 5_000, 3_000
"""Up to so many students a file is solved as one, whatever it names; a region of more than so many is cut, into pieces of so many."""
Weighed = tuple[Site, float]


def is_country(region: Region) -> bool:
    """Too large to be solved as one: several regions, or one of too many students."""
    students = len(region.students)
    return students > LARGEST or (students > WHOLE and len({one.region for one in region.sites.values()}) > 1)


def parts_of(region: Region) -> dict[str, list[SiteId]]:
    """The sites of each part, by the names of the parts in order; a shell is where its core is."""
    named: dict[str, list[Site]] = defaultdict(list)
    for site in sorted(region.sites.values(), key=lambda one: one.id):
        named[site.region or region.id].append(site)
    seats = _seats(region)
    each = len(region.students) / max(1.0, sum(seats.values()))
    found: dict[str, list[SiteId]] = {}
    for name, sites in sorted(named.items()):
        weighed = [(site, each * seats[site.id]) for site in sites]
        pieces = list(_pieces(weighed)) if sum(weight for _, weight in weighed) > LARGEST else [sites]
        for number, piece in enumerate(pieces, 1):
            found[name if len(pieces) == 1 else f"{name}/{number}"] = [one.id for one in piece]
    return _shells_with_cores(region, found)


def _seats(region: Region) -> dict[SiteId, float]:
    """The most seats in a period, per site."""
    seats = dict.fromkeys(region.sites, 0.0)
    for one in region.workplaces.values():
        if one.site in seats:
            seats[one.site] += max(one.seats.values(), default=0)
    return seats


def _pieces(weighed: Sequence[Weighed]) -> Iterator[list[Site]]:
    """Cut across the longer side, as evenly as sites allow, until every piece is small enough."""
    total = sum(weight for _, weight in weighed)
    if total <= PIECE or len(weighed) < 2:
        yield [site for site, _ in weighed]
        return
    lats, lons = [site.lat for site, _ in weighed], [site.lon for site, _ in weighed]
    is_tall = max(lats) - min(lats) > (max(lons) - min(lons)) * 0.6  # a degree of longitude is that much shorter here
    ordered = sorted(weighed, key=lambda one: (one[0].lat if is_tall else one[0].lon, one[0].id))
    passed, cut = 0.0, 1
    for number, (_, weight) in enumerate(ordered[:-1], 1):
        passed += weight
        cut = number
        if passed >= total / 2:
            break
    yield from _pieces(ordered[:cut])
    yield from _pieces(ordered[cut:])


def _shells_with_cores(region: Region, parts: dict[str, list[SiteId]]) -> dict[str, list[SiteId]]:
    part_of = {site: name for name, sites in parts.items() for site in sites}
    found: dict[str, list[SiteId]] = {name: [] for name in parts}
    for key in sorted(region.sites):
        site = region.sites[key]
        leader = site.core if site.role is SiteRole.SHELL and site.core in part_of and not site.region else key
        found[part_of[leader or key]].append(key)
    return {name: sites for name, sites in found.items() if sites}
