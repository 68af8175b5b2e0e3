"""A region with the look-up tables that options, usage and explanations share."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Any

from services.matcher.domain.availability import available_qh
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId
from services.matcher.domain.needs import needs_of
from services.matcher.domain.region import Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.rules import (
    Tie,
    guides_in_general,
    related_cost,
    tie_to_site,
    trains_institute,
    travel_limit,
)
from services.matcher.domain.settings import Needs
from services.matcher.domain.travel import within
from services.matcher.domain.vocabulary import EVERY_SITE, Tier


class Atlas:
    """A region with its look-up tables; made once for a region, never changed, filled as it is asked."""

    def __init__(self, region: Region) -> None:
        """Index workplaces by sector and subject, and people by tier."""
        self.region = region
        self.held = {placement.student: placement for placement in reversed(region.placements)}
        self._workplaces: dict[tuple[str, str], list[tuple[Workplace, Site]]] = defaultdict(list)
        for workplace in sorted(region.workplaces.values(), key=lambda one: one.id):
            site = region.sites.get(workplace.site)
            if site is not None:
                self._workplaces[site.sector, workplace.subject].append((workplace, site))
        self._southward: dict[tuple[str, str], tuple[list[tuple[Workplace, Site]], list[float]]] = {}
        self.offered: dict[Hashable, Any] = {}
        """What the region offers students of a kind, worked out once; it hangs on workplaces and sites alone."""
        people = sorted(region.supervisors.values(), key=lambda one: one.id)
        self._wpbs: dict[str, list[Supervisor]] = defaultdict(list)
        self._lendable: list[Supervisor] = []
        for one in (one for one in people if guides_in_general(region.settings, one)):
            for where in dict.fromkeys(one.sites):
                self._wpbs[where].append(one)
            if region.settings.levers.lending.on and one.lendable:
                self._lendable.append(one)
        self._trainers: dict[tuple[Tier, str], list[Supervisor]] = defaultdict(list)
        for one in (one for one in people if one.tier is not Tier.WPB):
            for where in dict.fromkeys(one.sites):
                self._trainers[one.tier, where].append(one)
        self._qh: dict[tuple[SupervisorId, PeriodId], int] = {}
        self._needs: dict[StudentId, Needs | None] = {}
        self._tied: dict[SiteId, list[tuple[Supervisor, Tie]]] = {}
        self._serving: dict[tuple[Tier, SiteId], list[Supervisor]] = {}
        self.memo: dict[Hashable, Any] = {}
        """What was worked out once about people and places and is asked again for other students."""

    def qh(self, supervisor: SupervisorId, period: PeriodId) -> int:
        """Hours that somebody has in a period; nobody unknown has any."""
        key = (supervisor, period)
        known = self._qh.get(key)
        if known is None:
            person, when = self.region.supervisors.get(supervisor), self.region.periods.get(period)
            known = self._qh[key] = available_qh(self.region, person, when) if person and when else 0
        return known

    def needs(self, student: StudentId) -> Needs | None:
        """Hours that a student needs; None without a norm."""
        if student not in self._needs:
            self._needs[student] = needs_of(self.region.settings, self.region.students[student])
        return self._needs[student]

    def tied(self, site: Site) -> list[tuple[Supervisor, Tie]]:
        """Everybody who may guide at a site, whatever the subject."""
        if site.id not in self._tied:
            near = [*self._wpbs.get(site.id, ()), *self._wpbs.get(EVERY_SITE, ()), *self._lendable]
            near += self._wpbs.get(site.core, ()) if site.core is not None else ()
            people = sorted({one.id: one for one in near}.values(), key=lambda one: one.id)
            ties = ((one, tie_to_site(self.region, one, site)) for one in people)
            self._tied[site.id] = [(one, tie) for one, tie in ties if tie is not None]
        return self._tied[site.id]

    def trainers(self, tier: Tier, site: SiteId, student: Student) -> list[Supervisor]:
        """The school or institute trainers for a student at a site."""
        key = (tier, site)
        if key not in self._serving:
            near = [*self._trainers.get((tier, site), ()), *self._trainers.get((tier, EVERY_SITE), ())]
            self._serving[key] = sorted({one.id: one for one in near}.values(), key=lambda one: one.id)
        serving, settings = self._serving[key], self.region.settings
        return serving if tier is Tier.SO else [one for one in serving if trains_institute(settings, one, student)]

    def workplaces_for(self, student: Student) -> Iterator[tuple[Workplace, Site, int]]:
        """The workplaces of the sector with the student's or a related subject, with the cost of the subject."""
        for subject, cost in self._subjects_for(student):
            for workplace, site in self._workplaces.get((student.sector, subject), ()):
                yield workplace, site, cost

    def workplaces_near(self, student: Student) -> Iterator[tuple[Workplace, Site, int]]:
        """As `workplaces_for`, without those that certainly lie beyond the student's travel limit; from south to north."""
        box = within(self.region.settings.travel, student, travel_limit(self.region.settings, student))
        for subject, cost in self._subjects_for(student):
            there, lats = self._by_latitude(student.sector, subject)
            for workplace, site in there[bisect_left(lats, box.south) : bisect_right(lats, box.north)]:
                if box.has_lon(site.lon):
                    yield workplace, site, cost

    def _by_latitude(self, sector: str, subject: str) -> tuple[list[tuple[Workplace, Site]], list[float]]:
        key = (sector, subject)
        if key not in self._southward:
            there = sorted(self._workplaces.get(key, ()), key=lambda one: (one[1].lat, one[0].id))
            self._southward[key] = there, [site.lat for _, site in there]
        return self._southward[key]

    def _subjects_for(self, student: Student) -> list[tuple[str, int]]:
        """The student's subject and those related to it, each with its cost."""
        settings = self.region.settings
        subjects = {student.subject: 0}
        for pair in settings.related:
            cost = related_cost(settings, student.subject, pair.place)
            if pair.student == student.subject and cost is not None:
                subjects.setdefault(pair.place, cost)
        return sorted(subjects.items())
