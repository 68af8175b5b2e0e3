"""What a plan costs, as the solver sums it; the checker sums it again on its own."""

from collections import Counter
from collections.abc import Iterable, Mapping

from services.matcher.domain.atlas import Atlas
from services.matcher.domain.ids import PeriodId, StudentId, SupervisorId
from services.matcher.domain.plan import Placement
from services.matcher.domain.prices import break_cost, is_kept, load_cost, wish_cost
from services.matcher.domain.region import Student
from services.matcher.domain.rules import Tie, tie_to_site
from services.matcher.domain.travel import travel_cost, travel_minutes
from services.matcher.domain.vocabulary import PlacementState

PARTS = (
    "unplaced",
    "fairness",
    "promises",
    "moves",
    "travel",
    "wishes",
    "later_set",
    "related",
    "team",
    "lending",
    "starter",
    "load",
)


def value_of(atlas: Atlas, placed: Mapping[StudentId, Placement]) -> int:
    """The sum of all parts."""
    return sum(parts_of(atlas, placed).values())


def parts_of(atlas: Atlas, placed: Mapping[StudentId, Placement]) -> dict[str, int]:
    """Points per part of the cost, by the names of the region file's page."""
    region, costs = atlas.region, atlas.region.settings.costs
    parts = Counter[str](dict.fromkeys(PARTS, 0))
    unplaced = [student for student in region.students.values() if student.id not in placed]
    parts["unplaced"] = costs.unplaced * len(unplaced)
    parts["fairness"] = sum(
        group.price(sum(student.id in group.members for student in unplaced)) for group in groups_of(atlas)
    )
    for student in region.students.values():
        parts.update(_promise_and_move(atlas, student.id, placed.get(student.id)))
        if student.id in placed:
            parts.update(_static(atlas, student, placed[student.id]))
    parts["load"] = _load(atlas, placed.values())
    return dict(parts)


class Group:
    """Students who share an attribute, and what it costs when so many of them have no place."""

    def __init__(self, members: frozenset[StudentId], steps: Iterable[tuple[int, int]]) -> None:
        """Keep the members and the prices as (up to this rank, price)."""
        self.members = members
        self.steps = tuple(steps)

    def price(self, left: int) -> int:
        """The sum of the prices of the first `left` ranks."""
        return sum(width * price for width, price in self.segments(0, left))

    def segments(self, first: int, last: int) -> list[tuple[int, int]]:
        """How many ranks there are at which price, after rank `first` up to rank `last`."""
        found, start = [], first
        for upto, price in self.steps:
            end = min(upto, last)
            if end > start:
                found.append((end - start, price))
                start = end
        if last > start:
            found.append((last - start, self.steps[-1][1]))
        return found


def groups_of(atlas: Atlas) -> list[Group]:
    """Every group that is watched, in a fixed order."""
    return list(named_groups(atlas).values())


def named_groups(atlas: Atlas) -> dict[tuple[str, str], Group]:
    """Every group that is watched, by attribute and value, in the order of these."""
    fairness = atlas.region.settings.fairness
    members: dict[tuple[str, str], set[StudentId]] = {}
    for attribute in fairness.groups:
        for student in atlas.region.students.values():
            members.setdefault((attribute, str(getattr(student, attribute))), set()).add(student.id)
    watched = ((name, found, fairness.ranks_of(name, len(found))) for name, found in sorted(members.items()))
    return {name: Group(frozenset(found), ranks) for name, found, ranks in watched if ranks is not None}


def _promise_and_move(atlas: Atlas, student: StudentId, now: Placement | None) -> dict[str, int]:
    costs, held = atlas.region.settings.costs, atlas.held.get(student)
    if held is None:
        return {}
    if now is None or not is_kept(held, now.workplace, now.periods):
        moved = now is not None and held.state is PlacementState.PROPOSED
        return {"promises": 0 if moved else break_cost(costs, held), "moves": costs.move_workplace if moved else 0}
    return {} if held.has_same_wpb(now) else {"moves": costs.move_supervisor}


def _static(atlas: Atlas, student: Student, placement: Placement) -> dict[str, int]:
    region, costs = atlas.region, atlas.region.settings.costs
    workplace = region.workplaces[placement.workplace]
    site = region.sites[workplace.site]
    people = [region.supervisors[share.supervisor] for share in placement.wpb]
    sets = [set(periods) for periods in student.period_sets]
    related = next(
        (
            one.cost
            for one in region.settings.related
            if (one.student, one.place) == (student.subject, workplace.subject)
        ),
        0,
    )
    return {
        "travel": travel_cost(costs, travel_minutes(region.settings.travel, student, site)),
        "wishes": wish_cost(costs, student, site.id),
        "later_set": costs.later_set * sets.index(set(placement.periods)),
        "related": 0 if student.subject == workplace.subject else related,
        "team": costs.team_member * (len(people) - 1),
        "lending": costs.lending * any(tie_to_site(region, one, site) is Tie.LENT for one in people),
        "starter": costs.starter * any(one.starter for one in people),
    }


def _load(atlas: Atlas, placements: Iterable[Placement]) -> int:
    guided: Counter[tuple[SupervisorId, PeriodId]] = Counter(
        (share.supervisor, period)
        for placement in placements
        for share in placement.wpb
        for period in placement.periods
    )
    costs = atlas.region.settings.costs
    return sum(load_cost(costs, rank) for number in guided.values() for rank in range(number))
