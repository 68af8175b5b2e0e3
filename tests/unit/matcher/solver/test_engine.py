"""The incremental engine: after every change the plan is allowed, priced, and what it would be whatever happened before."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher.adapters.solver.engine.answers import Answer
from services.matcher.adapters.solver.engine.changes import Change, applied, between
from services.matcher.adapters.solver.engine.engine import NOBODY_MOVES, Budget, Engine
from services.matcher.adapters.solver.engine.improving import Improvement
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.checker_certificate import check_certificate
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from tests.support.lever_regions import tiny_lever_region
from tests.support.wild_changes import wild_change
from tests.support.wild_regions import wild_region

SEEDS = st.integers(0, 10**6)
OFTEN = settings(deadline=None, max_examples=60)
QUICK = Improvement(near_time=0.05, every=1, steps=2_000, rounds_time=0.02)


def plan_of(region: Region) -> Plan:
    return Plan(region.id, region.today, region.placements)


def applied_and_judged(engine: Engine, change: Change, budget: Budget = Budget()) -> Answer:
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
        students=dict(reversed(region.students.items())),
        supervisors=dict(reversed(region.supervisors.items())),
        workplaces=dict(reversed(region.workplaces.items())),
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
