"""Minutes of travel between two points, and what they cost."""

from fractions import Fraction
from math import asin, ceil, cos, radians, sin, sqrt
from typing import Protocol

from services.matcher.domain.settings import Costs, Travel

EARTH_RADIUS_KM = 6371
NEAR_INTEGER = 1e-6


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


def travel_cost(costs: Costs, minutes: int) -> int:
    """Each minute costs the price of its stretch, those after the last stretch `beyond`."""
    total, start = 0, 0
    for end, price in costs.travel:
        total += price * max(0, min(minutes, end) - start)
        start = max(start, end)
    return total + costs.beyond * max(0, minutes - start)
