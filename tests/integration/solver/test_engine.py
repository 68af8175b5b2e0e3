"""The incremental engine: after every change the plan is allowed, priced, and what it would be whatever happened before."""

import random
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bench.solver_events import Asked, measure
from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.engine.adopting import Trial
from services.matcher.adapters.solver.engine.answers import Answer, Cause
from services.matcher.adapters.solver.engine.blocks import Blocks
from services.matcher.adapters.solver.engine.changes import Change, applied, between
from services.matcher.adapters.solver.engine.engine import NOBODY_MOVES, Budget, Engine
from services.matcher.adapters.solver.engine.improving import Improvement
from services.matcher.adapters.solver.engine.saving import UnreadableState
from services.matcher.adapters.solver.engine.state import State
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.checker_certificate import check_certificate
from services.matcher.domain.ids import PeriodId, StudentId, SupervisorId
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.reasons import Reason
from services.matcher.domain.region import Region, Supervisor
from services.matcher.domain.vocabulary import PlacementState
from tests.support.lever_regions import tiny_lever_region
from tests.support.regions import placement, region, site, student, supervisor, workplace
from tests.support.wild_changes import wild_change
from tests.support.wild_regions import wild_region

SEEDS = st.integers(0, 10**6)
OFTEN = hypothesis_settings(deadline=None, max_examples=60)
ORDINARY = Budget()
QUICK = Improvement(near_time=0.05, steps=2_000, rounds_time=0.02)


def plan_of(region: Region) -> Plan:
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


@OFTEN
@given(SEEDS)
def test_after_every_change_the_plan_is_allowed_and_costs_what_the_checker_says(seed: int) -> None:
    changes(Engine(wild_region(seed, students=8)), random.Random(seed), 12)


@OFTEN
@given(SEEDS)
@example(867)
def test_with_duos_teams_and_relief_the_plan_stays_allowed_as_well(seed: int) -> None:
    changes(Engine(tiny_lever_region(seed, students=5)), random.Random(seed), 6)


@OFTEN
@given(SEEDS)
def test_an_engine_that_was_saved_and_loaded_gives_the_same_answers(seed: int) -> None:
    draw, engine = random.Random(seed), Engine(wild_region(seed, students=8))
    for turn in range(10):
        loaded = Engine.load(engine.save())
        assert loaded.plan() == engine.plan()
        change = wild_change(draw, engine.region, turn)
        assert loaded.apply(change) == engine.apply(change)
        assert loaded.region.placements == engine.region.placements


@OFTEN
@given(SEEDS)
def test_the_answer_does_not_hang_on_the_order_in_which_things_became_known(seed: int) -> None:
    region = wild_region(seed, students=8)
    turned = replace(
        region,
        students=dict(list(region.students.items())[::-1]),
        supervisors=dict(list(region.supervisors.items())[::-1]),
        workplaces=dict(list(region.workplaces.items())[::-1]),
        placements=region.placements[::-1],
    )
    one, other = Engine(region), Engine(turned)
    other.warm()
    for turn in range(8):
        change = wild_change(random.Random(seed + turn), one.region, turn)
        assert one.apply(change) == other.apply(change)


@OFTEN
@given(SEEDS)
def test_changes_one_by_one_or_in_a_batch_lead_to_the_same_facts(seed: int) -> None:
    region = wild_region(seed, students=8)
    single, batch = Engine(region), Engine(region)
    together = Change()
    for change in changes(single, random.Random(seed), 5):
        together = together.then(replace(change, states={}))
    applied_and_judged(batch, together)
    facts = [replace(one.region, placements=()) for one in (single, batch)]
    assert facts[0] == facts[1]


@OFTEN
@given(SEEDS, st.integers(0, 2))
def test_no_more_move_than_the_budget_allows(seed: int, most: int) -> None:
    draw, engine = random.Random(seed), Engine(wild_region(seed, students=10, sites=2))
    for turn in range(8):
        answer = applied_and_judged(engine, wild_change(draw, engine.region, turn), Budget(0, most))
        assert sum(one.is_moved for one in answer.moved) <= most


