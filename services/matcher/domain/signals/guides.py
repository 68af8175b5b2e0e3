"""Who could still guide at a workplace: as the region is, and with one lever more."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from services.matcher.domain.ids import PeriodId
from services.matcher.domain.levers import duo_qh, is_senior
from services.matcher.domain.needs import needs_of
from services.matcher.domain.plan import Placement
from services.matcher.domain.region import Region, Site, Student, Supervisor, Workplace
from services.matcher.domain.rules import (
    Tie,
    guides_in_general,
    guides_subject,
    guides_support,
    shares_days,
    tie_to_site,
    trains_institute,
)
from services.matcher.domain.settings import Levers, Needs
from services.matcher.domain.signals.spare import Spare
from services.matcher.domain.vocabulary import Kind, Relief, Tier

Spot = tuple[Workplace, Site, tuple[PeriodId, ...]]
AS_IT_IS = ""
"""No lever more."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A student with their needs at a workplace in periods."""

    student: Student
    needs: Needs
    spot: Spot

    @property
    def periods(self) -> tuple[PeriodId, ...]:
        """When."""
        return self.spot[2]


class Guides:
    """People with what they have left."""

    def __init__(self, spare: Spare) -> None:
        """What is left is counted in `spare`."""
        self.spare = spare
        self._regions: dict[str, Region] = {AS_IT_IS: spare.scene.region}
        self._has_trainer: dict[Hashable, bool] = {}
        self._are_alone: dict[Hashable, list[Placement]] = {}
        self._may_guide: dict[Hashable, list[tuple[Supervisor, Tie]]] = {}
        self.together: Mapping[str, Callable[[Asking], bool]] = {
            "duo": self._as_duo,
            "team": self._as_team,
            "peer": self._as_peers,
            "senior": self._by_seniors,
        }
        """The levers by which students or people share guidance."""

    @cached_property
    def possible(self) -> frozenset[str]:
        """The levers for which the region has somebody at all."""
        facts = self.spare.scene.facts
        people = [one for one in facts.supervisors.values() if one.tier is Tier.WPB]
        without = {
            "starters": not any(one.starter for one in people),
            "extra": all(one.kind is Kind.TEACHER for one in people),
            "lending": not self.spare.lendable,
            "core_shell": all(site.core is None for site in facts.sites.values()),
        }
        return frozenset(one for one in Levers.__slots__ if not without.get(one, False))

    def is_free(self, asking: Asking) -> bool:
        """Nothing is missing of anybody."""
        trainers = (self.trainer(asking, tier) for tier in (Tier.SO, Tier.IO))
        return self.somebody(asking) and all(trainers)

    def somebody(self, asking: Asking, lever: str = AS_IT_IS, but: Collection[Supervisor] = ()) -> bool:
        """One person who may guide in class and has the hours."""
        overhead = self._region(lever).settings.levers.lending.overhead_qh
        for one, tie in self._people(asking, lever):
            asked = asking.needs.wpb + (overhead if tie is Tie.LENT else 0)
            if one not in but and self.spare.qh(one, asking.periods) >= asked:
                return True
        return False

    def somebody_without_hours(self, asking: Asking, but: Collection[Supervisor] = ()) -> bool:
        """One who serves the site, may guide in class, and lacks nothing but hours."""
        people = (one for one, tie in self._people(asking, AS_IT_IS) if tie is Tie.OWN and one not in but)
        return any(self.spare.is_there(one, asking.periods) for one in people)

    def trainer(self, asking: Asking, tier: Tier, lever: str = AS_IT_IS) -> bool:
        """A school or institute trainer with the hours; nobody is needed where the need is 0."""
        need = asking.needs.so if tier is Tier.SO else asking.needs.io
        site, spare = asking.spot[1].id, self.spare
        institute = asking.student.institute if tier is Tier.IO else None
        key = (tier, lever, site, asking.periods, need, institute)
        if key not in self._has_trainer:
            self._has_trainer[key] = need == 0 or any(
                spare.qh(one, asking.periods) >= need + spare.asked_of_trainer(one, site, asking.periods)
                for one in self._trainers(asking, tier, lever)
            )
        return self._has_trainer[key]

    def trainer_without_hours(self, asking: Asking, tier: Tier) -> bool:
        """A trainer who lacks nothing but hours."""
        return any(self.spare.is_there(one, asking.periods) for one in self._trainers(asking, tier, AS_IT_IS))

    def _trainers(self, asking: Asking, tier: Tier, lever: str) -> Iterator[Supervisor]:
        settings = self._region(lever).settings
        for one in self.spare.serving(asking.spot[1].id):
            is_ours = tier is Tier.SO or trains_institute(settings, one, asking.student)
            if one.tier is tier and is_ours and self.spare.has_head(one, asking.periods):
                yield one

    def _people(self, asking: Asking, lever: str) -> Sequence[tuple[Supervisor, Tie]]:
        """Who may guide this student here in class, hours apart; for students alike it is found once."""
        key = (lever, asking.spot[0].id, asking.periods, asking.student.support, asking.student.days)
        if key not in self._may_guide:
            self._may_guide[key] = [*self._who_may_guide(asking, lever)]
        return self._may_guide[key]

    def _who_may_guide(self, asking: Asking, lever: str) -> Iterator[tuple[Supervisor, Tie]]:
        region, (workplace, site, periods) = self._region(lever), asking.spot
        near = self.spare.serving(site.id) if site.core is None else self.spare.serving(site.id, site.core)
        lent = self.spare.lendable if region.settings.levers.lending.on else ()
        for one in {one.id: one for one in (*near, *lent)}.values():
            tie = tie_to_site(region, one, site) if guides_in_general(region.settings, one) else None
            if (
                tie is not None
                and guides_subject(one, workplace.subject, tie)
                and guides_support(one, asking.student)
                and shares_days(region.settings, one, asking.student)
                and self.spare.has_head(one, periods)
            ):
                yield one, tie

    def _region(self, lever: str) -> Region:
        """The region with one lever more."""
        if lever not in self._regions:
            region = self.spare.scene.region
            levers = region.settings.levers
            switched = replace(levers, **{lever: replace(getattr(levers, lever), on=True)})
            self._regions[lever] = replace(region, settings=replace(region.settings, levers=switched))
        return self._regions[lever]

    def _as_duo(self, asking: Asking) -> bool:
        """Somebody here who agreed to be a duo too could share their guide, who has the hours that the pair needs more."""
        workplace, site, periods = asking.spot
        if not asking.student.duo:
            return False
        settings, people = self._region("duo").settings, {one.id for one, _ in self._people(asking, AS_IT_IS)}
        for held in self.spare.there(site.id, periods):
            other, needs = self._alone(held)
            if other is None or needs is None or not other.duo or {*held.periods} != {*periods}:
                continue
            guide = self.spare.scene.person(held.wpb[0].supervisor)
            if guide is None or held.workplace != workplace.id or guide.id not in people:
                continue
            more = duo_qh(settings, (asking.needs.wpb, needs.wpb)) - held.wpb[0].qh
            if self.spare.qh(guide, periods) >= more:
                return True
        return False

    def _as_team(self, asking: Asking) -> bool:
        """Colleagues who serve the site have the hours together."""
        team, need = self._region("team").settings.levers.team, asking.needs.wpb
        own = (one for one, tie in self._people(asking, AS_IT_IS) if tie is Tie.OWN)
        left = sorted((self.spare.qh(one, asking.periods) for one in own), reverse=True)
        for size in range(2, team.max_members + 1):
            members = left[:size]
            if len(members) == size and min(members) >= team.min_qh and size * team.min_qh <= need <= sum(members):
                return True
        return False

    def _as_peers(self, asking: Asking) -> bool:
        """Enough students at the site to be peers, and a guide who has the hours that remain when all of them need less."""
        peer, need = self._region("peer").settings.levers.peer, asking.needs.wpb
        _, site, periods = asking.spot
        group = self._all_alone(site, periods)
        if need == 0 or len(group) + 1 < peer.min_group:
            return False
        for one, tie in self._people(asking, AS_IT_IS):
            saved = sum(min(peer.relief_qh, held.wpb[0].qh - 1) for held in group if held.wpb[0].supervisor == one.id)
            if tie is not Tie.LENT and self.spare.qh(one, periods) + saved >= max(1, need - peer.relief_qh):
                return True
        return False

    def _by_seniors(self, asking: Asking) -> bool:
        """Seniors at the site could help one more, and a guide has the hours that remain."""
        settings = self._region("senior").settings
        senior, (_, site, periods) = settings.levers.senior, asking.spot
        if asking.student.phase not in senior.juniors or not asking.needs.wpb:
            return False
        there = self.spare.there(site.id, periods)
        students = (self.spare.scene.facts.students.get(one.student) for one in there)
        seniors = sum(one is not None and is_senior(settings, one) for one in students)
        helped = sum(one.relief is Relief.SENIOR for one in there)
        rest = max(1, asking.needs.wpb - senior.relief_qh)
        return helped < senior.per_senior * seniors and any(
            tie is not Tie.LENT and self.spare.qh(one, periods) >= rest for one, tie in self._people(asking, AS_IT_IS)
        )

    def _all_alone(self, site: Site, periods: tuple[PeriodId, ...]) -> list[Placement]:
        """Of everybody at a site in all of these periods who is guided alone."""
        key = (site.id, periods)
        if key not in self._are_alone:
            self._are_alone[key] = [one for one in self.spare.there(site.id, periods) if self._alone(one)[0]]
        return self._are_alone[key]

    def _alone(self, held: Placement) -> tuple[Student | None, Needs | None]:
        """Who is guided by one person, as no duo and without relief, in whole; None for any other."""
        if len(held.wpb) != 1 or held.relief is not None or held.duo_with is not None or held.wpb[0].qh <= 0:
            return None, None
        student = self.spare.scene.facts.students.get(held.student)
        needs = None if student is None else needs_of(self.spare.scene.region.settings, student)
        return (student, needs) if needs is not None else (None, None)
