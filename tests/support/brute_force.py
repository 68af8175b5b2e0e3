"""The cheapest plan of a tiny region by trying every plan; it knows only the checker."""

from collections.abc import Iterator
from itertools import product

from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.checker_facts import norm_hours
from services.matcher.domain.plan import Placement, Plan, WpbShare
from services.matcher.domain.region import Region, Student
from services.matcher.domain.vocabulary import PlacementState, Tier

SHARED = {"site-minimum", "together", "apart"}


def least_cost(region: Region) -> int:
    """The value of the cheapest allowed plan without teams, duos and relief."""
    choices = [[None, *allowed_alone(region, student)] for student in region.students.values()]
    return min(
        sum(cost_parts(region, plan).values())
        for chosen in product(*choices)
        if not check(region, plan := Plan(region.id, region.today, tuple(one for one in chosen if one is not None)))
    )


def allowed_alone(region: Region, student: Student) -> list[Placement]:
    """Every placement that is allowed when the student is the only one."""
    return [
        one
        for one in _thinkable(region, student)
        if {found.rule for found in check(region, Plan(region.id, region.today, (one,)))} <= SHARED
    ]


def _thinkable(region: Region, student: Student) -> Iterator[Placement]:
    needs = norm_hours(region, student)
    if needs is None:
        return
    people = {tier: [one.id for one in region.supervisors.values() if one.tier is tier] for tier in Tier}
    held = {one.student: one for one in region.placements}
    for periods, workplace, wpb, so, io in product(
        student.period_sets,
        region.workplaces,
        people[Tier.WPB],
        people[Tier.SO] if needs.so else [None],
        people[Tier.IO] if needs.io else [None],
    ):
        made = Placement(student.id, periods, workplace, (WpbShare(wpb, needs.wpb),), so, io)
        before = held.get(student.id)
        state = before.state if before is not None and before.is_same_place(made) else PlacementState.PROPOSED
        yield Placement(student.id, periods, workplace, made.wpb, so, io, state=state)