@OFTEN
@given(SEEDS)
def test_what_takes_nothing_away_and_frees_nothing_moves_nobody(seed: int) -> None:
    engine = Engine(wild_region(seed, students=8))
    region = engine.region
    people = {one.id: one for one in region.supervisors.values()}
    answer = engine.apply(Change(supervisors=people, workplaces=dict(region.workplaces)))
    assert answer.moved == []
    assert answer.value_change == 0


@OFTEN
@given(SEEDS)
def test_a_new_day_looks_at_the_whole_region_again(seed: int) -> None:
    engine = Engine(wild_region(seed, students=8))
    later = replace(engine.region, today=engine.region.today.replace(month=12))
    answer = applied_and_judged(engine, Change(whole=later))
    assert engine.region.today == later.today
    assert answer.asks_for_whole


@OFTEN
@given(SEEDS)
def test_an_improvement_costs_less_than_before_and_is_allowed(seed: int) -> None:
    engine = Engine(wild_region(seed, students=10))
    for turn in range(2):
        before, value = engine.region, engine.value
        answer = engine.improve(turn, QUICK)
        plan = replace(plan_of(before), placements=engine.region.placements)
        assert check(before, plan) == []
        if answer is None:
            assert engine.region.placements == before.placements
        else:
            assert answer.certificate.value == sum(cost_parts(before, plan).values()) < value


@OFTEN
@given(SEEDS)
def test_the_region_itself_may_be_handed_over_instead_of_what_changed(seed: int) -> None:
    one, other = Engine(wild_region(seed, students=8)), Engine(wild_region(seed, students=8))
    for turn in range(5):
        change = wild_change(random.Random(seed + turn), one.region, turn)
        region = applied(one.region, change)
        assert applied(one.region, between(one.region, region)) == region
        assert one.apply(change).moved == other.follow(region).moved


@OFTEN
@given(SEEDS)
def test_every_student_without_a_place_has_one_reason(seed: int) -> None:
    engine = Engine(wild_region(seed, students=8))
    answer = engine.apply(wild_change(random.Random(seed), engine.region, 0))
    assert check_reasons(engine.region, engine.plan()) == []
    known = {one.student: one for one in engine.plan().unplaced}
    assert all(known[one.student] == one for one in answer.unplaced)


@pytest.mark.parametrize("seed", range(5))
def test_nobody_moves_where_no_move_is_allowed(seed: int) -> None:
    draw, engine = random.Random(seed), Engine(wild_region(seed, students=12, sites=2))
    for turn in range(10):
        answer = applied_and_judged(engine, wild_change(draw, engine.region, turn), NOBODY_MOVES)
        assert not any(one.is_moved for one in answer.moved)


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


def test_a_chain_is_as_long_as_the_budget_and_no_longer() -> None:
    """The newcomer fits where the first is, the first where the second is, the second where there is room."""
    places = [workplace(number, number, seats={"2026-S1": 1}) for number in (1, 2, 3)]
    people = [*(supervisor(f"v{number}", number) for number in (1, 2, 3)), trainer("t1"), trainer("i1")]
    pairs = {1: ("01AA03",), 2: ("01AA01",), 3: ("01AA02", "01AA03")}
    students = {number: student(number, not_sites=list(sites)) for number, sites in pairs.items()}
    for most, is_placed in ((1, False), (2, True)):
        held = [placement(1, 1, "v1"), placement(2, 2, "v2")]
        engine = Engine(region([site(), site(2), site(3), *places, *people, students[1], students[2], *held]))
        answer = applied_and_judged(engine, Change(students={students[3].id: students[3]}), Budget(0, most))
        assert sum(one.is_moved for one in answer.moved) == (2 if is_placed else 0)
        assert any(one.cause is Cause.ROOM_FOUND for one in answer.moved) == is_placed


