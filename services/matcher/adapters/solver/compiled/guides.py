"""Who can guide where: pools of workplace supervisors and of trainers, each shared by all places that ask the same."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.compiled.indexing import (
    Bools,
    Csr,
    Hashes,
    Index,
    Ints,
    Points,
    codes_of,
    hashes_of,
    mixed,
    ranges,
)
from services.matcher.adapters.solver.compiled.reach import Reach, minutes_between
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import SiteId
from services.matcher.domain.region import Supervisor
from services.matcher.domain.rules import guides_in_general
from services.matcher.domain.vocabulary import EVERY_SITE, SiteRole, Tier

OWN, CORE, LENT = 0, 1, 2
AMPLE = 2**30
NOT_ASKED = -1
LENDS, STARTS = 1, 2


@dataclass(frozen=True, slots=True)
class GuidePools:
    """Pool i is rows start[i] to start[i + 1]: who, the hours that they spend, the cost; cheapest first, ties by hash.

    Where the levers pool hours: the marks LENDS and STARTS, the overhead among the hours, and the hours that they have.
    """

    start: Ints
    supervisor: Ints
    taken: Ints
    cost: Points
    marks: Ints | None = None
    overhead: Ints | None = None
    most: Ints | None = None


@dataclass(frozen=True, slots=True)
class People:
    """What pools ask of each supervisor, one entry or row per supervisor."""

    hours: Ints
    in_set: Ints
    days: Ints
    max_support: Ints
    hash: Hashes


def people_of(atlas: Atlas, index: Index) -> People:
    """Hours per period and the least per period set, days as bits, support class; nobody with room for nobody."""
    people = [atlas.region.supervisors[one] for one in index.supervisors]
    hours = np.zeros((len(people), len(index.periods)), dtype=np.int32)
    for row, one in enumerate(people):
        for column, period in enumerate(index.periods):
            hours[row, column] = atlas.qh(one.id, period) if period in one.qh else 0
    in_set = np.full((len(people), len(index.sets)), AMPLE, dtype=np.int32)
    for number in range(len(index.sets)):
        in_set[:, number] = hours[:, index.sets[number]].min(axis=1, initial=AMPLE)
    in_set[[row for row, one in enumerate(people) if one.max_students == 0]] = -1
    return People(
        hours,
        in_set,
        np.array([day_bits(one.days) for one in people], dtype=np.int32),
        np.array([one.max_support for one in people], dtype=np.int32),
        hashes_of(atlas.region.settings.seed, index.supervisors),
    )


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day_bits(days: tuple[str, ...]) -> int:
    """A set of weekdays as bits."""
    return sum(1 << DAYS.index(one) for one in {*days})


@dataclass(frozen=True, slots=True)
class Ties:
    """Who may guide at each site, and how they belong to it."""

    start: Ints
    supervisor: Ints
    tie: Ints


def ties_of(atlas: Atlas, index: Index) -> Ties:
    """Through the core of a shell, own, or lent: the first that holds, for everybody who guides at all."""
    guides = [
        (number, atlas.region.supervisors[name])
        for number, name in enumerate(index.supervisors)
        if guides_in_general(atlas.region.settings, atlas.region.supervisors[name])
    ]
    tie = np.full((len(index.sites), len(index.supervisors)), -1, dtype=np.int8)
    _mark_lent(atlas, index, guides, tie)
    for number, one in guides:
        tie[list(_served(index, one)), number] = OWN
    if atlas.region.settings.levers.core_shell.on:
        for row, name in enumerate(index.sites):
            site = atlas.region.sites[name]
            if site.role is SiteRole.SHELL and site.core:
                tie[row, [number for number, one in guides if one.serves(site.core)]] = CORE
    sites, supervisors = np.nonzero(tie >= 0)
    start = np.searchsorted(sites, np.arange(len(index.sites) + 1)).astype(np.int32)
    return Ties(start, supervisors.astype(np.int32), tie[sites, supervisors].astype(np.int32))


def _served(index: Index, person: Supervisor) -> Iterator[int]:
    if EVERY_SITE in person.sites:
        yield from range(len(index.sites))
    else:
        yield from (index.site_at[SiteId(one)] for one in person.sites if one in index.site_at)


def _mark_lent(atlas: Atlas, index: Index, guides: list[tuple[int, Supervisor]], tie: NDArray[np.int8]) -> None:
    """Who is lendable and works somewhere, but not everywhere, within reach of the site."""
    region, lending = atlas.region, atlas.region.settings.levers.lending
    found = [
        (number, region.sites[SiteId(one.sites[0])])
        for number, one in guides
        if one.lendable and one.sites and EVERY_SITE not in one.sites and one.sites[0] in region.sites
    ]
    if not lending.on or not found:
        return
    places = [region.sites[one] for one in index.sites]
    minutes = minutes_between(region.settings.travel, [home for _, home in found], places)
    for (number, _), row in zip(found, minutes, strict=True):
        tie[row <= lending.max_min, number] = LENT


def keys_of(*columns: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct rows of these columns, by the position of one of each, and which of them every row is."""
    key, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        low = int(column.min(initial=0))
        width = int(column.max(initial=0)) - low + 1
        if size * width >= 2**62:
            known, key = np.unique(key, return_inverse=True)
            size = len(known)
        key, size = key * width + (column - low), size * width
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    return first, which


