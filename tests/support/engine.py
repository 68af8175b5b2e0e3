"""The incremental engine under test: changes that are applied and judged, and how often a property is tried."""

import random
from dataclasses import replace

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from services.matcher.adapters.solver.engine.answers import Answer
from services.matcher.adapters.solver.engine.engine import Budget, Engine
from services.matcher.domain.changes import Change, applied
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.checker_certificate import check_certificate
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region, Supervisor
from tests.support.regions import supervisor
from tests.support.wild_changes import wild_change

SEEDS = st.integers(0, 10**6)
OFTEN = hypothesis_settings(deadline=None, max_examples=60)
ORDINARY = Budget()


def plan_of(region: Region) -> Plan:
    """The plan that the region's placements are."""
    return Plan(region.id, region.today, region.placements)


def applied_and_judged(engine: Engine, change: Change, budget: Budget = ORDINARY) -> Answer:
    """The answer, after the whole plan was judged by the checker, against what held before."""
    before = engine.region
    after, value = applied(before, change), engine.value
    answer = engine.apply(change, budget)
    plan = replace(plan_of(after), placements=engine.region.placements)
    assert check(after, plan) == []
    assert cost_parts(after, plan) == dict(answer.certificate.parts)
    assert check_certificate(after, replace(plan, certificate=answer.certificate)) == []
    assert engine.value == sum(cost_parts(engine.region, plan_of(engine.region)).values())
    assert answer.value_change == engine.value - value
    told = {one.student: one.after for one in answer.moved}
    now, was = plan.by_student(), plan_of(before).by_student()
    assert {one for one in {*now, *was} if now.get(one) != was.get(one)} == {*told}
    assert all(now.get(one) == placement for one, placement in told.items())
    return answer


def changes(engine: Engine, draw: random.Random, number: int) -> list[Change]:
    """So many changes, each applied and judged."""
    made = []
    for turn in range(number):
        made.append(wild_change(draw, engine.region, turn))
        applied_and_judged(engine, made[-1])
    return made


def trainer(name: str) -> Supervisor:
    """A trainer of every site."""
    return supervisor(name, sites=["*"])
