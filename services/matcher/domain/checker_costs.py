"""The checker's own sum of what a plan costs, part by part."""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import ceil

from services.matcher.domain.checker_facts import Case, cases_of, is_lent, minutes_between
from services.matcher.domain.ids import StudentId
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Fairness, FairnessWithin
from services.matcher.domain.vocabulary import PlacementState


def cost_parts(region: Region, plan: Plan) -> dict[str, int]:
    """Points of each part of the cost; their sum is the value of the plan."""
    placed = {one.student: one for one in plan.placements if one.student in region.students}
    cases = cases_of(region, plan)
    parts = {
        "unplaced": _unplaced(region, placed),
        "fairness": _fairness(region, placed),
        "promises": _promises(region, placed),
        "moves": _moves(region, placed),
    }
    parts.update({name: sum(cost(region, case) for case in cases) for name, cost in CASE_COSTS.items()})
    parts["load"] = _load(region, cases)
    return parts


Placed = dict[StudentId, Placement]


def _unplaced(region: Region, placed: Placed) -> int:
    """A price per student without a placement."""
    return region.settings.costs.unplaced * (len(region.students) - len(placed))


def _fairness(region: Region, placed: Placed) -> int:
    """The unplaced of every large enough group cost extra by their rank in it."""
    fairness, total = region.settings.fairness, 0
    for attribute in fairness.groups:
        sizes = Counter(str(getattr(student, attribute)) for student in region.students.values())
        left = Counter(
            str(getattr(student, attribute)) for student in region.students.values() if student.id not in placed
        )
        total += sum(_group_price(fairness, (attribute, group), (sizes[group], left[group])) for group in left)
    return total


def _group_price(fairness: Fairness, group: tuple[str, str], counted: tuple[int, int]) -> int:
    size, left = counted
    if isinstance(fairness, FairnessWithin):
        steps = list(dict(fairness.prices).get(group, ()))
    else:
        steps = [(ceil(Fraction(step.upto) * size), step.cost) for step in fairness.steps if size >= fairness.min_size]
    if not steps:
        return 0
    return sum(next((cost for upto, cost in steps if rank <= upto), steps[-1][1]) for rank in range(1, left + 1))


def _promises(region: Region, placed: Placed) -> int:
    """A price per student whose settled or started placement is gone or differs, or whose proposal is gone."""
    costs, total = region.settings.costs, 0
    prices = {PlacementState.STARTED: costs.break_started, PlacementState.SETTLED: costs.break_settled}
    for held in region.placements:
        now = placed.get(held.student)
        if held.student not in region.students:
            continue
        if held.state is PlacementState.PROPOSED:
            total += costs.drop_proposed if now is None else 0
        elif now is None or not held.is_same_place(now):
            total += prices[held.state]
    return total


def _moves(region: Region, placed: Placed) -> int:
    """For who was and is placed: a proposed place that differs, or else only other workplace supervisors."""
    costs, total = region.settings.costs, 0
    for held in region.placements:
        now = placed.get(held.student)
        if now is None:
            continue
        if held.is_same_place(now):
            total += 0 if held.has_same_wpb(now) else costs.move_supervisor
        elif held.state is PlacementState.PROPOSED:
            total += costs.move_workplace
    return total


def _travel(region: Region, case: Case) -> int:
    """Every minute at the price of its stretch."""
    costs = region.settings.costs
    return _journey_price(minutes_between(region, case.student, case.site), costs.travel, costs.beyond)


@lru_cache(maxsize=1024)
def _journey_price(minutes: int, stretches: tuple[tuple[int, int], ...], beyond: int) -> int:
    return sum(next((price for end, price in stretches if minute <= end), beyond) for minute in range(1, minutes + 1))


def _wishes(region: Region, case: Case) -> int:
    """The price of the rank of the wish that the site is; a price for another site; nothing without wishes."""
    wishes, costs = case.student.wishes, region.settings.costs
    if not wishes:
        return 0
    if case.site.id not in wishes:
        return costs.no_wish
    return costs.wish[min(wishes.index(case.site.id), len(costs.wish) - 1)]


def _later_set(region: Region, case: Case) -> int:
    """A price times the index of the period set."""
    sets = [set(periods) for periods in case.student.period_sets]
    used = set(case.placement.periods)
    return region.settings.costs.later_set * (sets.index(used) if used in sets else 0)


def _related(region: Region, case: Case) -> int:
    """The price of the first pair of the student's and the workplace's subject."""
    pair = (case.student.subject, case.workplace.subject)
    if pair[0] == pair[1]:
        return 0
    return next((one.cost for one in region.settings.related if (one.student, one.place) == pair), 0)


def _team(region: Region, case: Case) -> int:
    """A price per member after the first."""
    return region.settings.costs.team_member * max(0, len(case.members) - 1)


def _lending(region: Region, case: Case) -> int:
    """A price once per student guided by somebody who is lent."""
    return region.settings.costs.lending * any(is_lent(region, one, case.site) for one in case.members)


def _starter(region: Region, case: Case) -> int:
    """A price once per student guided by somebody who has just started."""
    return region.settings.costs.starter * any(one.starter for one in case.members)


def _load(region: Region, cases: Sequence[Case]) -> int:
    """For each workplace supervisor and period the k-th student costs load[k]."""
    prices = region.settings.costs.load
    guided = Counter(
        (member.id, period) for case in cases for member in case.members for period in case.placement.periods
    )
    return sum(prices[min(rank, len(prices) - 1)] for number in guided.values() for rank in range(number))


CASE_COSTS: dict[str, Callable[[Region, Case], int]] = {
    "travel": _travel,
    "wishes": _wishes,
    "later_set": _later_set,
    "related": _related,
    "team": _team,
    "lending": _lending,
    "starter": _starter,
}