def guide_pools(
    atlas: Atlas, index: Index, people: People, reach: Reach, least: Ints | None = None
) -> tuple[GuidePools, NDArray[np.int64]]:
    """The pools, and which of them each place draws from; an empty pool means that nobody can guide there.

    Who has the hours of the norm, or `least` of them by student, is in the pool.
    """
    asked = _Asked(atlas, index, reach, least)
    size = (asked.need, asked.least)
    first, which = keys_of(asked.site, asked.subject, reach.set, asked.support, *size, asked.days, asked.held)
    ties = ties_of(atlas, index)
    base = ties.start[asked.site[first]]
    owner, row = ranges(base, ties.start[asked.site[first] + 1] - base)
    who, tie, ask = ties.supervisor[row], ties.tie[row], first[owner]
    levers = atlas.region.settings.levers
    overhead = np.where(tie == LENT, levers.lending.overhead_qh, 0).astype(np.int32)
    fits = _guides_subject(atlas, index, asked)[who, asked.subject[ask]] | (tie == CORE)
    fits &= people.max_support[who] >= asked.support[ask]
    most = people.in_set[who, reach.set[ask]]
    fits &= most >= asked.least[ask] + overhead
    fits &= _shares_days(atlas, people.days[who], asked.days[ask])
    owner, who, tie, ask, overhead, most = (one[fits] for one in (owner, who, tie, ask, overhead, most))
    starter = np.array([atlas.region.supervisors[one].starter for one in index.supervisors], dtype=np.bool_)
    cost = _guide_costs(atlas, index, (who, tie == LENT, starter[who]), asked.held[ask])
    order = np.lexsort((mixed(people.hash[who], asked.hash[asked.site[ask]]), cost, owner))
    start = np.searchsorted(owner, np.arange(len(first) + 1)).astype(np.int32)
    taken, marks = asked.need[ask] + overhead, LENDS * (tie == LENT) + STARTS * starter[who]
    columns = (one[order].astype(np.int32) for one in (marks, overhead, most))
    return GuidePools(start, who[order], taken[order].astype(np.int32), cost[order], *columns), which


class _Asked:
    """What each place asks of whoever guides there; `held` is the student where the place is the one that holds."""

    def __init__(self, atlas: Atlas, index: Index, reach: Reach, least: Ints | None) -> None:
        region = atlas.region
        students = [region.students[one] for one in index.students]
        needs = [atlas.needs(one) for one in index.students]
        workplaces = [region.workplaces[one] for one in index.workplaces]
        site = np.array([index.site_at[one.site] for one in workplaces], dtype=np.int32)
        subject, self.subjects = codes_of(one.subject for one in workplaces)
        self.site, self.subject = site[reach.workplace], subject[reach.workplace]
        self.support = np.array([one.support for one in students], np.int32)[reach.student]
        self.need = np.array([one.wpb if one else 0 for one in needs], np.int32)[reach.student]
        self.least = self.need if least is None else least[reach.student]
        self.days = np.array([day_bits(one.days) for one in students], np.int32)[reach.student]
        self.held = np.where(reach.kept, reach.student, -1).astype(np.int32)
        self.hash = hashes_of(region.settings.seed, index.sites)


