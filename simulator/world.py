"""A whole invented region: what its institutes and schools would send to Leerplek."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared.contracts.availability import Site, WorkplaceOffer
from shared.contracts.registrations import StudentNeeds
from shared.contracts.vocabulary import Sector, SiteRole
from simulator.catalogue import INSTITUTES, PERIOD_SETS, PHASES, ROUTES, SUBJECTS, SUPPORT, Institute
from simulator.guidance import Colleague, guidance_for
from simulator.schools import School
from simulator.year import Year

T = TypeVar("T")
OUT_OF_SCHOOLS = 8
"""Students per school site."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Who gets mail for an organisation in a role; every address is one of example.org."""

    organisation: str
    role: str
    email: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class World:
    """A region with everything in it, in the words of the contracts."""

    region: str
    name: str
    year: Year
    institutes: tuple[Institute, ...]
    schools: Mapping[str, School]
    sites: Sequence[Site]
    workplaces: Sequence[WorkplaceOffer]
    supervisors: Sequence[Colleague]
    students: Sequence[StudentNeeds]
    contacts: Sequence[Contact]
    rng: random.Random
    """What is drawn later, for the week that is played."""

    def another_student(self) -> StudentNeeds:
        """Somebody who asks a place later than the others."""
        return draw_student(self.rng, list(self.schools.values()), self.institutes, self.year).needs


def sites_wanted(students: int) -> int:
    """How many school sites such a number of students asks for."""
    return max(12, round(students / OUT_OF_SCHOOLS))


@dataclass(frozen=True, slots=True)
class Named:
    """What a region is called, and when it is."""

    region: str
    name: str
    year: Year


def build_world(named: Named, schools: Sequence[School], students: int, rng: random.Random) -> World:
    """Invents people and offers around these schools, such that hours of guidance are what is scarce."""
    institutes = _nearest_institutes(schools)
    clusters = _clusters(schools)
    asked = [draw_student(rng, schools, institutes, named.year) for _ in range(students)]
    offer = guidance_for(rng, clusters, institutes, asked, named.year.names)
    return World(
        named.region,
        named.name,
        named.year,
        institutes,
        {school.id: school for school in schools},
        _sites(clusters, rng),
        offer.workplaces,
        offer.colleagues,
        [each.needs for each in asked],
        _contacts(named.region, institutes, schools),
        rng,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A student and the school near which they live."""

    needs: StudentNeeds
    near: School


def draw_student(rng: random.Random, schools: Sequence[School], institutes: Sequence[Institute], year: Year) -> Asked:
    """A student who lives near one of the schools."""
    sector = Sector.SECONDARY if rng.random() < 0.45 else Sector.PRIMARY
    near = _weighted(rng, {school: school.pupils for school in schools if school.sector is sector})
    wishes = [school.id for school in schools if school.sector is sector and school.town == near.town][:2]
    needs = StudentNeeds(
        institute=rng.choice([each.id for each in institutes if sector in each.sectors]),
        route=_weighted(rng, ROUTES),
        phase=_weighted(rng, PHASES[sector]),
        support=_weighted(rng, SUPPORT),
        sector=sector,
        subject=_weighted(rng, SUBJECTS[sector]),
        lat=round(near.lat + rng.gauss(0, 0.035), 4),
        lon=round(near.lon + rng.gauss(0, 0.055), 4),
        period_sets=year.sets(_weighted(rng, PERIOD_SETS)),
        wishes=tuple(wishes) if rng.random() < 0.25 else (),
        max_travel_min=60 if rng.random() < 0.1 else None,
    )
    return Asked(needs, near)


def _weighted(rng: random.Random, weights: Mapping[T, int]) -> T:
    return rng.choices(list(weights), list(weights.values()))[0]


def _nearest_institutes(schools: Sequence[School]) -> tuple[Institute, ...]:
    """The two nearest to the middle of the region for each sector."""
    lat = sum(school.lat for school in schools) / len(schools)
    lon = sum(school.lon for school in schools) / len(schools)
    nearest = sorted(INSTITUTES, key=lambda each: (each.lat - lat) ** 2 + (0.615 * (each.lon - lon)) ** 2)
    chosen = {
        each.id: each
        for sector in (Sector.PRIMARY, Sector.SECONDARY)
        for each in [one for one in nearest if sector in one.sectors][:2]
    }
    return tuple(sorted(chosen.values(), key=lambda each: each.id))


def _clusters(schools: Sequence[School]) -> list[list[School]]:
    """Neighbouring schools of one sector, two or three together: they share a school trainer."""
    clusters = []
    for sector in (Sector.PRIMARY, Sector.SECONDARY):
        left = [school for school in schools if school.sector is sector]
        while left:
            first = left.pop(0)
            left.sort(key=lambda each: (each.lat - first.lat) ** 2 + (0.615 * (each.lon - first.lon)) ** 2)
            clusters.append([first, *left[:2]])
            left = sorted(left[2:], key=lambda each: each.id)
    return clusters


def _sites(clusters: Sequence[Sequence[School]], rng: random.Random) -> list[Site]:
    """Core schools first: a shell school names a core that must be there."""
    cores: list[Site] = []
    others: list[Site] = []
    for cluster in clusters:
        has_core = len(cluster) > 1 and rng.random() < 0.5
        for number, school in enumerate(cluster):
            role = SiteRole.NONE if not has_core else SiteRole.SHELL if number else SiteRole.CORE
            core = cluster[0].id if role is SiteRole.SHELL else None
            site = Site(id=school.id, sector=school.sector, lat=school.lat, lon=school.lon, role=role, core=core)
            (cores if role is SiteRole.CORE else others).append(site)
    return cores + others


def _contacts(region: str, institutes: Sequence[Institute], schools: Sequence[School]) -> list[Contact]:
    """Everybody who gets mail, but for one school in ten: for those the programme manager is told that nobody is known."""
    known = [(region, "programme-manager", "programma@regio.example.org", "Programmamanager")]
    for institute in institutes:
        address = f"stagebureau@{institute.id.lower()}.example.org"
        known.append((institute.id, "institute-coordinator", address, f"Stagebureau {institute.name}"))
    for number, school in enumerate(schools):
        if number % 10 != 9:
            address = f"schoolopleider@{school.id.lower()}.example.org"
            known.append((school.id, "school-trainer", address, f"Schoolopleider {school.name}"[:100]))
    return [Contact(*each, phone=f"030 - 555 {number:04d}") for number, each in enumerate(known)]
