"""What the engine was told is proven: it is kept as long as it holds, and given up when it may not."""

import random
from dataclasses import replace

from hypothesis import example, given

from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.domain.changes import Change, applied
from services.matcher.domain.ids import PeriodId, SupervisorId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import PlacementState
from tests.support.engine import OFTEN, SEEDS, trainer
from tests.support.regions import placement, region, site, student, supervisor, workplace
from tests.support.wild_changes import wild_change
from tests.support.wild_regions import wild_region


@OFTEN
@given(SEEDS)
@example(42081)
def test_what_was_proven_still_holds_after_changes(seed: int) -> None:
    """The proof is the optimum itself, found by one exact model, and is compared with later optima."""
    engine = Engine(wild_region(seed, students=5))
    optimum = proven(engine.region)
    engine.prove(optimum.bound, optimum.unplaced_bound)
    draw = random.Random(seed)
    for turn in range(4):
        before = engine.region
        change = wild_change(draw, before, turn)
        answer, after = engine.apply(change), applied(before, change)
        for facts, certificate in ((after, answer.certificate), (engine.region, engine.plan().certificate)):
            found = proven(facts)
            assert certificate is not None
            assert certificate.bound <= found.value
            assert certificate.unplaced_bound <= fewest_unplaced(facts)


def proven(region: Region) -> Certificate:
    """The certificate of the best plan."""
    found = CpSatSolver().solve(region, Plan(region.id, region.today), SolveLimits(5.0)).certificate
    assert found is not None
    return found


def fewest_unplaced(region: Region) -> int:
    """How many the plan leaves out that places most."""
    costs = replace(region.settings.costs, unplaced=10**8)
    free = replace(region, placements=(), settings=replace(region.settings, costs=costs))
    return len(CpSatSolver().solve(free, Plan(region.id, region.today), SolveLimits(5.0)).unplaced)


def test_a_bound_is_kept_by_what_takes_away_and_given_up_by_what_frees() -> None:
    people = [supervisor(qh={"2026-S1": 6}), supervisor("v2", qh={"2026-S1": 6}), supervisor("t1"), supervisor("i1")]
    engine = Engine(region([site(), workplace(seats={"2026-S1": 2}), *people, student(1), student(2), student(3)]))
    engine.prove(100_000.0, 1)
    one = engine.region.supervisors[SupervisorId("v1")]
    taken = engine.apply(Change(supervisors={one.id: replace(one, qh={})}))
    assert (taken.certificate.bound, taken.certificate.unplaced_bound) == (100_000.0, 1)
    freed = engine.apply(Change(supervisors={one.id: one}))
    assert (freed.certificate.bound, freed.certificate.unplaced_bound) == (0.0, 0)


def test_a_promise_that_is_broken_pays_for_no_bound_any_more() -> None:
    """A settled student holds the only seat that another could use; then the guide has too few hours for the first alone."""
    people = [supervisor(qh={"2026-S1": 9}), supervisor("v2", 2), *(trainer(name) for name in ("t1", "i1"))]
    sites, places = [site(), site(2)], [workplace(number, number, seats={"2026-S1": 1}) for number in (1, 2)]
    first, second = student(1, support=2), student(2, not_sites=["01AA02"])
    holds = placement(1, qh=9, state=PlacementState.SETTLED)
    engine = Engine(region([*sites, *places, *people, first, second, holds]))
    optimum = proven(engine.region)
    assert optimum.bound >= 100_000
    engine.prove(optimum.bound, optimum.unplaced_bound)
    one = engine.region.supervisors[SupervisorId("v1")]
    engine.apply(Change(supervisors={one.id: replace(one, qh={PeriodId("2026-S1"): 6})}))
    assert len(engine.region.placements) == 2
    assert engine.value < 100_000
    certificate = engine.plan().certificate
    assert certificate is not None
    assert certificate.bound <= engine.value