def _guides_subject(atlas: Atlas, index: Index, asked: _Asked) -> Bools:
    """Supervisors x subjects of workplaces: guides it, or names no subject."""
    found = np.zeros((len(index.supervisors), max(1, len(asked.subjects))), dtype=np.bool_)
    for row, name in enumerate(index.supervisors):
        subjects = atlas.region.supervisors[name].subjects
        found[row, [asked.subjects[one] for one in subjects if one in asked.subjects]] = True
        if not subjects:
            found[row] = True
    return found


def _shares_days(atlas: Atlas, a: Ints, b: Ints) -> Bools:
    common = np.bitwise_count(a & b)
    return np.asarray((a == 0) | (b == 0) | (common >= atlas.region.settings.min_common_days), dtype=np.bool_)


def _guide_costs(atlas: Atlas, index: Index, guides: tuple[Ints, Bools, Bools], held: Ints) -> Points:
    """Lending, starters, and at the place that holds whoever does not guide there now."""
    (who, is_lent, starts), costs = guides, atlas.region.settings.costs
    cost = np.where(is_lent, costs.lending, 0).astype(np.int64) + np.where(starts, costs.starter, 0)
    now = np.full(len(index.students) + 1, -1, dtype=np.int32)
    for name, placement in atlas.held.items():
        guiding = {share.supervisor for share in placement.wpb}
        if name in index.student_at and len(guiding) == 1:
            now[index.student_at[name]] = index.supervisor_at.get(guiding.pop(), -1)
    return np.asarray(cost + np.where((held >= 0) & (now[held] != who), costs.move_supervisor, 0), dtype=np.int64)


def trainer_pools(
    atlas: Atlas, index: Index, people: People, reach: Reach, tier: Tier
) -> tuple[Csr, NDArray[np.int64]]:
    """Pools of trainers, and which each place draws from; NOT_ASKED where the student needs no hours of the tier."""
    needs = [atlas.needs(one) for one in index.students]
    by_student = np.array([getattr(one, tier.value) if one else 0 for one in needs], np.int32)
    institutes, names = codes_of(atlas.region.students[one].institute for one in index.students)
    if tier is Tier.SO or atlas.region.settings.levers.shared_io.on:
        institutes, names = np.zeros_like(institutes), {}
    site_of = np.array([index.site_at[atlas.region.workplaces[one].site] for one in index.workplaces], np.int32)
    need, institute, site = by_student[reach.student], institutes[reach.student], site_of[reach.workplace]
    first, which = keys_of(site, reach.set, need, institute)
    serving = _serving(atlas, index, tier)
    base = serving.start[site[first]]
    owner, row = ranges(base, serving.start[site[first] + 1] - base)
    who, ask = serving.items[row], first[owner]
    fits = _trains(atlas, index, names)[who, institute[ask]]
    fits &= people.in_set[who, reach.set[ask]] >= need[ask] + getattr(atlas.region.settings.trainer_site_qh, tier.value)
    start = np.searchsorted(owner[fits], np.arange(len(first) + 1)).astype(np.int32)
    return Csr(start, who[fits]), np.where(need == 0, NOT_ASKED, which)


def _serving(atlas: Atlas, index: Index, tier: Tier) -> Csr:
    """The trainers of a tier at each site."""
    found: list[list[int]] = [[] for _ in index.sites]
    for number, name in enumerate(index.supervisors):
        one = atlas.region.supervisors[name]
        for site in {*_served(index, one)} if one.tier is tier else ():
            found[site].append(number)
    return Csr.of(found)


def _trains(atlas: Atlas, index: Index, institutes: dict[object, int]) -> Bools:
    """Supervisors x institutes: of the institute; everybody where the institute does not matter."""
    if not institutes:
        return np.ones((len(index.supervisors), 1), dtype=np.bool_)
    found = np.zeros((len(index.supervisors), len(institutes)), dtype=np.bool_)
    for row, name in enumerate(index.supervisors):
        known = [institutes[one] for one in atlas.region.supervisors[name].institutes if one in institutes]
        found[row, known] = True
    return found
