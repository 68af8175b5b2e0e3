"""Where things are: school sites in towns, homes near them, and which sites are near a point."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil, cos, hypot, radians

from services.matcher.domain.ids import SiteId
from services.matcher.domain.inventing.mixes import SECTORS, SMALL_SECTORS, STUDENTS_PER_SITE
from services.matcher.domain.inventing.wanted import MIDDLE, GivenSite, Wanted
from services.matcher.domain.region import Site
from services.matcher.domain.vocabulary import Sector, SiteRole

KM_PER_DEGREE = 111.2
CELL_KM = 5.0
MAX_SIDE_KM, KM_PER_ROOT_OF_SITES = 220.0, 3.6
SMALLEST_MIX = 100
"""Below so many students only primary and secondary schools take part."""
Point = tuple[float, float]


def sector_mix(wanted: Wanted) -> dict[Sector, int]:
    """Shares of the sectors that take part."""
    mix = SECTORS if wanted.students >= SMALLEST_MIX else SMALL_SECTORS
    given = {one.sector for one in wanted.sites}
    return {sector: share for sector, share in mix.items() if not given or sector in given}


def make_sites(draw: random.Random, wanted: Wanted) -> list[Site]:
    """Enough sites for the students: real ones round a random one where given, else invented ones in towns."""
    numbers = numbers_of_sites(wanted)
    if wanted.sites:
        return _given(draw, wanted.sites, numbers)
    total = sum(numbers.values())
    side = side_km(total)
    towns = [(draw.uniform(0, side), draw.uniform(0, side)) for _ in range(max(1, total // 40))]
    sites = []
    for number, sector in enumerate(sector for sector, count in numbers.items() for _ in range(count)):
        town = draw.choice(towns)
        km = _around(draw, town, 4) if draw.random() < 0.7 else (draw.uniform(0, side), draw.uniform(0, side))
        lat, lon = _degrees(km, side, wanted.middle)
        sites.append(_site(draw, SiteId(_brin(wanted.first_site + number)), sector, (lat, lon)))
    return sites


def _given(draw: random.Random, given: Sequence[GivenSite], numbers: dict[Sector, int]) -> list[Site]:
    ordered = sorted(given, key=lambda one: one.id)
    middle = draw.choice(ordered)
    point = (middle.lat, middle.lon)
    sites = []
    for sector, number in numbers.items():
        there = sorted((one for one in ordered if one.sector is sector), key=lambda one: distance_km(point, place(one)))
        sites += [_site(draw, SiteId(one.id), sector, place(one)) for one in there[:number]]
    return sites


def _site(draw: random.Random, name: SiteId, sector: Sector, point: Point) -> Site:
    most = 3 if sector is Sector.SO else draw.choices([3, 2, 1], [75, 20, 5])[0]
    return Site(name, sector, round(point[0], 5), round(point[1], 5), SiteRole.NONE, None, 0, most)


def _brin(number: int) -> str:
    letters = number // 90
    return f"{number % 90 + 10:02}{chr(65 + letters // 26 % 26)}{chr(65 + letters % 26)}00"


def home_near(draw: random.Random, sites: Sequence[Site]) -> Point:
    """A home some kilometres from a random site."""
    site = draw.choice(sites)
    x, y = _around(draw, (0, 0), 6)
    lat = site.lat + y / KM_PER_DEGREE
    return round(lat, 5), round(site.lon + x / (KM_PER_DEGREE * cos(radians(lat))), 5)


def _around(draw: random.Random, centre: Point, spread_km: float) -> Point:
    return draw.gauss(centre[0], spread_km), draw.gauss(centre[1], spread_km)


def _degrees(km: Point, side: float, middle: Point) -> Point:
    lat = middle[0] + (km[1] - side / 2) / KM_PER_DEGREE
    return lat, middle[1] + (km[0] - side / 2) / (KM_PER_DEGREE * cos(radians(middle[0])))


def numbers_of_sites(wanted: Wanted) -> dict[Sector, int]:
    """How many sites of each sector there are for so many students."""
    mix = sector_mix(wanted)
    return {
        sector: max(2, ceil(wanted.students * share / sum(mix.values()) / STUDENTS_PER_SITE[sector]))
        for sector, share in mix.items()
    }


def side_km(sites: int) -> float:
    """How wide the land is on which so many sites lie."""
    return float(min(MAX_SIDE_KM, KM_PER_ROOT_OF_SITES * sites**0.5))


def place(thing: GivenSite | Site) -> Point:
    """Latitude and longitude."""
    return thing.lat, thing.lon


def distance_km(a: Point, b: Point) -> float:
    """Nearly the distance, good enough to invent with; what is planted is judged by exact travel times."""
    return KM_PER_DEGREE * hypot(a[0] - b[0], (a[1] - b[1]) * cos(radians((a[0] + b[0]) / 2)))


class Near:
    """Finds the sites near a point without looking at all of them."""

    def __init__(self, sites: Iterable[Site]) -> None:
        """Sort the sites into cells."""
        self._cells: dict[tuple[int, int], list[Site]] = defaultdict(list)
        for site in sites:
            self._cells[_cell(place(site))].append(site)

    def within(self, point: Point, km: float) -> list[Site]:
        """The sites within so many kilometres, nearest first."""
        middle, reach = _cell(point), int(km / CELL_KM) + 2
        found = [
            (distance_km(point, place(site)), site.id, site)
            for row in range(middle[0] - reach, middle[0] + reach + 1)
            for column in range(middle[1] - reach, middle[1] + reach + 1)
            for site in self._cells.get((row, column), ())
        ]
        return [site for far, _, site in sorted(found, key=lambda one: one[:2]) if far <= km]


def _cell(point: Point) -> tuple[int, int]:
    return int(point[0] * KM_PER_DEGREE / CELL_KM), int(point[1] * KM_PER_DEGREE * cos(radians(MIDDLE[0])) / CELL_KM)
