"""Makes an ordinary region of a part of a country: its sites, who may guide there, and some students."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.country.division import Division
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.region import Region, Site, Supervisor, Workplace
from services.matcher.domain.settings import Fairness

People = Mapping[SupervisorId, Supervisor]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a part always has."""

    sites: Mapping[SiteId, Site]
    workplaces: Mapping[WorkplaceId, Workplace]
    people: tuple[SupervisorId, ...]


class Regions:
    """The parts of a country as regions; a site elsewhere is there when somebody of the part works at it, without its workplaces."""

    def __init__(self, country: Region, division: Division) -> None:
        """Look up what each part always has."""
        self.country, self.division = country, division
        self._grounds = [self._ground(part) for part in _by_part(country, division)]
        self._held = {one.student: one for one in reversed(country.placements)}

    def shared(self) -> list[SupervisorId]:
        """Who may guide in more than one part, in order."""
        return [one for one, parts in sorted(self.division.people.items()) if len(parts) > 1]

    def of(self, part: int, students: Iterable[StudentId], people: People, fairness: Fairness | None = None) -> Region:
        """The part with these students and what they hold today; `people` takes the place of who is known by these ids."""
        ground, country = self._grounds[part], self.country
        names = sorted(students)
        settings = country.settings if fairness is None else replace(country.settings, fairness=fairness)
        return replace(
            country,
            settings=settings,
            sites=ground.sites,
            workplaces=ground.workplaces,
            supervisors={one: people.get(one, country.supervisors[one]) for one in ground.people},
            students={one: country.students[one] for one in names},
            placements=tuple(self._held[one] for one in names if one in self._held),
        )

    def _ground(self, part: tuple[Collection[SiteId], list[WorkplaceId], list[SupervisorId]]) -> _Ground:
        sites, workplaces, people = part
        country = self.country
        named = {at for one in people for at in country.supervisors[one].sites}
        cores = {core for one in sites if (core := country.sites[one].core) is not None}
        known = sorted(site for site in {*sites, *named, *cores} if site in country.sites)
        return _Ground(
            {SiteId(one): country.sites[SiteId(one)] for one in known},
            {one: country.workplaces[one] for one in workplaces},
            tuple(people),
        )


def _by_part(
    country: Region, division: Division
) -> list[tuple[Collection[SiteId], list[WorkplaceId], list[SupervisorId]]]:
    sites: dict[int, list[SiteId]] = defaultdict(list)
    workplaces: dict[int, list[WorkplaceId]] = defaultdict(list)
    people: dict[int, list[SupervisorId]] = defaultdict(list)
    for site in sorted(country.sites):
        sites[division.part_of[site]].append(site)
    for name, workplace in sorted(country.workplaces.items()):
        if workplace.site in division.part_of:
            workplaces[division.part_of[workplace.site]].append(name)
    for person, parts in sorted(division.people.items()):
        for part in parts:
            people[part].append(person)
    return [(sites[part], workplaces[part], people[part]) for part in range(len(division.names))]
