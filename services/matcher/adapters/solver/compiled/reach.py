"""Which workplaces each student can reach in which periods, and what that costs apart from whoever guides there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matcher.adapters.solver.compiled.indexing import Bools, Index, Ints, Points, codes_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.prices import move_cost, wish_cost
from services.matcher.domain.region import Student
from services.matcher.domain.rules import allowed_period_sets, related_cost, travel_limit
from services.matcher.domain.settings import Travel
from services.matcher.domain.travel import EARTH_RADIUS_KM, Located, travel_cost, travel_minutes

AT_ONCE = 2_000
"""Students whose distances are held in memory at one time."""
NEAR_INTEGER = 1e-6
NEVER = 2**30


@dataclass(frozen=True, slots=True)
class Reach:
    """Columns, one entry per student, workplace and period set, by student."""

    student: Ints
    workplace: Ints
    set: Ints
    set_index: Ints
    minutes: Ints
    cost: Points
    kept: Bools

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Reach":
        """The entries of a mask or in an order."""
        return Reach(*(getattr(self, name)[chosen] for name in Reach.__dataclass_fields__))


def minutes_between(travel: Travel, people: Sequence[Located], places: Sequence[Located]) -> Ints:
    """Travel minutes of everybody to every place, exactly as `travel_minutes` says, people x places."""
    lat, lon = _radians(people)
    lat_to, lon_to = _radians(places)
    half_lat, half_lon = (lat_to - lat[:, None]) / 2, (lon_to - lon[:, None]) / 2
    h = np.sin(half_lat) ** 2 + np.cos(lat)[:, None] * np.cos(lat_to) * np.sin(half_lon) ** 2
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    quick = float(travel.base_min) + float(travel.per_km_min) * km
    minutes: Ints = np.minimum(np.ceil(quick), NEVER).astype(np.int32)
    for row, column in np.argwhere(np.abs(quick - np.rint(quick)) <= 2 * NEAR_INTEGER):
        minutes[row, column] = travel_minutes(travel, people[row], places[column])
    return minutes


def _radians(points: Sequence[Located]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return (
        np.radians(np.array([one.lat for one in points], dtype=np.float64)),
        np.radians(np.array([one.lon for one in points], dtype=np.float64)),
    )


def reach_of(atlas: Atlas, index: Index, seats: Ints) -> Reach:
    """Every workplace with a seat in reach, with the cost of travel, wish, subject, period set and move."""
    found = list(_by_class(atlas, index, _Offer(atlas, index, seats)))
    if not found:
        return Reach(*(np.zeros(0, dtype=kind) for kind in (*[np.int32] * 5, np.int64, np.bool_)))
    columns = (np.concatenate([getattr(one, name) for one in found]) for name in Reach.__dataclass_fields__)
    return Reach(*columns)


class _Offer:
    """What is asked of workplaces again and again: by sector and subject, the site, the phases and the seats."""

    def __init__(self, atlas: Atlas, index: Index, seats: Ints) -> None:
        region = atlas.region
        self.by_subject: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.site = np.zeros(len(index.workplaces), dtype=np.int32)
        self.phases: list[frozenset[str]] = []
        for number, name in enumerate(index.workplaces):
            one = region.workplaces[name]
            self.by_subject[region.sites[one.site].sector, one.subject].append(number)
            self.site[number] = index.site_at[one.site]
            self.phases.append(frozenset(one.phases))
        self.max_support = np.array([region.sites[one].max_support for one in index.sites], dtype=np.int32)
        self.places: list[Located] = [region.sites[one] for one in index.sites]
        self.open = np.ones((len(index.workplaces), len(index.sets)), dtype=np.bool_)
        for number in range(len(index.sets)):
            self.open[:, number] = (seats[:, index.sets[number]] >= 1).all(axis=1)


def _by_class(atlas: Atlas, index: Index, offer: _Offer) -> Iterator[Reach]:
    """One sector and subject after another: their students can reach the same workplaces."""
    classes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, name in enumerate(index.students):
        student = atlas.region.students[name]
        if atlas.needs(name) is not None:
            classes[student.sector, student.subject].append(number)
    for (sector, subject), members in sorted(classes.items()):
        workplaces, prices = _subjects(atlas, offer, sector, subject)
        for first in range(0, len(members) if len(workplaces) else 0, AT_ONCE):
            yield _of_class(atlas, index, offer, (members[first : first + AT_ONCE], workplaces, prices))


def _subjects(atlas: Atlas, offer: _Offer, sector: str, subject: str) -> tuple[Ints, Points]:
    """The workplaces for a subject: its own, and related ones at their price."""
    settings = atlas.region.settings
    wanted = {subject: 0}
    for pair in settings.related:
        cost = related_cost(settings, subject, pair.place)
        if pair.student == subject and cost is not None:
            wanted.setdefault(pair.place, cost)
    numbers = [(one, cost) for other, cost in wanted.items() for one in offer.by_subject.get((sector, other), ())]
    return np.array([one for one, _ in numbers], dtype=np.int32), np.array([cost for _, cost in numbers], np.int64)


def _of_class(atlas: Atlas, index: Index, offer: _Offer, group: tuple[list[int], Ints, Points]) -> Reach:
    members, workplaces, prices = group
    students = [atlas.region.students[index.students[one]] for one in members]
    sites, at = np.unique(offer.site[workplaces], return_inverse=True)
    minutes = minutes_between(atlas.region.settings.travel, students, [offer.places[one] for one in sites])
    cost = _site_costs(atlas, index, (students, sites), minutes)
    limit = np.array([travel_limit(atlas.region.settings, one) for one in students])
    support = np.array([one.support for one in students])
    near = (
        (minutes <= limit[:, None])
        & (support[:, None] <= offer.max_support[sites])
        & _may_be_at(index, students, sites)
    )
    who, what = np.nonzero(near[:, at] & _phases(offer, students, workplaces))
    reach = [
        _in_set(index, offer, (members, who, workplaces[what]), sets) for sets in _nth_sets(atlas, index, students)
    ]
    entry = np.concatenate([chosen for chosen, _, _ in reach])
    who, what = who[entry], what[entry]
    found = Reach(
        np.array(members, dtype=np.int32)[who],
        workplaces[what],
        np.concatenate([number for _, number, _ in reach]),
        np.concatenate([nth for _, _, nth in reach]),
        minutes[who, at[what]],
        cost[who, at[what]] + prices[what],
        np.zeros(len(entry), dtype=np.bool_),
    )
    return _with_moves(atlas, index, found)


def _nth_sets(atlas: Atlas, index: Index, students: list[Student]) -> Iterator[tuple[Ints, Ints]]:
    """The first period set of each student and its index, then the second and so on; -1 when there is none."""
    lists = [
        [(index.set_at[frozenset(periods)], nth) for nth, periods in allowed_period_sets(atlas.region, one)]
        for one in students
    ]
    for turn in range(max((len(one) for one in lists), default=0)):
        picked = [one[turn] if turn < len(one) else (-1, 0) for one in lists]
        yield np.array([number for number, _ in picked], np.int32), np.array([nth for _, nth in picked], np.int32)


def _in_set(
    index: Index, offer: _Offer, pairs: tuple[list[int], NDArray[np.int64], Ints], sets: tuple[Ints, Ints]
) -> tuple[NDArray[np.int64], Ints, Ints]:
    """Which pairs have a seat in every period of the student's set, with the set and its index."""
    _, who, workplaces = pairs
    number, nth = sets[0][who], sets[1][who]
    chosen = np.nonzero((number >= 0) & offer.open[workplaces, number])[0] if len(index.sets) else np.zeros(0, np.int64)
    return chosen, number[chosen], nth[chosen]


