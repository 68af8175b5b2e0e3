"""Plans in processes of their own, so that solving never holds up the event loop; one judge for every plan that leaves."""

import asyncio
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import structlog

from services.matcher.adapters.solver import neighbourhood
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import StudentId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region
from services.matcher.ports import Effort, NoAllowedPlan, Planned, Task
from shared.contracts.placements import MoveCause

log = structlog.get_logger(__name__)

DETERMINISTIC_TIME = {Effort.REPAIR: 0.1, Effort.IMPROVE: 4.0}
"""About seconds of one core; never wall-clock time, so that a replay gives the same plans."""
NOTHING_FREE: frozenset[StudentId] = frozenset()


class PoolPlanner:
    """Two processes: one for what just happened, one for improving while nothing happens."""

    def __init__(self) -> None:
        spawn = get_context("spawn")
        self._pools = {
            effort: ProcessPoolExecutor(1, mp_context=spawn, initializer=_end_with_parent, initargs=(os.getpid(),))
            for effort in Effort
        }

    async def plan(self, task: Task) -> Planned:
        """The best plan found within the effort's limits; raises NoAllowedPlan when the checker refuses every one."""
        return await asyncio.get_running_loop().run_in_executor(self._pools[task.effort], plan_region, task)

    async def warm_up(self) -> None:
        """Starts both processes and loads the solver in them, so that the first event does not wait for it."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(pool, _ready) for pool in self._pools.values()))

    def close(self) -> None:
        """Ends the processes without waiting for what they are doing."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def plan_region(task: Task) -> Planned:
    """What holds, without what is no longer allowed, repaired or improved; the same task gives the same plan."""
    started = time.perf_counter()
    region = task.region
    kept, lost = drop_invalid(region, Plan(region.id, region.today, region.placements))
    causes = {one.placement.student: MoveCause(one.cause) for one in lost}
    solver, limits = CpSatSolver(), SolveLimits(DETERMINISTIC_TIME[task.effort], region.settings.seed)
    fall_back = solver.solve(region, kept, limits, NOTHING_FREE)
    free = None if task.effort is Effort.IMPROVE else _free(region, kept, task.touched, frozenset(causes))
    plan = solver.solve(region, kept, limits, free)
    chosen = _judge(region, plan, fall_back)
    value_before = sum(cost_parts(region, fall_back).values())
    return Planned(chosen, value_before, causes, time.perf_counter() - started)


def _free(region: Region, kept: Plan, touched: Touched, lost: frozenset[StudentId]) -> frozenset[StudentId]:
    students = frozenset(one for one in touched.students | lost if one in region.students)
    seeds = neighbourhood.Touched(students, touched.workplaces, touched.supervisors, touched.sites)
    return neighbourhood.choose_free(region, kept, seeds)


def _judge(region: Region, plan: Plan, fall_back: Plan) -> Plan:
    """The plan with the checker's own figures, or the fall-back where the checker refuses it or finds it dearer."""
    allowed = [one for one in (plan, fall_back) if _is_allowed(region, one)]
    if not allowed:
        raise NoAllowedPlan(f"{region.id}: the checker refuses the plan and the fall-back")
    certified = [_certified(region, one) for one in allowed]
    return min(certified, key=lambda one: one.certificate.value if one.certificate else 0)


def _is_allowed(region: Region, plan: Plan) -> bool:
    violations = [*check(region, plan), *check_reasons(region, plan)]
    if violations:
        log.error("plan refused", region=region.id, violations=[one.message for one in violations[:5]])
    return not violations


def _certified(region: Region, plan: Plan) -> Plan:
    """What the solver proved, beside what the checker counted."""
    proven = plan.certificate
    bound, unplaced_bound = (proven.bound, proven.unplaced_bound) if proven else (0.0, 0)
    return replace(plan, certificate=Certificate.of(cost_parts(region, plan), bound, unplaced_bound))


def _ready() -> None:
    """Something to do for a process that has just loaded this module."""


def _end_with_parent(parent: int) -> None:
    """A pool's process waits for ever on a parent that was killed; this ends it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
