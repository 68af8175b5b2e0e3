"""Who and what is in which part of a country: at home there, or able to be there from over a border."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.compiled.indexing import index_of
from services.matcher.adapters.solver.compiled.reach import reach_of
from services.matcher.adapters.solver.compiled.tables import seats_of
from services.matcher.adapters.solver.country.cutting import parts_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId
from services.matcher.domain.region import Region, Site, Student
from services.matcher.domain.vocabulary import EVERY_SITE, SiteRole, Tier

AT_ONCE = 6_000
"""Students who are looked at together, so that memory stays flat."""
KM_PER_DEGREE = 111.2
MARGIN = 0.05
Parts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Division:
    """The parts of a country by number, in the order of their names.

    `reach` are the parts where a student could have a workplace, by how many those are; `home` the part where a student is
    counted: where their place is today, else where they reach most; `tied` names for
    who must be together the first of them, and the part that they keep to while none of them has a place; `people` the parts where somebody may guide, that of their first site first.
    """

    names: tuple[str, ...]
    part_of: Mapping[SiteId, int]
    reach: Mapping[StudentId, Parts]
    home: Mapping[StudentId, int]
    tied: Mapping[StudentId, tuple[StudentId, int]]
    people: Mapping[SupervisorId, Parts]

    def abroad(self, student: StudentId) -> Parts:
        """The parts over a border where a student could have a workplace."""
        return tuple(one for one in self.reach[student] if one != self.home[student])


def divide(region: Region) -> Division:
    """The country in parts; the same whatever the order of the file."""
    parts = parts_of(region)
    names = tuple(sorted(parts))
    part_of = {site: number for number, name in enumerate(names) for site in parts[name]}
    counts = _reach(region, part_of, len(names))
    reach = {one: tuple(part for part, _ in sorted(found.items(), key=_most_first)) for one, found in counts.items()}
    home = _homes(region, part_of, reach)
    return Division(names, part_of, reach, home, _tied(region, counts, home), _people(region, part_of))


def _most_first(found: tuple[int, int]) -> tuple[int, int]:
    part, number = found
    return -number, part


def _reach(region: Region, part_of: Mapping[SiteId, int], parts: int) -> dict[StudentId, Counter[int]]:
    """How many workplaces with seats each student reaches in each part."""
    found: dict[StudentId, Counter[int]] = {}
    names = sorted(region.students)
    for first in range(0, len(names), AT_ONCE):
        some = {one: region.students[one] for one in names[first : first + AT_ONCE]}
        atlas = Atlas(replace(region, students=some, placements=()))
        index = index_of(atlas)
        there = reach_of(atlas, index, seats_of(atlas, index))
        at = np.array([part_of[region.workplaces[one].site] for one in index.workplaces], dtype=np.int64)
        numbers = np.bincount(there.student * parts + at[there.workplace], minlength=len(some) * parts)
        table = numbers.reshape(len(some), parts)
        found.update({one: Counter() for one in index.students})
        for row, column in np.argwhere(table).tolist():
            found[index.students[row]][column] = int(table[row, column])
    return found


def _homes(
    region: Region, part_of: Mapping[SiteId, int], reach: Mapping[StudentId, Sequence[int]]
) -> dict[StudentId, int]:
    held = {
        one.student: region.workplaces[one.workplace].site
        for one in reversed(region.placements)
        if one.workplace in region.workplaces
    }
    near = _Nearest(region.sites.values())
    found = {}
    for name in sorted(region.students):
        site = held.get(name)
        if site is not None and site in part_of:
            found[name] = part_of[site]
        elif reach[name]:
            found[name] = reach[name][0]
        else:
            found[name] = part_of[near.to(region.students[name])]
    return found


def _tied(
    region: Region, counts: Mapping[StudentId, Counter[int]], home: Mapping[StudentId, int]
) -> dict[StudentId, tuple[StudentId, int]]:
    """Those who must be together go by the part where a place is held, else where they reach most together."""
    above: dict[StudentId, StudentId] = {}

    def top(one: StudentId) -> StudentId:
        while above.setdefault(one, one) != one:
            one = above[one]
        return one

    for student in sorted(region.students):
        for other in region.students[student].together:
            if other in region.students:
                one, later = sorted((top(student), top(other)))
                above[later] = one
    groups: dict[StudentId, list[StudentId]] = defaultdict(list)
    for student in sorted(above):
        groups[top(student)].append(student)
    holders = {one.student for one in region.placements}
    found: dict[StudentId, tuple[StudentId, int]] = {}
    for first, members in groups.items():
        total: Counter[int] = Counter()
        for one in members:
            total.update(counts[one])
        kept = [home[one] for one in members if one in holders]
        most = kept[0] if kept else min(total, key=lambda part: (-total[part], part), default=home[members[0]])
        found.update(dict.fromkeys(members, (first, most)))
    return found


def _people(region: Region, part_of: Mapping[SiteId, int]) -> dict[SupervisorId, Parts]:
    shells: dict[str, list[SiteId]] = defaultdict(list)
    for site in region.sites.values():
        if site.role is SiteRole.SHELL and site.core is not None:
            shells[site.core].append(site.id)
    everywhere = tuple(sorted(set(part_of.values())))
    lending, near = region.settings.levers.lending, _Nearest(region.sites.values())
    travel = region.settings.travel
    km = max(0.0, lending.max_min - float(travel.base_min)) / max(1e-9, float(travel.per_km_min)) + 1
    around: dict[SiteId, set[int]] = {}
    found: dict[SupervisorId, Parts] = {}
    for name in sorted(region.supervisors):
        one = region.supervisors[name]
        if EVERY_SITE in one.sites:
            found[name] = everywhere
            continue
        sites = [SiteId(site) for site in one.sites if site in part_of]
        served = {part_of[site] for site in (*sites, *(shell for core in one.sites for shell in shells[core]))}
        if lending.on and one.lendable and one.tier is Tier.WPB and sites and sites[0] == one.sites[0]:
            if sites[0] not in around:
                around[sites[0]] = {part_of[other] for other in near.within(region.sites[sites[0]], km)}
            served |= around[sites[0]]
        first = [part_of[sites[0]]] if sites else []
        found[name] = (*first, *sorted(served - {*first}))
    return found


class _Nearest:
    """Finds sites near a point, by distances that are as good as exact within a country."""

    def __init__(self, sites: Iterable[Site]) -> None:
        """Keep them in the order of their ids."""
        self._sites = sorted(sites, key=lambda one: one.id)
        self._lat = np.array([one.lat for one in self._sites])
        self._lon = np.array([one.lon for one in self._sites])

    def _km(self, lat: float, lon: float) -> NDArray[np.float64]:
        north, east = self._lat - lat, (self._lon - lon) * cos(radians(lat))
        found: NDArray[np.float64] = KM_PER_DEGREE * np.hypot(north, east)
        return found

    def to(self, student: Student) -> SiteId:
        """The nearest site."""
        return self._sites[int(np.argmin(self._km(student.lat, student.lon)))].id

    def within(self, site: Site, km: float) -> list[SiteId]:
        """The sites within so many kilometres of one of them, and some a little farther."""
        near = np.nonzero(self._km(site.lat, site.lon) <= km * (1 + MARGIN) + MARGIN)[0]
        return [self._sites[number].id for number in near.tolist()]