def _site_costs(atlas: Atlas, index: Index, where: tuple[list[Student], NDArray[np.int32]], minutes: Ints) -> Points:
    """Travel and wishes, students x sites."""
    (students, sites), costs = where, atlas.region.settings.costs
    longest = min(int(minutes.max(initial=0)), max(travel_limit(atlas.region.settings, one) for one in students))
    prices = np.array([travel_cost(costs, one) for one in range(longest + 1)], dtype=np.int64)
    total: Points = prices[np.minimum(minutes, longest)]
    column = {index.sites[one]: number for number, one in enumerate(sites)}
    for row, student in enumerate(students):
        if student.wishes:
            total[row] += costs.no_wish
            for site in {one for one in student.wishes if one in column}:
                total[row, column[site]] += wish_cost(costs, student, site) - costs.no_wish
    return total


def _may_be_at(index: Index, students: list[Student], sites: NDArray[np.int32]) -> Bools:
    """Students x sites: not excluded, and one of the only ones where these are named."""
    allowed = np.ones((len(students), len(sites)), dtype=np.bool_)
    column = {index.sites[one]: number for number, one in enumerate(sites)}
    for row, student in enumerate(students):
        if student.only_sites:
            allowed[row] = False
            allowed[row, [column[one] for one in student.only_sites if one in column]] = True
        allowed[row, [column[one] for one in student.not_sites if one in column]] = False
    return allowed


def _phases(offer: _Offer, students: list[Student], workplaces: Ints) -> Bools:
    """Students x workplaces: the phase is one of the workplace's; none named means every phase."""
    phase, known = codes_of(one.phase for one in students)
    fits = np.array(
        [[not offer.phases[one] or name in offer.phases[one] for one in workplaces] for name in known], np.bool_
    )
    return np.asarray(fits[phase], dtype=np.bool_)


def _with_moves(atlas: Atlas, index: Index, reach: Reach) -> Reach:
    """Mark the places that hold today; the others cost the move, later sets their price."""
    costs = atlas.region.settings.costs
    size = len(index.students)
    workplace, period_set, price = np.full(size, -1, np.int32), np.full(size, -1, np.int32), np.zeros(size, np.int64)
    for name, held in atlas.held.items():
        number = index.student_at.get(name)
        if number is not None:
            workplace[number] = index.workplace_at.get(held.workplace, -1)
            period_set[number] = index.set_at.get(frozenset(held.periods), -1)
            price[number] = move_cost(costs, held)
    kept = (workplace[reach.student] == reach.workplace) & (period_set[reach.student] == reach.set)
    cost = reach.cost + costs.later_set * reach.set_index + np.where(kept, 0, price[reach.student])
    return Reach(reach.student, reach.workplace, reach.set, reach.set_index, reach.minutes, cost, kept)