def test_two_who_each_need_a_move_do_not_get_two_where_one_is_allowed() -> None:
    """Two newcomers fit only where somebody is who could be elsewhere."""
    places = [workplace(number, number, seats={"2026-S1": 1}) for number in (1, 2, 3, 4)]
    people = [*(supervisor(f"v{number}", number) for number in (1, 2, 3, 4)), trainer("t1"), trainer("i1")]
    there = [student(1, not_sites=["01AA03", "01AA04"]), student(3, not_sites=["01AA01", "01AA02"])]
    held = [placement(1, 1, "v1"), placement(3, 3, "v3")]
    news = [student(5, only_sites=["01AA01"]), student(6, only_sites=["01AA03"])]
    for most in (1, 2):
        engine = Engine(region([*(site(one) for one in (1, 2, 3, 4)), *places, *people, *there, *held]))
        answer = applied_and_judged(engine, Change(students={one.id: one for one in news}), Budget(0, most))
        assert sum(one.is_moved for one in answer.moved) in ((2,) if most == 2 else (0, 1))


@OFTEN
@given(SEEDS)
def test_what_was_looked_up_is_what_would_be_looked_up_anew(seed: int) -> None:
    draw, engine = random.Random(seed), Engine(wild_region(seed, students=8))
    for turn in range(6):
        engine.warm()
        engine.apply(wild_change(draw, engine.region, turn))
        state, fresh = engine._state, Engine(engine.region)._state
        for one in engine.region.students:
            assert told(state.blocks, one) == told(fresh.blocks, one)


def told(blocks: Blocks, student: StudentId) -> list[object]:
    """A block by names rather than numbers."""
    block = blocks.of(student)
    found: list[object] = [block.kept, block.cost.tolist()]
    for workplace_, site_, periods, pool, *crews in block.rows.tolist():
        guides = blocks.pools[pool]
        people = [[blocks.people.names[one] for one in blocks.crews[crew]] for crew in crews if crew >= 0]
        columns = ([blocks.people.names[one] for one in guides.people], guides.taken.tolist(), guides.cost.tolist())
        names = (blocks.workplaces.names[workplace_], blocks.sites.names[site_], sorted(blocks.sets.names[periods]))
        found.append((names, columns, people))
    return found


def trainer(name: str) -> Supervisor:
    """A trainer of every site."""
    return supervisor(name, sites=["*"])


def test_somebody_who_returns_gives_a_place_to_who_waits_and_who_leaves_takes_it_away() -> None:
    people = [supervisor(qh={"2026-S1": 6}), supervisor("t1"), supervisor("i1")]
    engine = Engine(region([site(), workplace(), *people, student(1)]))
    one = engine.region.supervisors[SupervisorId("v1")]
    placed = engine.apply(Change(students=dict(engine.region.students)))
    assert [(one.cause, one.before) for one in placed.moved] == [(Cause.ROOM_FOUND, None)]
    lost = engine.apply(Change(supervisors={one.id: replace(one, departs=engine.region.today)}))
    assert [(one.cause, one.after) for one in lost.moved] == [(Cause.GUIDANCE_ENDED, None)]
    assert [one.reason for one in lost.unplaced] == [Reason.NO_SUPERVISOR_HOURS]
    back = engine.apply(Change(supervisors={one.id: one}))
    assert [(one.cause, one.before) for one in back.moved] == [(Cause.ROOM_FOUND, None)]


def test_what_cannot_be_read_is_no_engine() -> None:
    with pytest.raises(UnreadableState):
        Engine.load(b"{}")
    with pytest.raises(UnreadableState, match="engine/2"):
        Engine.load(b'{"format": "leerplek/engine/2", "bound": 0, "unplaced_bound": 0, "region": {}}')


def test_the_checker_that_looks_at_what_changed_finds_what_the_whole_checker_finds() -> None:
    """A placement put in behind the engine's back, for which nobody has the hours, is refused and taken back."""
    people = [supervisor(qh={"2026-S1": 6}), supervisor("t1"), supervisor("i1")]
    state = State(region([site(), workplace(seats={"2026-S1": 2}), *people, student(1), student(2)]), [placement(1)])
    trial = Trial(state)
    state.ledger.add(placement(2))
    assert not trial.seat([placement(2).student])
    trial.take_back()
    assert list(state.ledger.placed) == [placement(1).student]


def test_the_bench_runs_at_a_small_size() -> None:
    found = measure(Asked(students=60, events=12, first_s=0.3, fresh_s=0.3, check=True))
    assert len(found.event_ms) == 12
    assert found.value == found.fresh_value + round(found.drift * found.fresh_value)
