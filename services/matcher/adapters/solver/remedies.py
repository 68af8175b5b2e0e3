"""What would place one student: each lever for everybody, and for this student alone a longer journey, period or subject."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, combinations, takewhile

from services.matcher.adapters.solver.board import Stop
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.neighbourhood import Touched, choose_free
from services.matcher.adapters.solver.repair import with_states
from services.matcher.adapters.solver.submodel import improve
from services.matcher.adapters.solver.valuation import groups_of
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check
from services.matcher.domain.effects import Effect, as_it_holds, effect
from services.matcher.domain.ids import PeriodId, StudentId
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.openings import Openings
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region, Student
from services.matcher.domain.rules import travel_limit
from services.matcher.domain.travel import travel_minutes

LONGER_MIN = (30, 60)
"""So many minutes longer than the limit are tried, the second only where the first does not help."""
MOST_PERIOD_SETS = 6
NOTHING = "nothing"
LONGER_JOURNEY, OTHER_PERIOD, RELATED_SUBJECT = "longer-journey", "other-period", "related-subject"
MOST_FREE, WHOLE = 30, 60
"""So many students may move and the others keep what they have; in a region of up to so many everybody may."""
USUAL = SolveLimits(0.5)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a plan gains when this is allowed; the plan with it is allowed too, so this can be had.

    `placement` is the student's own (None: it does not help, with only those free to move who may) and `minutes` the
    journey there; the effect is that on the whole plan, this student among the placed.
    """

    name: str
    placement: Placement | None
    minutes: int | None
    effect: Effect


def remedies(
    region: Region, plan: Plan, student: StudentId, limits: SolveLimits = USUAL, stop: Stop = lambda: False
) -> list[Remedy]:
    """Every remedy for a student without a place in an allowed plan, those that help first and the cheapest of them first.

    "nothing" is the same without any change: what it gains, the plan left lying. The same input gives the same answer;
    after `stop` says so nothing more is tried.
    """
    ways = chain(
        (partial(_for_everybody, name, changed) for name, changed in _changed(region)),
        (partial(_first_that_helps, region, tries) for tries in _alternatives(region, student)),
    )
    found = [way(plan, student, limits) for way in takewhile(lambda _: not stop(), ways)]
    return sorted(found, key=lambda one: (one.placement is None, one.effect.points, one.name != NOTHING, one.name))


Tries = tuple[str, list[Region]]


def _changed(region: Region) -> Iterator[tuple[str, Region]]:
    """The region as it is, and with each lever on that is off."""
    yield NOTHING, region
    levers = region.settings.levers
    for name in levers.__slots__:
        if not getattr(levers, name).on:
            yield name, _with_lever(region, name)


def _with_lever(region: Region, name: str) -> Region:
    levers = region.settings.levers
    switched = replace(levers, **{name: replace(getattr(levers, name), on=True)})
    return replace(region, settings=replace(region.settings, levers=switched))


def _alternatives(region: Region, student: StudentId) -> Iterator[Tries]:
    """What this student alone could do without, each as the regions in which it is so, to be tried one after the other."""
    one = region.students[student]
    limit = travel_limit(region.settings, one)
    yield LONGER_JOURNEY, [_with_student(region, replace(one, max_travel_min=limit + more)) for more in LONGER_MIN]
    others, levers = _other_sets(region, one), region.settings.levers
    if others or (len(one.period_sets) > 1 and not levers.shifted.on):
        offered = replace(one, period_sets=(*one.period_sets, *others))
        yield OTHER_PERIOD, [_with_lever(_with_student(region, offered), "shifted")]
    if any(pair.student == one.subject for pair in region.settings.related) and not levers.related.on:
        yield RELATED_SUBJECT, [_with_lever(region, "related")]


def _other_sets(region: Region, student: Student) -> list[tuple[PeriodId, ...]]:
    """As many periods as were asked, other ones; the sets that may be used already are tried without this."""
    known = {frozenset(periods) for periods in student.period_sets}
    order = sorted(region.periods, key=lambda name: (region.periods[name].start, name))
    found = (one for one in combinations(order, len(student.period_sets[0])) if frozenset(one) not in known)
    return [one for one, _ in zip(found, range(MOST_PERIOD_SETS), strict=False)]


def _with_student(region: Region, student: Student) -> Region:
    return replace(region, students={**region.students, student.id: student})


def _for_everybody(name: str, region: Region, plan: Plan, student: StudentId, limits: SolveLimits) -> Remedy:
    """The neighbourhood solved again in a region where everybody may make use of it."""
    free = _free(region, plan, student)
    return _remedy(name, region, plan, CpSatSolver().solve(_steady(region, plan), plan, limits, free), student)


def _free(region: Region, plan: Plan, student: StudentId) -> frozenset[StudentId]:
    if len(region.students) <= WHOLE:
        return frozenset(region.students)
    return choose_free(region, plan, Touched(frozenset({student})), MOST_FREE)


def _steady(region: Region, plan: Plan) -> Region:
    return as_it_holds(region, with_states(Atlas(region), plan.by_student().values()))


def _first_that_helps(region: Region, tries: Tries, plan: Plan, student: StudentId, limits: SolveLimits) -> Remedy:
    name, regions = tries
    found = [_for_one(name, region, regions[0], plan, student, limits)]
    for changed in regions[1:]:
        if found[-1].placement is None:
            found.append(_for_one(name, region, changed, plan, student, limits))
    return found[-1]


def _for_one(name: str, region: Region, changed: Region, plan: Plan, student: StudentId, limits: SolveLimits) -> Remedy:
    """The neighbourhood solved again where only this student may make use of the change; the others as they were."""
    free = _free(changed, plan, student)
    atlas, usual = Atlas(_steady(changed, plan)), Openings(Atlas(_steady(region, plan)))
    ledger = Ledger(atlas, with_states(atlas, plan.by_student().values()))
    places = {one: usual.of(region.students[one]) for one in sorted(free)}
    places[student] = Openings(atlas).of(changed.students[student])
    improve(ledger, places, groups_of(atlas), limits)
    better = tuple(ledger.placed[one] for one in sorted(ledger.placed))
    return _remedy(name, changed, plan, replace(plan, placements=better), student)


def _remedy(name: str, region: Region, before: Plan, after: Plan, student: StudentId) -> Remedy:
    found = with_states(Atlas(region), after.placements)
    after = replace(after, placements=tuple(found), unplaced=(), certificate=None)
    if check(region, after):
        after = before
    at, minutes = after.by_student().get(student), None
    if at is not None:
        site = region.sites[region.workplaces[at.workplace].site]
        minutes = travel_minutes(region.settings.travel, region.students[student], site)
    return Remedy(name, at, minutes, effect(region, before, after))
