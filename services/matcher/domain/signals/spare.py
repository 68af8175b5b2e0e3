"""What is left beside what everybody has: seats, hours and head counts; and who is where."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from services.matcher.domain.availability import available_qh
from services.matcher.domain.ids import PeriodId, SiteId, SupervisorId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Site, Supervisor, Workplace
from services.matcher.domain.rules import Tie, tie_to_site
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.vocabulary import EVERY_SITE, Tier

Periods = Sequence[PeriodId]


class Spare:
    """The region's seats and people with what is taken of them, counted once for a look that needs it."""

    def __init__(self, scene: Scene) -> None:
        """Count what every placement takes."""
        self.scene = scene
        self._seats: Counter[tuple[str, PeriodId]] = Counter()
        self._qh: Counter[tuple[SupervisorId, PeriodId]] = Counter()
        self._heads: Counter[tuple[SupervisorId, PeriodId]] = Counter()
        self._visited: Counter[tuple[SupervisorId, SiteId, PeriodId]] = Counter()
        self._there: dict[SiteId, list[Placement]] = defaultdict(list)
        for place in scene.places.values():
            if place.placement is not None and place.site is not None:
                self._book(place.placement, place.site)

    def _book(self, placement: Placement, site: SiteId) -> None:
        self._there[site].append(placement)
        student = self.scene.facts.students.get(placement.student)
        needs = None if student is None else needs_of(self.scene.region.settings, student)
        shares = [(share.supervisor, share.qh + self._overhead(share.supervisor, site)) for share in placement.wpb]
        fixed = self.scene.region.settings.trainer_site_qh
        trainers = [] if needs is None else [(placement.so, needs.so, fixed.so), (placement.io, needs.io, fixed.io)]
        for period in placement.periods:
            self._seats[placement.workplace, period] += 1
            for person, qh in shares:
                self._qh[person, period] += qh
                self._heads[person, period] += 1
            for trainer, qh, per_site in trainers:
                if trainer is not None:
                    self._qh[trainer, period] += qh + (0 if self._visited[trainer, site, period] else per_site)
                    self._visited[trainer, site, period] += 1
                    self._heads[trainer, period] += 1

    def _overhead(self, person: SupervisorId, site: SiteId) -> int:
        one, at = self.scene.facts.supervisors.get(person), self.scene.facts.sites.get(site)
        lending = self.scene.region.settings.levers.lending
        if not lending.on or one is None or at is None or not one.lendable:
            return 0
        return lending.overhead_qh if tie_to_site(self.scene.region, one, at) is Tie.LENT else 0

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
        most = person.max_students
        return most is None or all(self._heads[person.id, one] < most for one in periods)

    def qh(self, person: Supervisor, periods: Periods) -> int:
        """The hours that somebody has left in the tightest of these periods."""
        facts, region = self.scene.facts, self.scene.region
        return min(
            available_qh(region, person, facts.periods[one]) - self._qh[person.id, one] if one in facts.periods else 0
            for one in periods
        )

    def asked_of_trainer(self, person: Supervisor, site: SiteId, periods: Periods) -> int:
        """The fixed hours that a trainer would spend on a site where they are not yet."""
        fixed = self.scene.region.settings.trainer_site_qh
        is_new = any(not self._visited[person.id, site, one] for one in periods)
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
