"""Look-up tables that follow a region: after a change only what it touched is forgotten."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.changes import Change, applied
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region, Student, Supervisor, Workplace
from services.matcher.domain.rules import may_be_at, travel_limit
from services.matcher.domain.travel import travel_minutes
from services.matcher.domain.vocabulary import EVERY_SITE, SiteRole

AMPLE_QH = 10**6
"""Hours of somebody where hours are not looked at."""


class _Memo(dict[Hashable, Any]):
    """What an atlas has worked out, and about which student or site."""

    def __init__(self) -> None:
        super().__init__()
        self._about: dict[str, set[Hashable]] = defaultdict(set)
        self.students: set[str] = set()

    def __setitem__(self, key: Hashable, value: Any) -> None:
        super().__setitem__(key, value)
        assert isinstance(key, tuple)
        self._about[f"{key[0]}/{key[2] if key[0] == 'trainers' else key[1]}"].add(key)
        if key[0] == "places":
            self.students.add(key[1])

    def forget(self, kind: str, names: Collection[str]) -> None:
        """Whatever was worked out about these: `places` of students, `guides` of workplaces, `trainers` at sites."""
        for name in names:
            for key in self._about.pop(f"{kind}/{name}", ()):
                self.pop(key, None)
        if kind == "places":
            self.students.difference_update(names)


class LiveAtlas(Atlas):
    """An atlas that can be told what changed; it answers as a new one would."""

    def __init__(self, region: Region) -> None:
        """Index the region."""
        super().__init__(region)
        self.memo = _Memo()
        self._memo = self.memo

    def tell(self, region: Region, change: Change, sites: Collection[SiteId]) -> None:
        """Go over to the changed region; at these sites other people may guide than before, or for other hours.

        The sites themselves are those of before: where one changes, a new atlas is made.
        """
        if change.workplaces or _other_kind(self.region.supervisors, change.supervisors):
            memo, needs, held = self._memo, self._needs, self.held
            super().__init__(region)  # a millisecond
            self.memo, self._needs, self.held = memo, needs, held
        self.region = region
        for name in change.students:
            self._needs.pop(name, None)
        for person in change.supervisors:
            for period in region.periods:
                self._qh.pop((person, period), None)
        self._replace_people(change.supervisors)
        self._memo.forget("trainers", sites)
        self._memo.forget("guides", {*change.workplaces, *(one.id for one in self.workplaces_at(sites))})

    def restart(self, region: Region) -> None:
        """Go over to a region of which anything may be another; what students hold stays."""
        held = self.held
        super().__init__(region)
        self.memo = self._memo = _Memo()
        self.held = held

    def workplaces_at(self, sites: Collection[SiteId]) -> list[Workplace]:
        """Those at these sites."""
        return [one for one in self.region.workplaces.values() if one.site in sites] if sites else []

    def forget_places(self, students: Collection[StudentId] | None = None) -> None:
        """What they, or all, could have is to be worked out again."""
        self._memo.forget("places", list(self._memo.students) if students is None else students)

    def hold(self, changed: Mapping[StudentId, Placement | None]) -> None:
        """What these students hold from now on."""
        for student, placement in changed.items():
            if placement is None:
                self.held.pop(student, None)
            else:
                self.held[student] = placement

    def _replace_people(self, changed: Mapping[SupervisorId, Supervisor | None]) -> None:
        """Whose hours changed is in the same lists as before."""
        lists = [*self._wpbs.values(), self._lendable, *self._trainers.values(), *self._serving.values()]
        for one in lists if changed else ():
            for number, person in enumerate(one):
                now = changed.get(person.id, person)
                if now is not None and now is not person:
                    one[number] = now
        for found in self._tied.values() if changed else ():
            for number, (person, tie) in enumerate(found):
                now = changed.get(person.id, person)
                if now is not None and now is not person:
                    found[number] = (now, tie)


class Chances(LiveAtlas):
    """The same for a region in which everybody has hours and every workplace seats: who could ever go where.

    Hours, absences and seats change often, and none of them changes anything here.
    """

    def __init__(self, region: Region) -> None:
        """Index the region as if nothing were scarce."""
        super().__init__(ample(region))

    def follow(self, change: Change, sites: Collection[SiteId]) -> list[StudentId]:
        """Go over to the changed region; whose chances may be other ones now."""
        before = self.region
        easy = _eased(before, change)
        people = _other_kind(before.supervisors, easy.supervisors)
        workplaces = {key: one for key, one in easy.workplaces.items() if before.workplaces.get(key) != one}
        news = replace(easy, supervisors=people, workplaces=workplaces)
        where = {*sites} if people else set()
        where |= {
            one.site for one in (*workplaces.values(), *map(before.workplaces.get, workplaces)) if one is not None
        }
        found = {*change.students}
        found |= {one.id for one in before.students.values() if where and could_be_at(before, one, where)}
        self.tell(applied(before, news), news, where)
        found |= {one.id for one in self.region.students.values() if where and could_be_at(self.region, one, where)}
        self.forget_places(found)
        return sorted(found)


def ample(region: Region) -> Region:
    """The region with hours for everybody and a seat at every workplace, in all periods."""
    change = Change(supervisors=region.supervisors, workplaces=region.workplaces)
    return applied(replace(region, placements=()), _eased(region, change))


def _eased(region: Region, change: Change) -> Change:
    hours, seats = dict.fromkeys(region.periods, AMPLE_QH), dict.fromkeys(region.periods, 1)
    people = {
        key: one and replace(one, qh=hours, absences=(), departs=None, max_students=None)
        for key, one in change.supervisors.items()
    }
    workplaces = {key: one and replace(one, seats=seats) for key, one in change.workplaces.items()}
    return replace(change, supervisors=people, workplaces=workplaces, states={})


def _other_kind(
    known: Mapping[SupervisorId, Supervisor], changed: Mapping[SupervisorId, Supervisor | None]
) -> dict[SupervisorId, Supervisor | None]:
    """Those who came, went, or may guide others or elsewhere than before; hours apart."""
    return {key: one for key, one in changed.items() if kind_of(known.get(key)) != kind_of(one)}


def kind_of(one: Supervisor | None) -> Supervisor | None:
    """Somebody apart from their hours and how many they may guide."""
    return one and replace(one, qh={}, absences=(), departs=None, max_students=None)


def sites_of(region: Region, people: Iterable[Supervisor]) -> set[SiteId]:
    """Every site where one of these may guide or train, now or with the levers that are on."""
    found: set[SiteId] = set()
    levers = region.settings.levers
    for one in people:
        if EVERY_SITE in one.sites or (levers.lending.on and one.lendable):
            return {*region.sites}
        found.update(SiteId(site) for site in one.sites)
    shells = (one for one in region.sites.values() if one.role is SiteRole.SHELL and one.core in found)
    return found | {one.id for one in shells if levers.core_shell.on}


def could_be_at(region: Region, student: Student, sites: Collection[SiteId]) -> bool:
    """A workplace at one of these sites is for this student, whoever guides there."""
    for name in sites:
        site = region.sites.get(name)
        if site is None or site.sector is not student.sector or not may_be_at(student, name):
            continue
        if travel_minutes(region.settings.travel, student, site) <= travel_limit(region.settings, student):
            return True
    return False
