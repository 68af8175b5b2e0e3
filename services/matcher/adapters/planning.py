"""Makes one plan: keeps what is allowed, places who waits, solves again what was touched, and has a judge look at it."""

import time
from collections.abc import Iterable

import structlog

from services.matcher.adapters.drafts import Drafts
from services.matcher.adapters.solver import neighbourhood
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import StudentId
from services.matcher.domain.judging import Candidate, best_first
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.ports import Effort, NoAllowedPlan, Planned, Task
from shared.contracts.placements import MoveCause

log = structlog.get_logger(__name__)

DETERMINISTIC_TIME = {Effort.REPAIR: 0.1, Effort.IMPROVE: 1.5}
"""About seconds of one core; never wall-clock time, so that a replay gives the same plans."""
Students = frozenset[StudentId]


def plan_region(task: Task) -> Planned:
    """What holds, without what is no longer allowed, repaired or improved; the same task gives the same plan."""
    started = time.perf_counter()
    region, drafts = task.region, Drafts(task.region)
    held, lost = drafts.allowed(Plan(region.id, region.today, region.placements).by_student().values())
    causes = {one.placement.student: MoveCause(one.cause) for one in lost}
    value_before = sum(cost_parts(region, held).values())
    candidates = _candidates(task, drafts, held, frozenset(causes))
    chosen = _first_allowed(region, best_first(drafts.atlas, held, candidates))
    return Planned(chosen, value_before, causes, time.perf_counter() - started)


def _candidates(task: Task, drafts: Drafts, held: Plan, lost: Students) -> list[Candidate]:
    """What was found; where that puts people out of their place also what places most, and what puts out nobody."""
    limits = SolveLimits(DETERMINISTIC_TIME[task.effort], task.region.settings.seed)
    start, free = held, frozenset(task.region.students)
    if task.effort is Effort.REPAIR:
        start, free = _neighbourhood(task, drafts, held, lost)
    found = drafts.solved(start, free, limits)
    put_out = frozenset(held.by_student()) - frozenset(found.plan.by_student())
    if not put_out:
        return [found]
    places_most = [drafts.solved(start, free, limits, groups=())] if drafts.groups else []
    return [found, *places_most, drafts.solved(start, free - put_out, limits)]


def _neighbourhood(task: Task, drafts: Drafts, held: Plan, lost: Students) -> tuple[Plan, Students]:
    """Where to start from and who may move; more newcomers than a neighbourhood holds are first placed one by one."""
    region, touched = task.region, task.touched
    asked = frozenset(region.students) if touched.everything else touched.students | lost
    newcomers = frozenset(one for one in asked if one in region.students) - frozenset(held.by_student())
    free = _free(region, held, touched, lost)
    if newcomers <= free:
        return held, free
    start = drafts.completed(held, newcomers)
    return start, _free(region, start, touched, newcomers - frozenset(start.by_student()))


def _free(region: Region, plan: Plan, touched: Touched, lost: Students) -> Students:
    first = lost if len(touched.students) > neighbourhood.MOST_FREE else touched.students | lost
    students = frozenset(one for one in first if one in region.students)
    seeds = neighbourhood.Touched(students, touched.workplaces, touched.supervisors, touched.sites)
    return neighbourhood.choose_free(region, plan, seeds)


def _first_allowed(region: Region, plans: Iterable[Plan]) -> Plan:
    for plan in plans:
        if _is_allowed(region, plan):
            return plan
    raise NoAllowedPlan(f"{region.id}: the checker refuses the plan and the fall-back")


def _is_allowed(region: Region, plan: Plan) -> bool:
    violations = [*check(region, plan), *check_reasons(region, plan)]
    if violations:
        log.error("plan refused", region=region.id, violations=[one.message for one in violations[:5]])
    return not violations
