"""A region and its plan at one moment, with what the rules look up in them; made for one look, and filled as it is asked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType

from services.matcher.domain.assembling import as_told
from services.matcher.domain.availability import days_away
from services.matcher.domain.facts import Mismatch, RegionFacts
from services.matcher.domain.holding import held
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.places import Place, PlaceStatus
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Period, Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.rules import guides_in_general
from services.matcher.domain.settings import Needs
from services.matcher.domain.signals.table import NEAR_DAYS, STOOD_DAYS, WINDOW_DAYS
from services.matcher.domain.switches import Switch
from services.matcher.domain.vocabulary import EVERY_SITE, PlacementState, Tier


@dataclass(frozen=True, slots=True)
class Case:
    """A student with a place, and the parties to it; `period` is the one that runs, else the next, else the last."""

    student: Student
    place: Place
    placement: Placement
    workplace: Workplace
    site: Site
    period: Period
    needs: Needs
    guides: tuple[Supervisor, ...]
    so: Supervisor | None
    io: Supervisor | None

    @property
    def tiers(self) -> tuple[tuple[Tier, tuple[Supervisor, ...]], ...]:
        """Who guides, tier by tier."""
        trainers = ((Tier.SO, self.so), (Tier.IO, self.io))
        return (Tier.WPB, self.guides), *((tier, () if one is None else (one,)) for tier, one in trainers)


class Scene:
    """Facts and the places that were last told, as they are after a plan."""

    def __init__(
        self,
        facts: RegionFacts,
        places: Mapping[StudentId, Place],
        switches: Mapping[StudentId, Switch] = MappingProxyType({}),
    ) -> None:
        """The region must have settings and a day; `switches` are the searches for other places as they stand."""
        self.facts, self.places, self.switches = facts, places, switches
        self.region: Region = as_told(facts)
        self.today: date = self.region.today
        self._away: dict[tuple[SupervisorId, PeriodId], int] = {}

    @cached_property
    def unplaced(self) -> list[Place]:
        """Those who ask for a place and have none."""
        return [place for place in self.places.values() if place.status is PlaceStatus.UNPLACED]

    @cached_property
    def mismatches(self) -> Mapping[StudentId, list[Mismatch]]:
        """The open mismatches of each student, the longest open first; one that a switch was taken for is answered."""
        found: dict[StudentId, list[Mismatch]] = defaultdict(list)
        for one in sorted(self.facts.mismatches.values(), key=lambda one: (one.reported_on, one.id)):
            switch = self.switches.get(one.student)
            if switch is None or one.id not in switch.answered:
                found[one.student].append(one)
        return found

    @cached_property
    def in_class(self) -> Mapping[str, Sequence[Supervisor]]:
        """Who could guide in class, by the sites they serve."""
        found: dict[str, list[Supervisor]] = defaultdict(list)
        for one in self.facts.supervisors.values():
            if guides_in_general(self.region.settings, one):
                for site in one.sites:
                    found[site].append(one)
        return found

    def case(self, student: StudentId) -> Case | None:
        """A student with a place of which everything is known, in a period that is not over; None for any other."""
        place, one = self.places.get(student), self.facts.students.get(student)
        placement = held(place)
        if place is None or one is None or placement is None:
            return None
        workplace = self.facts.workplaces.get(placement.workplace)
        site = None if workplace is None else self.facts.sites.get(workplace.site)
        period, needs = self.period_of(placement.periods), needs_of(self.region.settings, one)
        if workplace is None or site is None or period is None or needs is None:
            return None
        people = [self.person(share.supervisor) for share in placement.wpb]
        guides = tuple(each for each in people if each is not None)
        trainers = self.person(placement.so), self.person(placement.io)
        return Case(one, place, placement, workplace, site, period, needs, guides, *trainers)

    def person(self, name: SupervisorId | None) -> Supervisor | None:
        """Somebody who guides."""
        return None if name is None else self.facts.supervisors.get(name)

    def period_of(self, periods: Iterable[PeriodId]) -> Period | None:
        """Of these the one that runs, else the first to come; None when all are over or unknown."""
        known = (self.facts.periods[one] for one in periods if one in self.facts.periods)
        return min((one for one in known if one.end >= self.today), key=lambda one: (one.start, one.id), default=None)

    def is_near(self, period: Period) -> bool:
        """It has begun, or does within thirty days."""
        return (period.start - self.today).days <= NEAR_DAYS

    def stands(self, case: Case) -> bool:
        """The place is agreed upon or has begun, its period is near, or the proposal is the same for some days."""
        return (
            case.placement.state is not PlacementState.PROPOSED
            or self.is_near(case.period)
            or (self.today - case.place.since).days >= STOOD_DAYS
        )

    def days_left(self, period: Period) -> int:
        """The days that are left of a period, all of them when it is to come; six weeks at least."""
        return max(WINDOW_DAYS, (period.end - max(self.today, period.start)).days + 1)

    def days_away(self, person: Supervisor, period: Period) -> int:
        """On how many of them somebody is away."""
        if not person.absences and person.departs is None:
            return 0
        key = (person.id, period.id)
        if key not in self._away:
            self._away[key] = days_away(person, max(self.today, period.start), period.end)
        return self._away[key]

    def has_gone(self, person: Supervisor, period: Period) -> bool:
        """Away from today, or from the start of a period to come, until its end."""
        return self.days_away(person, period) == (period.end - max(self.today, period.start)).days + 1

    def why_away(self, people: Iterable[Supervisor]) -> str:
        """Whether somebody leaves or is absent; never more than that."""
        return "departed" if any(one.departs is not None for one in people) else "absence"

    def colleagues(self, site: SiteId) -> list[Supervisor]:
        """Who could guide in class at a site because they serve it."""
        return [*self.in_class.get(site, ()), *self.in_class.get(EVERY_SITE, ())]

    def next_of(self, *days: date | None) -> date | None:
        """The first of these days that is still to come."""
        return min((one for one in days if one is not None and one > self.today), default=None)

    def milestones(self, period: Period) -> tuple[date, ...]:
        """The days of a period on which things matter more."""
        start = period.start
        return start - timedelta(NEAR_DAYS), start - timedelta(14), start, period.end
