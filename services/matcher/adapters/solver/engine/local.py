"""Tables of a neighbourhood: some students, everything that they could use, and what the others leave of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.compiled.guides import AMPLE, NOT_ASKED, GuidePools
from services.matcher.adapters.solver.compiled.indexing import Csr, Index, Ints
from services.matcher.adapters.solver.compiled.tables import Groups, Places, Tables
from services.matcher.adapters.solver.engine.blocks import IOS, POOL, SET, SITE, SOS, WORKPLACE, Blocks
from services.matcher.adapters.solver.engine.tally import Tally
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import SiteId, StudentId, SupervisorId, WorkplaceId
from services.matcher.domain.ledger import NOBODY, Partners
from services.matcher.domain.prices import break_cost

Id = TypeVar("Id", bound=str)
Name = TypeVar("Name", SiteId, WorkplaceId, SupervisorId, tuple[int, ...])


@dataclass(frozen=True, slots=True)
class Stay:
    """What it costs in a search, on top of the real price, to move or to put out whoever is in here."""

    students: frozenset[StudentId]
    move: int
    put_out: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What tables are made from."""

    atlas: Atlas
    blocks: Blocks
    tally: Tally
    partners: Mapping[StudentId, Partners]
    placed: Collection[StudentId]
    """Those whose placements are in the tally."""


def tables_near(ground: Ground, free: Sequence[StudentId], stay: Stay) -> Tables:
    """The tables of the free students, given in order, and of whom they must be with or apart from, who have no places.

    Where nobody is free, raises ValueError.
    """
    return _Near(ground, free, stay).tables()


