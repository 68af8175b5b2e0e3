"""The cheapest plan of a tiny region with every lever, by trying every plan; it knows only the checker."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.checker_facts import norm_hours
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.plan import Placement, Plan, WpbShare
from services.matcher.domain.region import Region, Student
from services.matcher.domain.vocabulary import PlacementState, Relief, Tier

BY_OTHERS = {"site-minimum", "peer-group", "senior-group", "duo"}
"""Rules that others can mend; whatever else a placement breaks, it breaks in every plan."""
GROWING = ("travel", "wishes", "later_set", "related", "team", "lending", "starter", "load", "promises", "moves")


Shape = tuple[tuple[WpbShare, ...], StudentId | None, Relief | None]


def least_cost_with_levers(region: Region) -> int:
    """The value of the cheapest allowed plan."""
    return _Search(region).least()


class _Search:
    def __init__(self, region: Region) -> None:
        self._region = region
        self._best = self._value([])
        self._unplaced = region.settings.costs.unplaced
        alone = {one: allowed_alone(region, student) for one, student in region.students.items()}
        self._choices: dict[StudentId, list[Placement | None]] = {
            one: [*sorted(found, key=lambda choice: self._growing([choice])), None] for one, found in alone.items()
        }
        self._students = sorted(alone, key=lambda one: len(alone[one]))
        least = [min([self._unplaced, *(self._growing([choice]) for choice in alone[one])]) for one in self._students]
        self._rest = [sum(least[depth:]) for depth in range(len(least) + 1)]

    def least(self) -> int:
        self._go([], 0)
        return self._best

    def _go(self, chosen: list[Placement], depth: int) -> None:
        floor = self._growing(chosen) + self._unplaced * (depth - len(chosen)) + self._rest[depth]
        if floor >= self._best:
            return
        broken = {one.rule for one in check(self._region, self._plan(chosen))}
        if depth == len(self._students):
            if not broken:
                self._best = min(self._best, self._value(chosen))
            return
        if broken <= BY_OTHERS:
            for choice in self._choices[self._students[depth]]:
                self._go([*chosen, choice] if choice is not None else chosen, depth + 1)

    def _growing(self, chosen: list[Placement]) -> int:
        """The parts of the cost that are never less when more students are placed."""
        parts = cost_parts(replace(self._region, placements=()), self._plan(chosen))
        return sum(parts[name] for name in GROWING)

    def _value(self, chosen: list[Placement]) -> int:
        return sum(cost_parts(self._region, self._plan(chosen)).values())

    def _plan(self, chosen: list[Placement]) -> Plan:
        return Plan(self._region.id, self._region.today, tuple(chosen))


def allowed_alone(region: Region, student: Student) -> list[Placement]:
    """Every placement that is allowed when the right others are placed too."""
    return [
        one
        for one in _thinkable(region, student)
        if {found.rule for found in check(region, Plan(region.id, region.today, (one,)))} <= BY_OTHERS
    ]


def _thinkable(region: Region, student: Student) -> Iterator[Placement]:
    needs, levers = norm_hours(region, student), region.settings.levers
    if needs is None:
        return
    people = {tier: [one.id for one in region.supervisors.values() if one.tier is tier] for tier in Tier}
    held = {one.student: one for one in region.placements}
    partners = [one.id for one in region.students.values() if one.id != student.id and levers.duo.on and student.duo]
    most = max((norm_hours(region, one) or needs).wpb for one in region.students.values())
    shapes: list[Shape] = [
        (shares, None, relief)
        for relief in (None, *Relief)
        for shares in _shares(people[Tier.WPB], needs.wpb, levers.team.max_members if levers.team.on else 1)
    ]
    shapes += [
        ((WpbShare(wpb, qh),), one, None)
        for one, wpb, qh in product(partners, people[Tier.WPB], range(needs.wpb + most + 1))
    ]
    for periods, workplace, (shares, partner, relief), so, io in product(
        student.period_sets,
        region.workplaces,
        shapes,
        people[Tier.SO] if needs.so else [None],
        people[Tier.IO] if needs.io else [None],
    ):
        made = Placement(student.id, periods, workplace, shares, so, io, partner, relief)
        before = held.get(student.id)
        state = before.state if before is not None and before.is_same_place(made) else PlacementState.PROPOSED
        yield replace(made, state=state)


def _shares(people: Sequence[SupervisorId], need: int, most: int) -> Iterator[tuple[WpbShare, ...]]:
    """Everybody alone and in teams, with every split of every number of hours up to the need."""
    for size in range(1, most + 1):
        for members, split in product(combinations(people, size), product(range(need + 1), repeat=size)):
            if sum(split) <= need:
                yield tuple(WpbShare(one, qh) for one, qh in zip(members, split, strict=True))
