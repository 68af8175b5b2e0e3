"""What would place one student: each lever and a longer journey, tried by solving the neighbourhood again with it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.neighbourhood import Touched, choose_free
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.rules import travel_limit

LONGER_MIN = 30
"""So many minutes longer than the limit is tried."""
NOTHING, LONGER_JOURNEY = "nothing", "longer-journey"
MOST_FREE = 30
"""So many students may move; the others keep what they have."""
USUAL = SolveLimits(0.5)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a plan gains when this is allowed; the plan with it is allowed too, so this can be had.

    `placement` is the student's own (None: it does not help, with only the neighbourhood free to move), `points` what the
    whole plan costs more (below 0: it saves), `placed` and `lost` who else gets or loses a place, `moved` who gets another.
    """

    name: str
    placement: Placement | None
    points: int
    placed: tuple[StudentId, ...]
    lost: tuple[StudentId, ...]
    moved: tuple[StudentId, ...]


def remedies(region: Region, plan: Plan, student: StudentId, limits: SolveLimits = USUAL) -> list[Remedy]:
    """Every remedy for a student without a place in an allowed plan, those that help first and the cheapest of them first.

    "nothing" is the same without any change: what it gains, the plan left lying. The same input gives the same answer.
    """
    found = [_tried(name, changed, plan, student, limits) for name, changed in _changed(region, student)]
    return sorted(found, key=lambda one: (one.placement is None, one.points, one.name != NOTHING, one.name))


def _changed(region: Region, student: StudentId) -> Iterator[tuple[str, Region]]:
    """The region as it is, with each lever on that is off, and with a longer journey for this student."""
    yield NOTHING, region
    levers = region.settings.levers
    for name in levers.__slots__:
        lever = getattr(levers, name)
        if not lever.on:
            settings = replace(region.settings, levers=replace(levers, **{name: replace(lever, on=True)}))
            yield name, replace(region, settings=settings)
    one = region.students[student]
    farther = replace(one, max_travel_min=travel_limit(region.settings, one) + LONGER_MIN)
    yield LONGER_JOURNEY, replace(region, students={**region.students, student: farther})


def _tried(name: str, region: Region, plan: Plan, student: StudentId, limits: SolveLimits) -> Remedy:
    free = choose_free(region, plan, Touched(frozenset({student})), MOST_FREE)
    better = CpSatSolver().solve(region, plan, limits, free)
    if check(region, better):
        better = plan
    before, after = plan.by_student(), better.by_student()
    points = sum(cost_parts(region, better).values()) - sum(cost_parts(region, plan).values())
    return Remedy(
        name,
        after.get(student),
        points,
        tuple(sorted(after.keys() - before.keys() - {student})),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(one for one in before.keys() & after.keys() if not before[one].is_same_place(after[one]))),
    )
