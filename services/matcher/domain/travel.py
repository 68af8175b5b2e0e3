"""Minutes of travel between two points, and what they cost."""

from dataclasses import dataclass
from fractions import Fraction
from math import asin, ceil, cos, degrees, inf, radians, sin, sqrt
from typing import Protocol

from services.matcher.domain.settings import Costs, Travel

EARTH_RADIUS_KM = 6371
NEAR_INTEGER = 1e-6
NEARLY = 0.01
"""Minutes by which a box is larger than it need be, whatever is lost in floats."""


class Located(Protocol):
    """Anything with a latitude and longitude in degrees."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


def great_circle_km(a: Located, b: Located) -> float:
    """The distance over the earth's surface (haversine)."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(b.lon - a.lon) / 2
    h = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(h)))


def travel_minutes(travel: Travel, a: Located, b: Located) -> int:
    """Base plus minutes per kilometre, rounded up; the settings count as the decimals that were written."""
    km = great_circle_km(a, b)
    quick = float(travel.base_min) + float(travel.per_km_min) * km
    if abs(quick - round(quick)) > NEAR_INTEGER:
        return ceil(quick)
    return ceil(Fraction(travel.base_min) + Fraction(travel.per_km_min) * Fraction(km))


@dataclass(frozen=True, slots=True)
class Box:
    """What lies outside these degrees of latitude, or farther east or west than this, is out of reach; within it may be."""

    south: float
    north: float
    lon: float
    most_east: float

    def has_lon(self, lon: float) -> bool:
        """Whether somewhere within these latitudes may be in reach."""
        apart = abs(lon - self.lon)
        return min(apart, 360 - apart) <= self.most_east


def within(travel: Travel, point: Located, limit_min: int) -> Box:
    """The box around a point outside which every journey takes longer than the limit; it need not be small."""
    spare = limit_min - float(travel.base_min) + NEARLY
    per_km = float(travel.per_km_min)
    km = inf if per_km == 0 and spare >= 0 else -1.0 if spare < 0 else spare / per_km
    most = degrees(km / EARTH_RADIUS_KM)
    south, north = point.lat - most, point.lat + most
    narrow = cos(radians(min(90.0, max(abs(south), abs(north)))))
    half = km / (2 * EARTH_RADIUS_KM)
    most_east = degrees(2 * asin(half / narrow)) if 0 <= half < narrow else -1.0 if half < 0 else 180.0
    return Box(south, north, point.lon, most_east)


def travel_cost(costs: Costs, minutes: int) -> int:
    """Each minute costs the price of its stretch, those after the last stretch `beyond`."""
    total, start = 0, 0
    for end, price in costs.travel:
        total += price * max(0, min(minutes, end) - start)
        start = max(start, end)
    return total + costs.beyond * max(0, minutes - start)
