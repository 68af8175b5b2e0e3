"""Where each student could be, as rows of numbers: made once for a student, and again when that student's chances change."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np

from services.matcher.adapters.solver.compiled.guides import NOT_ASKED
from services.matcher.adapters.solver.compiled.indexing import Ints, Points
from services.matcher.adapters.solver.engine.atlases import Chances
from services.matcher.domain.guides import Guide
from services.matcher.domain.ids import PeriodId, SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.options import Place, as_held, open_places_of, place_tie
from services.matcher.domain.plan import Placement
from services.matcher.domain.prices import move_cost
from services.matcher.domain.region import Student

WORKPLACE, SITE, SET, POOL, SOS, IOS = range(6)
Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class Block:
    """The places of one student, cheapest first. `rows` are numbers of workplace, site, period set and pools.

    `kept` is the row of the place that holds, -1 for none; `guides` and `trainers` are all who could,
    `people` both; `desks` are the workplaces once more.
    """

    rows: Ints
    set_index: Ints
    minutes: Ints
    cost: Points
    kept: int
    guides: Ints
    trainers: Ints
    workplaces: Ints
    people: frozenset[int]
    desks: frozenset[int]


@dataclass(slots=True)
class Numbers(Generic[Name]):
    """A number for whatever is named for the first time; what a number is never changes."""

    of: dict[Name, int] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)

    def __getitem__(self, name: Name) -> int:
        number = self.of.get(name)
        if number is None:
            number = self.of[name] = len(self.names)
            self.names.append(name)
        return number


@dataclass(frozen=True, slots=True)
class Pool:
    """Who could guide at a place, cheapest first, with the hours that it takes of them."""

    people: Ints
    taken: Ints
    cost: Points


class Blocks:
    """The blocks of a region's students. The numbers are labels: nothing depends on which thing has which."""

    def __init__(self, chances: Chances) -> None:
        """No block is made yet."""
        self.chances = chances
        self.workplaces: Numbers[WorkplaceId] = Numbers()
        self.sites: Numbers[SiteId] = Numbers()
        self.people: Numbers[SupervisorId] = Numbers()
        self.sets: Numbers[frozenset[PeriodId]] = Numbers()
        self._pool_names: Numbers[tuple[StudentId | None, tuple[tuple[int, int, int], ...]]] = Numbers()
        self._crew_names: Numbers[tuple[int, tuple[int, ...]]] = Numbers()
        self.pools: list[Pool] = []
        self.crews: list[Ints] = []
        self._open: dict[StudentId, Block] = {}
        """As if nobody held anything, which changes less often than what they hold."""
        self._known: dict[StudentId, Block] = {}

    def forget(self, students: Iterable[StudentId]) -> None:
        """Their chances are other ones now."""
        for one in students:
            self._open.pop(one, None)
            self._known.pop(one, None)

    def hold(self, students: Iterable[StudentId]) -> None:
        """They hold something else now."""
        for one in students:
            self._known.pop(one, None)

    def of(self, student: StudentId) -> Block:
        """The block of a student of the region."""
        block = self._known.get(student)
        if block is None:
            if student not in self._open:
                self._open[student] = self._block(open_places_of(self.chances, self.chances.region.students[student]))
            block, held = self._open[student], self.chances.held.get(student)
            if held is not None:
                block = self._with_held(block, self.chances.region.students[student], held)
            self._known[student] = block
        return block

    def _with_held(self, block: Block, student: Student, held: Placement) -> Block:
        """Every place but the one that holds is dearer by the move, and that one names first who guides there today."""
        there = self.workplaces[held.workplace], self.sets[frozenset(held.periods)]
        kept = np.flatnonzero((block.rows[:, WORKPLACE] == there[0]) & (block.rows[:, SET] == there[1])).tolist()
        cost, rows = block.cost + move_cost(self.chances.region.settings.costs, held), block.rows.copy()
        for number in kept:  # more than one where a student named the same periods twice
            place = as_held(self.chances, student, open_places_of(self.chances, student)[number], held)
            cost[number], rows[number] = place.cost, self._row(place, is_held=True)
        order = self._cheapest_first(block, cost, kept, student.id)
        rank = int(np.flatnonzero(np.isin(order, kept))[0]) if kept else -1
        return replace(
            block,
            rows=rows[order],
            set_index=block.set_index[order],
            minutes=block.minutes[order],
            cost=cost[order],
            kept=rank,
        )

    def _cheapest_first(self, block: Block, cost: Points, kept: list[int], student: StudentId) -> Ints:
        """The rows by cost, and what costs the same by hash; apart from those that are kept they are in that order already."""
        order, seed = np.argsort(cost, kind="stable").astype(np.int32), self.chances.region.settings.seed

        def tie(row: int) -> bytes:
            workplace = self.workplaces.names[block.rows[row, WORKPLACE]]
            return place_tie(seed, student, workplace, int(block.set_index[row]))

        for number in kept:
            same = np.flatnonzero(cost[order] == cost[number])
            order[same] = sorted(order[same].tolist(), key=tie)
        return order

    def _block(self, places: list[Place]) -> Block:
        rows = [self._row(one, is_held=False) for one in places]
        table = np.array(rows, dtype=np.int32).reshape(-1, 6)
        guides = _all(self.pools[one].people for one in {row[POOL] for row in rows})
        trainers = _all(
            self.crews[one] for one in {*(row[SOS] for row in rows), *(row[IOS] for row in rows)} if one >= 0
        )
        workplaces = np.unique(table[:, WORKPLACE])
        return Block(
            table,
            np.array([one.set_index for one in places], dtype=np.int32),
            np.array([one.minutes for one in places], dtype=np.int32),
            np.array([one.cost for one in places], dtype=np.int64),
            -1,
            guides,
            trainers,
            workplaces,
            frozenset((*guides.tolist(), *trainers.tolist())),
            frozenset(workplaces.tolist()),
        )

    def _row(self, place: Place, *, is_held: bool) -> tuple[int, ...]:
        site = self.sites[place.site]
        owner = place.student if is_held else None
        return (
            self.workplaces[place.workplace],
            site,
            self.sets[frozenset(place.periods)],
            self._pool(place.guides, owner),
            self._crew(site, place.sos),
            self._crew(site, place.ios),
        )

    def _pool(self, guides: tuple[Guide, ...], owner: StudentId | None) -> int:
        """A pool is shared by all places that ask the same; where somebody guides today it is the student's own."""
        people = tuple((self.people[one.supervisor], one.taken_qh, one.cost) for one in guides)
        number = self._pool_names[owner, people]
        if number == len(self.pools):
            columns = np.array(people, dtype=np.int64).T
            self.pools.append(Pool(columns[0].astype(np.int32), columns[1].astype(np.int32), columns[2]))
        return number

    def _crew(self, site: int, trainers: tuple[SupervisorId | None, ...]) -> int:
        people = tuple(self.people[one] for one in trainers if one is not None)
        if not people:
            return NOT_ASKED
        number = self._crew_names[site, people]
        if number == len(self.crews):
            self.crews.append(np.array(people, dtype=np.int32))
        return number


def _all(lists: Iterable[Ints]) -> Ints:
    found = list(lists)
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int32)
