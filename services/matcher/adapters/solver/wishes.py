"""What it would cost to grant a student a wish: the plan solved again with them there, or the rule that forbids it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from services.matcher.adapters.solver.board import Stop
from services.matcher.adapters.solver.greedy import Places
from services.matcher.adapters.solver.making_room import TIME_PER_STUDENT, Pinned, Room
from services.matcher.adapters.solver.repair import with_states
from services.matcher.adapters.solver.search import ONE_MODEL, ONE_MODEL_SIZE, model_size
from services.matcher.adapters.solver.submodel import improve
from services.matcher.adapters.solver.valuation import groups_of, value_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check
from services.matcher.domain.effects import Effect, as_it_holds, effect
from services.matcher.domain.ids import SiteId, StudentId, WorkplaceId
from services.matcher.domain.insight import why_not_at
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.options import Place
from services.matcher.domain.plan import Placement, Plan, Unplaced
from services.matcher.domain.region import Region

WHOLE_TIME = 20.0
"""Deterministic time of CP-SAT for a whole region in one model."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A site, or one workplace there, that a student would like; `rank` is that of the wish, counted from 0."""

    site: SiteId
    workplace: WorkplaceId | None = None
    rank: int | None = None

    def is_at(self, place: Place) -> bool:
        """The place is one of those that are wanted."""
        return place.site == self.site and self.workplace in (None, place.workplace)


@dataclass(frozen=True, slots=True)
class Grant:
    """What it costs to give a student what is wanted; the plan with it is allowed, so it can be had at this price.

    `never` is the rule that forbids it, whatever is done with the others. Else `placement` and `effect` are None when no
    plan was found with the student there; `spare` (0 or less) is what the plan could save among the same students without
    granting anything, so the wish itself costs the `price`. `is_proven`: there is no cheaper one, or none at all; known where the whole
    region fits in one model.
    """

    wanted: Wanted
    never: Unplaced | None = None
    placement: Placement | None = None
    effect: Effect | None = None
    spare: int = 0
    is_proven: bool = False

    @property
    def price(self) -> int:
        """What the wish costs more than the best plan known without it; never below 0."""
        return 0 if self.effect is None else self.effect.points - self.spare


class Wishes:
    """Grants wishes one by one, each from the same allowed plan; the same input gives the same answer."""

    def __init__(self, region: Region, plan: Plan) -> None:
        """Look up what the plan holds.

        In a large region a few are solved again, and a move costs there what the region says it costs, also of who had no
        place today: so nobody moves for another's sake but to make room.
        """
        self._region, self._plan, self._atlas = region, plan, Atlas(region)
        self._held = with_states(self._atlas, plan.by_student().values())
        self._groups, self._everybody = groups_of(self._atlas), _in_one_model(self._atlas)
        if self._everybody is None:
            self._atlas = Atlas(as_it_holds(region, self._held))
        self._openings = Openings(self._atlas)
        self._value = value_of(Atlas(region), {one.student: one for one in self._held})

    def of(
        self,
        student: StudentId,
        asked: Sequence[str] = (),
        *,
        with_wishes: bool = True,
        stop: Stop = lambda: False,
    ) -> list[Grant]:
        """What each wish costs, and each site or workplace of `asked`, apart from where the student is already."""
        wanted = self._wanted(student, asked, with_wishes=with_wishes)
        return [self._grant(student, one) for one in takewhile(lambda _: not stop(), wanted)]

    def _wanted(self, student: StudentId, asked: Sequence[str], *, with_wishes: bool) -> Iterator[Wanted]:
        workplaces = self._region.workplaces
        held = next((one.workplace for one in self._held if one.student == student), None)
        home = None if held is None else workplaces[held].site
        named = self._region.students[student].wishes if with_wishes else ()
        wishes = [Wanted(site, rank=rank) for rank, site in enumerate(named)]
        yield from (one for one in wishes if one.site != home)
        wished = {one.site for one in wishes}
        for name in dict.fromkeys(asked):
            workplace = workplaces.get(WorkplaceId(name))
            if workplace is not None and workplace.id != held:
                yield Wanted(workplace.site, workplace.id)
            elif workplace is None and name != home and name not in wished:
                yield Wanted(SiteId(name))

    def _grant(self, student: StudentId, wanted: Wanted) -> Grant:
        places = [one for one in self._openings.of(self._region.students[student]) if wanted.is_at(one)]
        if not places:
            return Grant(wanted, self._never(student, wanted), is_proven=True)
        is_whole = self._everybody is not None
        pinned = Pinned(self._ledger(), student, places, self._home(student), is_moving_free=is_whole)
        is_proven = self._solve(pinned)
        placed = pinned.ledger.placed
        found = tuple(with_states(Atlas(self._region), (placed[one] for one in sorted(placed))))
        after = replace(self._plan, placements=found, unplaced=(), certificate=None)
        if not pinned.is_there or check(self._region, after):
            return Grant(wanted, is_proven=is_proven and not pinned.is_there)
        given, what = next(one for one in found if one.student == student), effect(self._region, self._plan, after)
        return Grant(wanted, None, given, what, min(0, what.points, self._spare(pinned.freed)), is_proven)

    def _spare(self, freed: Sequence[Sequence[StudentId]]) -> int:
        """What the plan saves when the same students are solved again and nobody's wish is granted; 0 or less."""
        ledger = self._ledger()
        for free in freed:
            time = WHOLE_TIME if self._everybody is not None else len(free) * TIME_PER_STUDENT
            places = {one: self._openings.of(self._region.students[one]) for one in free}
            improve(ledger, places, self._groups, SolveLimits(time, self._region.settings.seed))
        return value_of(Atlas(self._region), ledger.placed) - self._value

    def _ledger(self) -> Ledger:
        return Ledger(self._atlas, self._held)

    def _home(self, student: StudentId) -> Place | None:
        held = next((one for one in self._held if one.student == student), None)
        return None if held is None else self._openings.at(self._region.students[student], held.workplace, held.periods)

    def _solve(self, pinned: Pinned) -> bool:
        """Find a plan with the student there; whether it is proven that none is cheaper, or that there is none."""
        if self._everybody is not None:
            return pinned.solve({**self._everybody, pinned.student: pinned.places}, self._groups, WHOLE_TIME).is_proven
        Room(self._openings, self._groups, pinned).make()
        return False

    def _never(self, student: StudentId, wanted: Wanted) -> Unplaced:
        """The rule that forbids it even in a region where nobody else is placed."""
        there = {
            name: one
            for name, one in self._region.workplaces.items()
            if one.site == wanted.site and wanted.workplace in (None, name)
        }
        alone = Ledger(Atlas(replace(self._region, workplaces=there, placements=())))
        return why_not_at(alone, self._region.students[student], wanted.site)


def _in_one_model(atlas: Atlas) -> Places | None:
    """The places of everybody, where one model of all students is small enough."""
    students, openings = atlas.region.students, Openings(atlas)
    if len(students) > ONE_MODEL:
        return None
    places = {one: openings.of(students[one]) for one in sorted(students)}
    return places if model_size(atlas.region.settings, places) <= ONE_MODEL_SIZE else None
