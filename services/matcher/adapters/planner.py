"""Plans in processes of their own, so that solving never holds up the event loop; one judge for every plan that leaves."""

import asyncio
import os
import threading
import time
from collections.abc import Sequence
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
    limits = SolveLimits(DETERMINISTIC_TIME[task.effort], region.settings.seed)
    candidates = _candidates(task, kept, frozenset(causes), limits)
    fall_back = candidates[-1]
    value_before = sum(cost_parts(region, fall_back).values())
    return Planned(_judge(region, candidates), value_before, causes, time.perf_counter() - started)


def _candidates(task: Task, kept: Plan, lost: frozenset[StudentId], limits: SolveLimits) -> list[Plan]:
    """What was found, the same without putting anybody out, and what holds as it is."""
    region, solver = task.region, CpSatSolver()
    free = _free(region, kept, task.touched, lost) if task.effort is Effort.REPAIR else frozenset(region.students)
    found = solver.solve(region, kept, limits, None if task.effort is Effort.IMPROVE else free)
    as_it_is = solver.solve(region, kept, limits, NOTHING_FREE)
    put_out = frozenset(kept.by_student()) - frozenset(found.by_student())
    if not put_out:
        return [found, as_it_is]
    return [found, solver.solve(region, kept, limits, free - put_out), as_it_is]


def _free(region: Region, kept: Plan, touched: Touched, lost: frozenset[StudentId]) -> frozenset[StudentId]:
    students = frozenset(one for one in touched.students | lost if one in region.students)
    seeds = neighbourhood.Touched(students, touched.workplaces, touched.supervisors, touched.sites)
    return neighbourhood.choose_free(region, kept, seeds)


def _judge(region: Region, candidates: Sequence[Plan]) -> Plan:
    """The best that the checker allows, with its own figures and the best bound that was proven for the region.

    Somebody is put out of a place only where that leaves fewer without one, or shares the burden more fairly:
    a plan that puts people out for travel or wishes is passed over for the next.
    """
    allowed = [one for one in candidates if _is_allowed(region, one)]
    if not allowed:
        raise NoAllowedPlan(f"{region.id}: the checker refuses the plan and the fall-back")
    proven = [one.certificate for one in candidates if one.certificate is not None]
    bound = max((one.bound for one in proven), default=0.0)
    unplaced_bound = max((one.unplaced_bound for one in proven), default=0)
    certified = [
        replace(one, certificate=Certificate.of(cost_parts(region, one), bound, unplaced_bound)) for one in allowed
    ]
    return min(certified, key=lambda one: _rank(one, candidates[-1]))


def _rank(plan: Plan, held: Plan) -> tuple[int, int, int]:
    """Students without a place and fairness first, then who would be put out, then all other costs."""
    assert plan.certificate is not None
    parts = plan.certificate.parts
    put_out = len(held.by_student().keys() - plan.by_student().keys())
    return parts["unplaced"] + parts["fairness"] + parts["promises"], put_out, plan.certificate.value


def _is_allowed(region: Region, plan: Plan) -> bool:
    violations = [*check(region, plan), *check_reasons(region, plan)]
    if violations:
        log.error("plan refused", region=region.id, violations=[one.message for one in violations[:5]])
    return not violations


def _ready() -> None:
    """Something to do for a process that has just loaded this module."""


def _end_with_parent(parent: int) -> None:
    """A pool's process waits for ever on a parent that was killed; this ends it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
