"""Rounds over a whole region: the students of a few sites in one period set, and some who wait, solved exactly together."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.submodel import Outcome, improve
from services.matcher.adapters.solver.valuation import Group
from services.matcher.domain.ids import PeriodId, SiteId, StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.options import Place
from services.matcher.domain.prices import is_kept

MOST_IDLE = 60
"""Rounds without a gain, one after another, after which more are not worth their time."""
MOST_PLACED = 12
Spot = tuple[SiteId, PeriodId]


@dataclass(frozen=True, slots=True)
class RoundSize:
    """How many students a round frees, how many of them wait, its deterministic time, and whether they may leave."""

    students: int
    waiting: int
    deterministic_time: float
    may_leave: bool = False
    """Those who are there may also go wherever there is room, in any period set of theirs."""


SIZES = (RoundSize(20, 12, 0.1), RoundSize(24, 4, 0.1, may_leave=True), RoundSize(40, 6, 0.2, may_leave=True))


class Rounds:
    """Improves booked plans round by round; it may be left after any round, and goes on with rounds of the same size."""

    def __init__(self, ledger: Ledger, places: Places, groups: list[Group], limits: SolveLimits) -> None:
        """Only students with places here are moved; everybody else in the ledger stays."""
        self._groups, self._size = groups, 0
        self.begin(ledger, limits)
        self._at: dict[StudentId, dict[SiteId, list[Place]]] = {}
        self._could: dict[Spot, list[StudentId]] = defaultdict(list)
        for student in sorted(places):
            here = self._at[student] = defaultdict(list)
            for place in places[student]:
                here[place.site].append(place)
            for spot in sorted({(place.site, period) for place in places[student] for period in place.periods}):
                self._could[spot].append(student)

    def begin(self, ledger: Ledger, limits: SolveLimits) -> None:
        """Turn to this plan, with the same places of the same students."""
        self._ledger, self._limits = ledger, limits
        self._draw = random.Random(limits.seed)

    def waiting(self) -> list[StudentId]:
        """Who has no place and could have one."""
        return [student for student, here in self._at.items() if here and student not in self._ledger.placed]

    def run(self) -> Iterator[Outcome]:
        """Round after round about those who wait and some others, larger ones when few bring something."""
        idle = 0
        while True:
            waiting = self.waiting()
            passing = waiting + self._some_placed(len(waiting))
            self._draw.shuffle(passing)
            gains = 0
            for student in passing:
                if student in waiting and student in self._ledger.placed:
                    continue
                outcome = self._round(student, SIZES[self._size])
                gains += outcome.placements is not None
                idle = 0 if outcome.placements is not None else idle + 1
                yield outcome
                if idle > max(MOST_IDLE, 4 * len(passing)):
                    return
            if not passing:
                return
            self._size = self._size if gains * 10 > len(passing) else (self._size + 1) % len(SIZES)

    def _some_placed(self, waiting: int) -> list[StudentId]:
        """A few of those who have a place: many only when few wait, since what they gain is small."""
        placed = [student for student in self._at if student in self._ledger.placed and self._at[student]]
        return self._draw.sample(placed, min(len(placed), max(MOST_PLACED - waiting, waiting // 10)))

    def _round(self, student: StudentId, size: RoundSize) -> Outcome:
        limits = replace(self._limits, deterministic_time=size.deterministic_time, seed=self._draw.randrange(2**30))
        return improve(self._ledger, self._about(student, size), self._groups, limits)

    def _about(self, student: StudentId, size: RoundSize) -> Mapping[StudentId, Sequence[Place]]:
        """The student, those who are at some of their sites in the same periods, and some who wait for these."""
        spots, chosen = self._spots(student, size)
        rivals = {one for spot in spots for one in self._could[spot] if one not in self._ledger.placed} - {student}
        free = [*chosen, *self._draw.sample(sorted(rivals), min(len(rivals), size.waiting))]
        if size.may_leave:
            return {one: [place for found in self._at[one].values() for place in found] for one in free}
        return {one: self._places_in(one, spots) for one in free}

    def _spots(self, student: StudentId, size: RoundSize) -> tuple[set[Spot], list[StudentId]]:
        here = self._at[student]
        periods = self._draw.choice(sorted({place.periods for found in here.values() for place in found}))
        sites = [site for site, found in here.items() if any(place.periods == periods for place in found)]
        self._draw.shuffle(sites)
        room = {site: self._room(here[site], periods) for site in sites}
        sites.sort(key=lambda site: -room[site] * self._draw.random())
        if student in self._ledger.placed:
            periods, sites = self._from_home(student, sites)
        spots: set[Spot] = set()
        chosen = [student]
        residents = self._residents(set(periods))
        for site in sites:
            there = [one for one in residents.get(site, ()) if one not in chosen]
            if spots and len(chosen) + len(there) > size.students - size.waiting:
                break
            spots |= {(site, period) for period in periods}
            chosen += there
        return spots, chosen

    def _from_home(self, student: StudentId, sites: list[SiteId]) -> tuple[tuple[PeriodId, ...], list[SiteId]]:
        """Who is placed starts from where they are."""
        home = self._ledger.site_of[student]
        return self._ledger.placed[student].periods, [home, *(site for site in sites if site != home)]

    def _room(self, places: Sequence[Place], periods: tuple[PeriodId, ...]) -> int:
        """Hours that the guides of these places have left, and a little so that every site has a chance."""
        guides = {one.supervisor for place in places for one in (*place.guides, *place.members)}
        return 2 + sum(max(0, -self._ledger.short_qh(one, 0, periods)) for one in guides)

    def _residents(self, periods: set[PeriodId]) -> dict[SiteId, list[StudentId]]:
        """Who is at which site in one of these periods and may be moved."""
        found: dict[SiteId, list[StudentId]] = defaultdict(list)
        for student, site in self._ledger.site_of.items():
            if student in self._at and not periods.isdisjoint(self._ledger.placed[student].periods):
                found[site].append(student)
        return found

    def _places_in(self, student: StudentId, spots: set[Spot]) -> list[Place]:
        """The student's places there, and the one where they are."""
        sites = {site for site, _ in spots}
        held = self._ledger.placed.get(student)
        return [
            place
            for site in sorted(sites)
            for place in self._at[student].get(site, ())
            if all((site, period) in spots for period in place.periods) or is_kept(held, place.workplace, place.periods)
        ]
