"""Plans that share what was looked up are the plans that each would be alone, event after event."""

from dataclasses import replace

import pytest

from bench.changes import as_it_goes, touched_by
from bench.events import planned
from services.matcher.adapters.planning import DETERMINISTIC_TIME, plan_region
from services.matcher.adapters.solver import neighbourhood
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.engine.changes import applied
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.checker import cost_parts
from services.matcher.domain.explanation import explain_unplaced
from services.matcher.domain.facts import Touched
from services.matcher.domain.ids import StudentId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.ports import Effort, Task
from tests.support.effort import examples


def planned_apart(region: Region, touched: Touched) -> Plan:
    """The repair as the rules tell it: every plan made by the solver on its own, nothing shared."""
    held, lost = drop_invalid(region, Plan(region.id, region.today, region.placements))
    students = frozenset(
        one for one in touched.students | {one.placement.student for one in lost} if one in region.students
    )
    seeds = neighbourhood.Touched(students, touched.workplaces, touched.supervisors, touched.sites)
    free = neighbourhood.choose_free(region, held, seeds)
    plans = [held, _solved(region, held, free)]
    put_out = frozenset(held.by_student()) - frozenset(plans[1].by_student())
    if put_out:
        fairness = replace(region.settings.fairness, groups=())
        unfair = replace(region, settings=replace(region.settings, fairness=fairness))
        plans += [_solved(unfair, held, free), _solved(region, held, free - put_out)]
    return min(plans, key=lambda plan: _rank(region, held, plan))


def _solved(region: Region, held: Plan, free: frozenset[StudentId]) -> Plan:
    limits = SolveLimits(DETERMINISTIC_TIME[Effort.REPAIR], region.settings.seed)
    return CpSatSolver().solve(region, held, limits, free)


def _rank(region: Region, held: Plan, plan: Plan) -> tuple[int, ...]:
    parts = cost_parts(region, plan)
    put_out = len(held.by_student().keys() - plan.by_student().keys())
    return (parts["unplaced"] + parts["promises"], put_out, sum(parts.values()))


@pytest.mark.parametrize("seed", range(examples(1, 4)))
def test_every_plan_of_a_stream_of_events_is_the_one_that_is_made_without_sharing(seed: int) -> None:
    planner = planned(60, seed)
    before = planner.region
    for _, change in as_it_goes(planner, 12, seed):
        region, touched = applied(planner.region, change), touched_by(change)
        expected = planned_apart(region, touched)
        found = plan_region(Task(region, touched, Effort.REPAIR)).plan
        assert found.placements == expected.placements
        assert found.certificate is not None
        assert found.certificate.value == sum(cost_parts(region, expected).values())
        for one in found.unplaced:
            assert one == explain_unplaced(region, found, one.student)
        planner.answer(change)
    assert before.placements != planner.region.placements, "the events changed something"
