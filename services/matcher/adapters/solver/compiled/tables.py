"""The region as flat arrays: what search, sub-models and bounds read, made once per region."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.compiled.guides import (
    AMPLE,
    NOT_ASKED,
    GuidePools,
    guide_pools,
    people_of,
    trainer_pools,
)
from services.matcher.adapters.solver.compiled.indexing import (
    Bools,
    Csr,
    Index,
    Ints,
    Points,
    hashes_of,
    index_of,
    mixed,
)
from services.matcher.adapters.solver.compiled.pooling import Pooling, pooling_of
from services.matcher.adapters.solver.compiled.reach import reach_of
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import partners_of
from services.matcher.domain.levers import shares_guidance
from services.matcher.domain.plan import Placement, WpbShare
from services.matcher.domain.prices import break_cost
from services.matcher.domain.vocabulary import PlacementState, Tier


@dataclass(frozen=True, slots=True)
class Places:
    """One entry per student, workplace and period set where somebody of each tier could guide in an empty region.

    Those of student s are entries start[s] to start[s + 1], cheapest first, ties by hash. `guides` is a pool of
    `Tables.guides`; `sos` and `ios` are pools of `Tables.sos` and `Tables.ios`, or NOT_ASKED.
    """

    start: Ints
    student: Ints
    workplace: Ints
    site: Ints
    set: Ints
    set_index: Ints
    minutes: Ints
    cost: Points
    kept: Bools
    guides: Ints
    sos: Ints
    ios: Ints


@dataclass(frozen=True, slots=True)
class Groups:
    """Who is in which watched group, and what the k-th unplaced of a group costs extra."""

    of_student: Csr
    size: Ints
    price_start: Ints
    price: Points


@dataclass(frozen=True, slots=True)
class Tables:
    """A region in numbers: every entry of a plan's cost and of its limits, duo, team and relief in `pooling` if wanted.

    `needs` is students x (wpb, so, io); `hours` and `seats` are x periods; `heads` is the largest number of students
    per supervisor and period; `unplaced_cost` includes the promise that is broken.
    """

    index: Index
    needs: Ints
    unplaced_cost: Points
    places: Places
    guides: GuidePools
    sos: Csr
    ios: Csr
    hours: Ints
    heads: Ints
    seats: Ints
    site_of: Ints
    min_students: Ints
    site_qh: tuple[int, int]
    load: Points
    groups: Groups
    together: Csr
    apart: Csr
    pooling: Pooling | None = None


def pooled_tables_of(atlas: Atlas) -> Tables:
    """The arrays of a region with what duo, team, peer and senior make possible, where one of these is on."""
    return tables_of(atlas, is_pooled=shares_guidance(atlas.region.settings))


def tables_of(atlas: Atlas, *, is_pooled: bool = False) -> Tables:
    """The arrays of a region; the same whatever the order of the input."""
    region, index = atlas.region, index_of(atlas)
    people, seats = people_of(atlas, index), seats_of(atlas, index)
    reach = reach_of(atlas, index, seats)
    pooling = pooling_of(atlas, index) if is_pooled else None
    guides, guide_pool = guide_pools(atlas, index, people, reach, None if pooling is None else pooling.least)
    sos, so_pool = trainer_pools(atlas, index, people, reach, Tier.SO)
    ios, io_pool = trainer_pools(atlas, index, people, reach, Tier.IO)
    guided = np.diff(guides.start)[guide_pool] > 0
    for pools, which in ((sos, so_pool), (ios, io_pool)):
        guided &= (which == NOT_ASKED) | (np.diff(pools.start)[which] > 0)
    seed = region.settings.seed
    tie = mixed(hashes_of(seed, index.students)[reach.student], hashes_of(seed, index.workplaces)[reach.workplace])
    order = np.lexsort((reach.set_index, tie, reach.cost, reach.student))
    order = order[guided[order]]
    found = reach.only(order)
    site_of = np.array([index.site_at[region.workplaces[one].site] for one in index.workplaces], dtype=np.int32)
    places = Places(
        np.searchsorted(found.student, np.arange(len(index.students) + 1)).astype(np.int32),
        found.student,
        found.workplace,
        site_of[found.workplace],
        found.set,
        found.set_index,
        found.minutes,
        found.cost,
        found.kept,
        *(pool[order].astype(np.int32) for pool in (guide_pool, so_pool, io_pool)),
    )
    partners = partners_of(atlas)
    company = [partners.get(one, (frozenset(), frozenset())) for one in index.students]
    heads = [region.supervisors[one].max_students for one in index.supervisors]
    needs = [atlas.needs(one) for one in index.students]
    fixed = region.settings.trainer_site_qh
    return Tables(
        index,
        np.array([(one.wpb, one.so, one.io) if one else (0, 0, 0) for one in needs], np.int32).reshape(-1, 3),
        np.array(
            [
                region.settings.costs.unplaced + break_cost(region.settings.costs, atlas.held.get(one))
                for one in index.students
            ],
            np.int64,
        ),
        places,
        guides,
        sos,
        ios,
        people.hours,
        np.array([AMPLE if one is None else one for one in heads], np.int32),
        seats,
        site_of,
        np.array([region.sites[one].min_students for one in index.sites], np.int32),
        (fixed.so, fixed.io),
        np.array(region.settings.costs.load, np.int64),
        _groups(atlas, index),
        _company(index, [together for together, _ in company]),
        _company(index, [apart for _, apart in company]),
        pooling,
    )


def _company(index: Index, named: list[frozenset[StudentId]]) -> Csr:
    return Csr.of(sorted(index.student_at[one] for one in others if one in index.student_at) for others in named)


def seats_of(atlas: Atlas, index: Index) -> Ints:
    """The seats of every workplace in every period."""
    seats = np.zeros((len(index.workplaces), len(index.periods)), dtype=np.int32)
    for row, name in enumerate(index.workplaces):
        given = atlas.region.workplaces[name].seats
        for column, period in enumerate(index.periods):
            seats[row, column] = given.get(period, 0)
    return seats


def _groups(atlas: Atlas, index: Index) -> Groups:
    groups = groups_of(atlas)
    mine: list[list[int]] = [[] for _ in index.students]
    prices: list[int] = []
    for number, group in enumerate(groups):
        for member in group.members:
            mine[index.student_at[member]].append(number)
        for width, price in group.segments(0, len(group.members)):
            prices += [price] * width
    size = np.array([len(one.members) for one in groups], np.int32)
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int32)
    return Groups(Csr.of(mine), size, start, np.array(prices, np.int64))


def placement_at(atlas: Atlas, tables: Tables, place: int, people: tuple[int, int, int]) -> Placement:
    """The placement for a place, a workplace supervisor, a school trainer and an institute trainer; -1 for none."""
    index, places = tables.index, tables.places
    student = int(places.student[place])
    name, (guide, so, io) = index.students[student], people
    held = atlas.held.get(name)
    state = held.state if held is not None and places.kept[place] else PlacementState.PROPOSED
    return Placement(
        name,
        atlas.region.students[name].period_sets[places.set_index[place]],
        index.workplaces[places.workplace[place]],
        (WpbShare(index.supervisors[guide], int(tables.needs[student, 0])),),
        index.supervisors[so] if so >= 0 else None,
        index.supervisors[io] if io >= 0 else None,
        state=state,
    )


def pool(pools: Csr | GuidePools, number: int) -> NDArray[np.int32]:
    """The supervisors of one pool."""
    items = pools.supervisor if isinstance(pools, GuidePools) else pools.items
    return items[pools.start[number] : pools.start[number + 1]]
