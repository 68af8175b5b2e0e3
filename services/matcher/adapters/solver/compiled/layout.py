"""Lays the tables out in the flat arrays of the compiled code."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.compiled.guides import AMPLE
from services.matcher.adapters.solver.compiled.indexing import Ints, Points, pairs_of, ranges
from services.matcher.adapters.solver.compiled.kernels import fields as at
from services.matcher.adapters.solver.compiled.pooling import NOT_ALLOWED, Pooling
from services.matcher.adapters.solver.compiled.tables import Tables
from services.matcher.adapters.solver.compiled.visits import visits
from services.matcher.adapters.solver.valuation import value_of
from services.matcher.domain.ids import StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.vocabulary import Relief

SHORT_SHARE = 4
"""While searching, a student too few at an open site counts for this part of an unplaced one."""
NO_PLAN = 2**62
SCARCE = 0.75
"""Trainers are scarce when the students' needs, without the sites', are more than this part of their hours."""
FEW = 400
"""Of so few students the exact models look at whole sites anyway, and leaving sites only made the search slower to settle."""
MOST_DESKS = 8
"""Whoever guides at more workplaces is not followed: the quick look at those workplaces says nothing of hours."""


@dataclass(frozen=True, slots=True)
class Flat:
    """Facts and prices, which stay, and state and totals, which change."""

    facts: Ints
    prices: Points
    state: Ints
    totals: Points


class _Sections:
    """One array made of sections; the head of the facts tells where each begins."""

    def __init__(self, head: Ints, start: int = 0) -> None:
        self.head, self.length = head, start
        self.parts: list[NDArray[Any]] = []

    def add(self, slot: int, values: NDArray[Any]) -> None:
        """Put a section at the end."""
        self.head[slot] = self.length
        self.parts.append(values.ravel())
        self.length += self.parts[-1].size

    def joined(self, kind: type[np.int32] | type[np.int64]) -> NDArray[Any]:
        """The array, with a spare item so that it is never empty."""
        return np.concatenate([*self.parts, np.zeros(1)]).astype(kind)


def lay_out(tables: Tables, fixed: Ledger, movable: Collection[StudentId], seed: int, value: int | None = None) -> Flat:
    """The arrays with these placements fixed and nobody else placed; only the movable who have places move.

    `value` is what the fixed placements cost, where that is known or does not matter. Tables of some of the students
    are of use too: those who are not in them stay fixed.
    """
    head = np.zeros(at.HEAD, dtype=np.int32)
    facts, prices, state = _Sections(head, at.HEAD), _Sections(head), _Sections(head)
    visit_of = _trainer_rows(tables, facts)
    movers = {tables.index.student_at[one] for one in movable}
    _places(tables, facts, movers)
    _guides(tables, facts)
    _rules(tables, facts)
    _desks(tables, facts)
    _people(tables, facts, movers)
    _prices(tables, prices)
    short = _state(tables, fixed, visit_of, state)
    body = facts.joined(np.int32)
    body_with_head = np.concatenate([head, body]).astype(np.int32)
    totals = np.zeros(at.TOTALS, dtype=np.int64)
    totals[at.COST] = value_of(fixed.atlas, fixed.placed) if value is None else value
    totals[at.SHORT], totals[at.BEST] = short, NO_PLAN
    totals[at.SHORT_PRICE] = fixed.atlas.region.settings.costs.unplaced // SHORT_SHARE
    totals[at.RANDOM] = (seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) % (2**63 - 1) or 1
    flat = Flat(body_with_head, prices.joined(np.int64), state.joined(np.int32), totals)
    _wait(tables, fixed, flat)
    return flat


def _trainer_rows(tables: Tables, facts: _Sections) -> Ints:
    """Crews of both tiers end to end; a visit is a trainer at a site: who and where of each are what is given back."""
    places = tables.places
    site_of_crew = np.zeros(len(tables.sos) + len(tables.ios), dtype=np.int32)
    for pools, offset in ((places.sos, 0), (places.ios, len(tables.sos))):
        asked = pools >= 0
        site_of_crew[pools[asked] + offset] = places.site[asked]
    starts = np.concatenate([tables.sos.start[:-1], tables.ios.start + len(tables.sos.items)])
    who = np.concatenate([tables.sos.items, tables.ios.items])
    site = np.repeat(site_of_crew, np.diff(starts))
    pairs, visit = pairs_of(who, site)
    facts.add(at.CREW, starts)
    facts.add(at.TRAINER, np.stack([who, visit], axis=1))
    return pairs


def _places(tables: Tables, facts: _Sections, movers: set[int]) -> None:
    """The places themselves, and per site those of students who may move."""
    places = tables.places
    ios = np.where(places.ios >= 0, places.ios + len(tables.sos), places.ios)
    columns = (places.workplace, places.site, places.set, places.guides, places.sos, ios, places.student)
    facts.add(at.PLACE, np.stack([*columns, places.kept], axis=1))
    facts.add(at.FIRST, places.start)
    movable = np.nonzero(np.isin(places.student, list(movers)))[0]
    order = movable[np.argsort(places.site[movable], kind="stable")]
    facts.add(at.SITE_ROW, np.searchsorted(places.site[order], np.arange(len(tables.index.sites) + 1)))
    facts.add(at.SITE_ROW_ITEM, order)


def _guides(tables: Tables, facts: _Sections) -> None:
    """Pools of guides, what students need of them, and what the levers make of it."""
    guides, pooling, needs = tables.guides, tables.pooling, tables.needs
    nothing, nobody = np.zeros_like(guides.taken), np.full((len(needs), 2), NOT_ALLOWED)
    marks, overhead, most = (nothing if one is None else one for one in (guides.marks, guides.overhead, guides.most))
    facts.add(at.POOL, guides.start)
    facts.add(at.GUIDE, np.stack([guides.supervisor, guides.taken], axis=1))
    facts.add(at.MARK, np.stack([marks, overhead, most, nothing], axis=1))
    facts.head[at.POOLED] = pooling is not None
    if pooling is None:
        facts.add(at.NEED, np.column_stack([needs, nobody, needs[:, 0], nobody * 0]))
        facts.add(at.HOME, np.full(len(tables.index.supervisors), -1))
        facts.add(at.DUO_QH, nothing[:0])
        return
    columns = (needs, pooling.relieved, _least_room(needs, pooling), pooling.is_senior, pooling.agreed)
    facts.add(at.NEED, np.column_stack(columns))
    facts.add(at.HOME, pooling.home)
    facts.add(at.DUO_QH, pooling.duo_qh)
    facts.head[at.TEAM_QH], facts.head[at.TEAM_COST] = pooling.team_qh, pooling.team_cost
    facts.head[at.GROUP_SIZE], facts.head[at.PER_SENIOR] = pooling.group_size, pooling.per_senior


def _least_room(needs: Ints, pooling: Pooling) -> Ints:
    """What two guides of a workplace must have left together for a student to fit with one or both of them at all."""
    relieved = np.where(pooling.relieved == NOT_ALLOWED, needs[:, :1], pooling.relieved).min(axis=1, initial=AMPLE)
    least: Ints = np.minimum(needs[:, 0], relieved).astype(np.int32)
    return np.where(pooling.agreed, 0, least).astype(np.int32)


def _desks(tables: Tables, facts: _Sections) -> None:
    """Who may guide at each workplace, for those workplaces where nobody guides at more than a few."""
    places, people = tables.places, len(tables.index.supervisors)
    pools, _ = pairs_of(places.workplace, places.guides)
    owner, row = ranges(tables.guides.start[pools[1]], np.diff(tables.guides.start)[pools[1]])
    pairs, _ = pairs_of(pools[0][owner], tables.guides.supervisor[row])
    busy = np.bincount(pairs[1], minlength=people) > MOST_DESKS
    untracked = np.unique(pairs[0][busy[pairs[1]]])
    pairs = pairs[:, ~np.isin(pairs[0], untracked)]
    facts.add(at.MEMBER, np.searchsorted(pairs[0], np.arange(len(tables.index.workplaces) + 1)))
    facts.add(at.MEMBER_ITEM, pairs[1])
    order = np.argsort(pairs[1], kind="stable")
    facts.add(at.DESK, np.searchsorted(pairs[1][order], np.arange(people + 1)))
    facts.add(at.DESK_ITEM, pairs[0][order])


def _rules(tables: Tables, facts: _Sections) -> None:
    index, head = tables.index, facts.head
    facts.add(at.SET, index.sets.start)
    facts.add(at.SET_ITEM, index.sets.items)
    holds = np.zeros((len(index.sets), len(index.periods)), dtype=np.int32)
    for row in range(len(index.sets)):
        holds[row, index.sets[row]] = 1
    facts.add(at.MASK, holds)
    facts.add(at.MINIMUM, tables.min_students)
    least = np.nonzero(tables.min_students > 1)[0]
    facts.add(at.LEAST, least)
    for slot, items, company in ((at.WITH, at.WITH_ITEM, tables.together), (at.APART, at.APART_ITEM, tables.apart)):
        facts.add(slot, company.start)
        facts.add(items, company.items)
    head[at.LEASTS] = len(least)
    head[at.COMPANY] = len(tables.together.items) + len(tables.apart.items) > 0
    head[at.PERIODS], head[at.LOADS] = len(index.periods), len(tables.load)
    head[at.SITE_SO], head[at.SITE_IO] = tables.site_qh
    is_large = len(index.students) > FEW
    head[at.ARE_TRAINERS_SCARCE] = is_large and are_trainers_scarce(tables)


def are_trainers_scarce(tables: Tables) -> bool:
    """Those of schools, or those of institutes."""
    return any(_is_scarce(tables, tier) for tier in (1, 2))


def _is_scarce(tables: Tables, tier: int) -> bool:
    """The trainers of a tier, who pay for each site, have few more hours than the students alone would take."""
    pools, fixed = (tables.sos, tables.ios)[tier - 1], tables.site_qh[tier - 1]
    asked, there = int(tables.needs[:, tier].sum()), int(tables.hours[np.unique(pools.items)].sum())
    return fixed > 0 and asked > SCARCE * there


def _people(tables: Tables, facts: _Sections, movable: set[int]) -> None:
    """Groups, and who may move: those with the fewest places first, which is the order in which they are filled in."""
    groups, number = tables.groups, np.diff(tables.places.start)
    facts.add(at.GROUP, groups.of_student.start)
    facts.add(at.GROUP_ITEM, groups.of_student.items)
    facts.add(at.RANK, groups.price_start)
    movers = sorted((one for one in movable if number[one]), key=lambda one: (number[one], one))
    facts.add(at.MOVABLE, np.array(movers, dtype=np.int32))
    facts.head[at.MOVABLES], facts.head[at.STUDENTS] = len(movers), len(number)
    facts.head[at.SITES] = len(tables.index.sites)


def _prices(tables: Tables, prices: _Sections) -> None:
    prices.add(at.P_PLACE, tables.places.cost)
    prices.add(at.P_GUIDE, tables.guides.cost)
    prices.add(at.P_RANK, tables.groups.price)
    prices.add(at.P_LOAD, tables.load)
    prices.add(at.P_UNPLACED, tables.unplaced_cost)
    lending, starter = (tables.pooling.lending_cost, tables.pooling.starter_cost) if tables.pooling else (0, 0)
    prices.add(at.P_MARK, np.array([0, lending, starter, lending + starter]))


def _state(tables: Tables, fixed: Ledger, visit_of: Ints, state: _Sections) -> int:
    """What is left beside the fixed placements; returns by how many students their sites are below the minimum."""
    index, students = tables.index, len(tables.index.students)
    used = np.array([[fixed.qh[one, each] for each in index.periods] for one in index.supervisors], np.int64)
    heads = np.array([[fixed.heads[one, each] for each in index.periods] for one in index.supervisors], np.int64)
    seats = np.array([[fixed.seats[one, each] for each in index.periods] for one in index.workplaces], np.int64)
    there = np.array([[fixed.at_site[one, each] for each in index.periods] for one in index.sites], np.int64)
    state.add(at.S_NOW, np.full((students, at.ROW), -1))
    state.add(at.S_SEATS, tables.seats - seats.reshape(tables.seats.shape))
    state.add(at.S_HOURS, tables.hours - used.reshape(tables.hours.shape))
    free = tables.heads[:, None] - heads.reshape(tables.hours.shape)
    state.add(at.S_HEADS, np.where(tables.heads[:, None] >= AMPLE, AMPLE, free))
    state.add(at.S_ROOM, np.full(tables.seats.shape, AMPLE))
    state.add(at.S_GUIDED, heads)
    state.add(at.S_AT_SITE, there)
    state.add(at.S_VISITS, visits(index, fixed, visit_of))
    state.add(at.S_NEXT, np.full((students, at.ROW), -1))
    state.add(at.S_PREVIOUS, np.full((students, at.ROW), -1))
    state.add(at.S_OF_WORKPLACE, np.full(len(index.workplaces), -1))
    state.add(at.S_OF_PERSON, np.full(len(index.supervisors), -1))
    state.add(at.S_OF_SECOND, np.full(len(index.supervisors), -1))
    state.add(at.S_LEFT, tables.groups.size)
    sizes = ((at.S_WAITING, 1), (at.S_WAITING_AT, 1), (at.S_SITE, 1), (at.S_JOURNAL, at.ROW + 1), (at.S_TOUCHED, 1))
    for slot, size in sizes:
        state.add(slot, np.full((students, size), -1 if slot == at.S_SITE else 0))
    state.add(at.S_EJECTED, np.zeros(at.MOST_EJECTED))
    state.add(at.S_BEST, np.full((students, at.ROW), -1))
    widest = int(np.diff(tables.guides.start).max(initial=0))
    state.add(at.S_SCRATCH, np.zeros(2 * len(tables.index.periods) + widest))
    there = there.reshape(len(index.sites), len(index.periods))
    return _lack(there, tables.min_students[:, None]) + _reliefs(tables, fixed, state)


def _lack(there: NDArray[np.int64], least: NDArray[Any] | int) -> int:
    """By how many students what is not empty is below its minimum."""
    lack = least - there
    return int(lack[(there > 0) & (lack > 0)].sum())


def _reliefs(tables: Tables, fixed: Ledger, state: _Sections) -> int:
    """Who of the fixed is peer, helped or senior at each site; returns by how many that is against the rules."""
    pooling, shape = tables.pooling, (len(tables.index.sites), len(tables.index.periods))
    found = np.zeros((3, *shape), dtype=np.int64)
    for spot in np.ndindex(shape) if pooling is not None else ():
        at_spot = (tables.index.sites[spot[0]], tables.index.periods[spot[1]])
        counts = (
            fixed.relieved[Relief.PEER, *at_spot],
            fixed.relieved[Relief.SENIOR, *at_spot],
            fixed.seniors[at_spot],
        )
        found[:, *spot] = counts
    for slot, counted in zip((at.S_PEERS, at.S_HELPED, at.S_SENIORS), found, strict=True):
        state.add(slot, counted)
    if pooling is None:
        return 0
    peers, helped, seniors = found
    return _lack(peers, pooling.group_size) + int(np.maximum(0, helped - pooling.per_senior * seniors).sum())


def _wait(tables: Tables, fixed: Ledger, flat: Flat) -> None:
    """Movers wait; the fixed are at their sites and not among the unplaced of their groups; the others never move."""
    facts, state = flat.facts, flat.state
    movers = facts[facts[at.MOVABLE] :][: facts[at.MOVABLES]]
    state[facts[at.S_WAITING] :][: len(movers)] = movers
    waiting_at = state[facts[at.S_WAITING_AT] :][: len(tables.index.students)]
    waiting_at[:] = -1
    waiting_at[movers] = np.arange(len(movers))
    flat.totals[at.WAITING] = len(movers)
    for number, name in enumerate(tables.index.students):
        if name not in fixed.placed:
            continue
        elsewhere = len(tables.index.sites)
        state[facts[at.S_SITE] + number] = tables.index.site_at.get(fixed.site_of[name], elsewhere)
        for group in tables.groups.of_student[number]:
            state[facts[at.S_LEFT] + group] -= 1
