"""The incremental engine: after every change the plan is allowed, priced, and what it would be whatever happened before."""

import random
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.engine import Asked, measure
from services.matcher.adapters.solver.engine.adopting import Trial
from services.matcher.adapters.solver.engine.answers import Cause
from services.matcher.adapters.solver.engine.blocks import Blocks
from services.matcher.adapters.solver.engine.engine import Engine
from services.matcher.adapters.solver.engine.improving import Improvement
from services.matcher.adapters.solver.engine.saving import UnreadableState
from services.matcher.adapters.solver.engine.state import State
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.changes import Change, applied, between
from services.matcher.domain.checker import check, check_reasons, cost_parts
from services.matcher.domain.ids import StudentId, SupervisorId
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.plan import Plan
from services.matcher.domain.reasons import Reason
from tests.support.engine import OFTEN, SEEDS, applied_and_judged, changes, plan_of
from tests.support.lever_regions import tiny_lever_region
from tests.support.regions import placement, region, site, student, supervisor, workplace
from tests.support.wild_changes import wild_change
from tests.support.wild_regions import wild_region

QUICK = Improvement(rounds_time=0.0001)


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
def test_an_engine_that_is_told_the_answers_is_where_the_one_is_that_found_them(seed: int) -> None:
    draw, finding = random.Random(seed), Engine(wild_region(seed, students=12, sites=3))
    following = Engine.load(finding.save())
    for turn in range(8):
        change = wild_change(draw, finding.region, turn)
        told = {one.student: one.after for one in finding.apply(change).moved}
        following.apply(change, told=told)
        assert following.save() == finding.save()
    assert following.suggest(1, QUICK) == finding.suggest(1, QUICK)


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
@given(SEEDS, st.booleans())
def test_an_improvement_costs_less_than_before_and_is_allowed(seed: int, has_levers: bool) -> None:
    engine = Engine(tiny_lever_region(seed, students=7) if has_levers else wild_region(seed, students=10))
    for turn in range(2):
        before, value = engine.region, engine.value
        answer = engine.improve(turn, QUICK)
        plan = replace(plan_of(before), placements=engine.region.placements)
        assert check(before, plan) == []
        if answer is None:
            assert engine.region.placements == before.placements
        else:
            assert answer.certificate.value == sum(cost_parts(before, plan).values()) < value


def test_annealing_makes_duos_teams_and_groups_where_the_plan_that_holds_has_none() -> None:
    facts = invent(Wanted(120, Family.LEVERS, 2)).region
    plain = [one for one in invent(Wanted(120, Family.LEVERS, 2)).planted.placements if len(one.wpb) == 1]
    plain = [one for one in plain if one.duo_with is None and one.relief is None]
    held = drop_invalid(facts, Plan(facts.id, facts.today, tuple(plain)))[0].placements
    engine = Engine(replace(facts, placements=held))
    assert engine.improve(0, Improvement(steps=7_500, rounds_time=0)) is not None
    assert len(engine.region.placements) >= 115
    assert {one.relief for one in engine.region.placements} == {None, "peer", "senior"}
    assert any(len(one.wpb) > 1 for one in engine.region.placements)


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
    assert len(found.answered) == 12
    assert found.value == found.fresh_value + round(found.drift * found.fresh_value)
