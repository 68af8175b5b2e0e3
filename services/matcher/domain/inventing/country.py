"""Invents a country: regions side by side, each with what is asked scarce, and students and people who can cross a border."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from math import ceil, cos, radians
from typing import TypeVar

from services.matcher.domain.ids import RegionId
from services.matcher.domain.inventing import land
from services.matcher.domain.inventing.invent import Invented, invent
from services.matcher.domain.inventing.wanted import Wanted
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region, Site

K = TypeVar("K")
V = TypeVar("V")
BETWEEN_KM = 20.0
"""Open land between two regions, so that some of their students, but not most, can reach a school beyond the border."""


def invent_country(wanted: Wanted, regions: int) -> Invented:
    """Regions of about as many students each, in one file; the same wish gives the same country."""
    made = [invent(one) for one in _regions_of(wanted, regions)]
    parts = [one.region for one in made]
    limit = max(one.settings.travel.limit_min for one in parts)
    travel = replace(parts[0].settings.travel, limit_min=limit)
    country = Region(
        id=RegionId(wanted.region),
        today=parts[0].today,
        settings=replace(parts[0].settings, travel=travel, seed=wanted.seed),
        periods={key: one for part in parts for key, one in sorted(part.periods.items())},
        sites={key: _of_region(one, part) for part in parts for key, one in part.sites.items()},
        workplaces=_joined(part.workplaces for part in parts),
        supervisors=_joined(part.supervisors for part in parts),
        students=_joined(part.students for part in parts),
        placements=tuple(chain.from_iterable(part.placements for part in parts)),
    )
    placements = chain.from_iterable(one.planted.placements for one in made)
    return Invented(country, Plan(country.id, country.today, tuple(placements)))


def _joined(tables: Iterator[Mapping[K, V]]) -> dict[K, V]:
    return {key: thing for table in tables for key, thing in table.items()}


def _of_region(site: Site, region: Region) -> Site:
    return replace(site, region=region.id)


def _regions_of(wanted: Wanted, regions: int) -> Iterator[Wanted]:
    """What is wanted of each region: a square of the map, and ids of its own."""
    width, first_site = len(str(regions)), 0
    columns = ceil(regions**0.5)
    for number in range(regions):
        students = wanted.students // regions + (number < wanted.students % regions)
        mark = f"{number + 1:0{width}}"
        name, seed = f"{wanted.region}-R{mark}", wanted.seed * regions + number
        part = replace(wanted, students=students, region=name, seed=seed, mark=f"{mark}-", first_site=first_site)
        sites = sum(land.numbers_of_sites(part).values())
        first_site += sites
        pitch = (land.side_km(sites) + BETWEEN_KM) / land.KM_PER_DEGREE
        row, column = divmod(number, columns)
        lat = wanted.middle[0] + (row - (columns - 1) / 2) * pitch
        lon = wanted.middle[1] + (column - (columns - 1) / 2) * pitch / cos(radians(wanted.middle[0]))
        yield replace(part, middle=(lat, lon))