class _Near:
    """Renumbers what the blocks name, in the order of the ids."""

    def __init__(self, ground: Ground, free: Sequence[StudentId], stay: Stay) -> None:
        self._ground, self._free, self._stay = ground, free, stay
        blocks = ground.blocks
        self._mine = [blocks.of(one) for one in free]
        self._rows = np.concatenate([one.rows for one in self._mine])
        self._lengths = np.array([len(one.rows) for one in self._mine], dtype=np.int32)
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)])
        outside = {other for one in free for group in ground.partners.get(one, NOBODY) for other in group}
        self._students = tuple(sorted({*free, *(outside & ground.atlas.region.students.keys())}))
        self._pools = np.unique(self._rows[:, POOL])
        self._crews = [np.unique(self._rows[self._rows[:, column] >= 0, column]) for column in (SOS, IOS)]

    def tables(self) -> Tables:
        ground, region = self._ground, self._ground.atlas.region
        index, workplace, site, period_set = self._index()
        site_of = [index.site_at[region.workplaces[one].site] for one in index.workplaces]
        needs = [ground.atlas.needs(one) for one in index.students]
        heads = [region.supervisors[one].max_students for one in index.supervisors]
        company = [ground.partners.get(one, NOBODY) for one in index.students]
        fixed, seats = region.settings.trainer_site_qh, [region.workplaces[one].seats for one in index.workplaces]
        return Tables(
            index,
            np.array([(one.wpb, one.so, one.io) if one else (0, 0, 0) for one in needs], np.int32),
            self._unplaced_costs(),
            self._places(index, (workplace, site, period_set)),
            self._guides(),
            self._crew(0),
            self._crew(1),
            _grid([[ground.atlas.qh(one, each) for each in index.periods] for one in index.supervisors], index),
            np.array([AMPLE if one is None else one for one in heads], np.int32),
            _grid([[given.get(each, 0) for each in index.periods] for given in seats], index),
            np.array(site_of, np.int32),
            np.array([region.sites[one].min_students for one in index.sites], np.int32),
            (fixed.so, fixed.io),
            np.array(region.settings.costs.load, np.int64),
            self._groups(),
            Csr.of(_numbers(together, index.student_at) for together, _ in company),
            Csr.of(_numbers(apart, index.student_at) for _, apart in company),
        )

    def _index(self) -> tuple[Index, Ints, Ints, Ints]:
        """The index, and the workplace, site and period set of each row."""
        blocks, periods = self._ground.blocks, tuple(sorted(self._ground.atlas.region.periods))
        workplaces, workplace = _renumbered(self._rows[:, WORKPLACE], blocks.workplaces.names)
        sites, site = _renumbered(self._rows[:, SITE], blocks.sites.names)
        at = {one: number for number, one in enumerate(periods)}
        members = [tuple(sorted(at[each] for each in one)) for one in blocks.sets.names]
        sets, period_set = _renumbered(self._rows[:, SET], members)
        staff = [blocks.pools[one].people for one in self._pools]
        staff += [blocks.crews[one] for crews in self._crews for one in crews]
        labels = np.concatenate([np.zeros(0, np.int32), *staff])
        people, number = _renumbered(labels, blocks.people.names)
        self._person = np.zeros(len(blocks.people.names), dtype=np.int32)
        self._person[labels] = number
        index = Index(
            self._students,
            tuple(sites),
            tuple(workplaces),
            tuple(people),
            periods,
            _rows_of(self._students),
            _rows_of(sites),
            _rows_of(workplaces),
            _rows_of(people),
            Csr.of(sets),
            {frozenset(periods[each] for each in one): row for row, one in enumerate(sets)},
        )
        return index, workplace, site, period_set

    def _places(self, index: Index, where: tuple[Ints, Ints, Ints]) -> Places:
        workplace, site, period_set = where
        numbers = np.array([index.student_at[one] for one in self._free], dtype=np.int32)
        per_student = np.zeros(len(index.students), dtype=np.int32)
        per_student[numbers] = self._lengths
        kept = np.zeros(len(self._rows), dtype=np.bool_)
        held = np.array([one.kept for one in self._mine])
        kept[(self._starts[:-1] + held)[held >= 0]] = True
        stays = np.repeat(np.array([one in self._stay.students for one in self._free]), self._lengths)
        return Places(
            np.concatenate([[0], np.cumsum(per_student)]).astype(np.int32),
            np.repeat(numbers, self._lengths),
            workplace,
            site,
            period_set,
            np.concatenate([one.set_index for one in self._mine]),
            np.concatenate([one.minutes for one in self._mine]),
            np.concatenate([one.cost for one in self._mine]) + self._stay.move * (stays & ~kept),
            kept,
            np.searchsorted(self._pools, self._rows[:, POOL]).astype(np.int32),
            self._crew_rows(SOS),
            self._crew_rows(IOS),
        )

    def _crew_rows(self, column: int) -> Ints:
        labels, crews = self._rows[:, column], self._crews[column == IOS]
        return np.where(labels < 0, NOT_ASKED, np.searchsorted(crews, labels)).astype(np.int32)

    def _guides(self) -> GuidePools:
        """The pools, with the price of another guide for whoever is to stay."""
        blocks, pools = self._ground.blocks, [self._ground.blocks.pools[one] for one in self._pools]
        extra = {}
        for name, block in zip(self._free, self._mine, strict=True):
            if name in self._stay.students and block.kept >= 0:
                label = int(block.rows[block.kept, POOL])
                if len(blocks.pools[label].people) > 1:
                    guide = blocks.people[self._ground.atlas.held[name].wpb[0].supervisor]
                    extra[label] = self._stay.move * (blocks.pools[label].people != guide)
        costs = [pool.cost + extra.get(int(label), 0) for label, pool in zip(self._pools, pools, strict=True)]
        return GuidePools(
            np.concatenate([[0], np.cumsum([len(one.people) for one in pools])]).astype(np.int32),
            self._person[np.concatenate([np.zeros(0, np.int32), *(one.people for one in pools)])],
            np.concatenate([np.zeros(0, np.int32), *(one.taken for one in pools)]),
            np.concatenate([np.zeros(0, np.int64), *costs]),
        )

    def _crew(self, tier: int) -> Csr:
        crews = [self._ground.blocks.crews[one] for one in self._crews[tier]]
        start = np.concatenate([[0], np.cumsum([len(one) for one in crews])]).astype(np.int32)
        return Csr(start, self._person[np.concatenate([np.zeros(0, np.int32), *crews])])

    def _unplaced_costs(self) -> NDArray[np.int64]:
        atlas, stay = self._ground.atlas, self._stay
        costs = atlas.region.settings.costs
        real = [costs.unplaced + break_cost(costs, atlas.held.get(one)) for one in self._students]
        stays = [stay.put_out * (one in stay.students) for one in self._students]
        return np.array(real, np.int64) + np.array(stays, np.int64)

    def _groups(self) -> Groups:
        """The watched groups of the free; as many of each are left as when none of the free had a place."""
        tally, students = self._ground.tally, self._ground.atlas.region.students
        free = {*self._free}
        names = [tally.groups_of(students[one]) if one in free else [] for one in self._students]
        watched = [one for one in sorted({one for mine in names for one in mine}) if tally.price_of(one) is not None]
        number = {one: row for row, one in enumerate(watched)}
        prices = [tally.ranks_of(one) for one in watched]
        start = np.concatenate([[0], np.cumsum([len(one) for one in prices])]).astype(np.int32)
        out = Counter(
            group
            for one, mine in zip(self._students, names, strict=True)
            if one in self._ground.placed
            for group in mine
        )
        return Groups(
            Csr.of([number[one] for one in mine if one in number] for mine in names),
            np.array([tally.left[one] + out[one] for one in watched], np.int32),
            start,
            np.concatenate([np.zeros(0, np.int64), *prices]),
        )


def _grid(rows: list[list[int]], index: Index) -> Ints:
    return np.array(rows, dtype=np.int32).reshape(-1, len(index.periods))


def _renumbered(labels: Ints, names: Sequence[Name]) -> tuple[list[Name], Ints]:
    """The things that are named, in order, and the number of each label among them."""
    found, which = np.unique(labels, return_inverse=True)
    here = [names[one] for one in found]
    order = sorted(range(len(here)), key=here.__getitem__)
    rank = np.zeros(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return [here[one] for one in order], rank[which.ravel()]


def _rows_of(names: Sequence[Id]) -> dict[Id, int]:
    return {one: row for row, one in enumerate(names)}


def _numbers(students: Iterable[StudentId], known: Mapping[StudentId, int]) -> list[int]:
    return sorted(known[one] for one in students if one in known)
