"""What is left beside what everybody has: seats, hours and head counts; and who is where."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from services.matcher.domain.availability import available_qh
from services.matcher.domain.holding import held
from services.matcher.domain.ids import PeriodId, SiteId, SupervisorId
from services.matcher.domain.places import Place
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Site, Supervisor, Workplace
from services.matcher.domain.signals.people import asked_of, guided_by
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.vocabulary import EVERY_SITE, Tier

Periods = Sequence[PeriodId]


class Spare:
    """The region's seats and people with what is taken of them, counted once for a look that needs it."""

    def __init__(self, scene: Scene) -> None:
        """Note who is where and who guides whom."""
        self.scene = scene
        self._there: dict[SiteId, list[Placement]] = defaultdict(list)
        self._guided: dict[SupervisorId, list[Place]] = defaultdict(list)
        self._seats: Counter[tuple[str, PeriodId]] = Counter()
        self._taken: dict[SupervisorId, Mapping[PeriodId, int]] = {}
        for place in scene.places.values():
            placement = held(place)
            if placement is not None and place.site is not None:
                self._there[place.site].append(placement)
                for period in placement.periods:
                    self._seats[placement.workplace, period] += 1
                for person in guided_by(placement):
                    self._guided[person].append(place)

    def there(self, site: SiteId, periods: Periods) -> list[Placement]:
        """Who is at a site in all of these periods."""
        return [one for one in self._there.get(site, ()) if {*periods} <= {*one.periods}]

    def has_seat(self, workplace: Workplace, periods: Periods) -> bool:
        """A seat is free in each period."""
        return all(self._seats[workplace.id, one] < workplace.seats.get(one, 0) for one in periods)

    def has_minimum(self, site: Site, periods: Periods) -> bool:
        """With one more the site has its minimum in each period."""
        return site.min_students <= 1 or all(
            len(self.there(site.id, [one])) + 1 >= site.min_students for one in periods
        )

    def has_head(self, person: Supervisor, periods: Periods) -> bool:
        """Somebody may guide one more student in each period."""
        most, guided = person.max_students, self._guided.get(person.id, ())
        return most is None or all(sum(one in _periods(place) for place in guided) < most for one in periods)

    def qh(self, person: Supervisor, periods: Periods) -> int:
        """The hours that somebody has left in the tightest of these periods."""
        if person.id not in self._taken:
            self._taken[person.id] = asked_of(self.scene, person, self._guided.get(person.id, ()))
        taken, facts, region = self._taken[person.id], self.scene.facts, self.scene.region
        return min(
            available_qh(region, person, facts.periods[one]) - taken.get(one, 0) if one in facts.periods else 0
            for one in periods
        )

    def is_there(self, person: Supervisor, periods: Periods) -> bool:
        """Is not away for so long that none of their hours count."""
        facts, region = self.scene.facts, self.scene.region
        known = [facts.periods[one] for one in periods if one in facts.periods]
        return all(available_qh(region, person, one) == person.qh.get(one.id, 0) for one in known)

    def asked_of_trainer(self, person: Supervisor, site: SiteId, periods: Periods) -> int:
        """The fixed hours that a trainer would spend on a site where they are not yet."""
        fixed = self.scene.region.settings.trainer_site_qh
        there = [place for place in self._guided.get(person.id, ()) if place.site == site]
        is_new = any(not any(one in _periods(place) for place in there) for one in periods)
        return (fixed.so if person.tier is Tier.SO else fixed.io) if is_new else 0

    @cached_property
    def _serving(self) -> dict[str, list[Supervisor]]:
        found: dict[str, list[Supervisor]] = defaultdict(list)
        for one in self.scene.facts.supervisors.values():
            for site in one.sites:
                found[site].append(one)
        return found

    def serving(self, *sites: SiteId) -> list[Supervisor]:
        """Everybody of any tier who serves one of these sites."""
        return [one for site in (*sites, EVERY_SITE) for one in self._serving.get(site, ())]

    @cached_property
    def lendable(self) -> list[Supervisor]:
        """Whose hours may be lent to another site."""
        people = self.scene.facts.supervisors.values()
        return [one for one in people if one.lendable and one.sites and EVERY_SITE not in one.sites]

    @cached_property
    def _offered(self) -> dict[tuple[str, str], list[tuple[Workplace, Site]]]:
        found: dict[tuple[str, str], list[tuple[Workplace, Site]]] = defaultdict(list)
        for workplace in self.scene.facts.workplaces.values():
            site = self.scene.facts.sites.get(workplace.site)
            if site is not None:
                found[site.sector, workplace.subject].append((workplace, site))
        return found

    def offered(self, sector: str, subjects: Iterable[str]) -> list[tuple[Workplace, Site]]:
        """The workplaces of a sector for any of these subjects."""
        return [one for subject in subjects for one in self._offered.get((sector, subject), ())]


def _periods(place: Place) -> tuple[PeriodId, ...]:
    placement = held(place)
    return () if placement is None else placement.periods
