"""Who the engine moves: no more than the budget allows, and a chain where that gives somebody a place."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matcher.adapters.solver.engine.engine import NOBODY_MOVES, Budget, Engine
from services.matcher.domain.changes import Change
from services.matcher.domain.ids import WorkplaceId
from tests.support.engine import OFTEN, SEEDS, applied_and_judged, trainer
from tests.support.regions import placement, region, site, student, supervisor, workplace
from tests.support.wild_changes import wild_change
from tests.support.wild_regions import wild_region


@OFTEN
@given(SEEDS, st.integers(0, 2))
def test_no_more_move_than_the_budget_allows(seed: int, most: int) -> None:
    draw, engine = random.Random(seed), Engine(wild_region(seed, students=10, sites=2))
    for turn in range(8):
        answer = applied_and_judged(engine, wild_change(draw, engine.region, turn), Budget(0, most))
        assert sum(one.is_moved for one in answer.moved) <= most


@pytest.mark.parametrize("seed", range(5))
def test_nobody_moves_where_no_move_is_allowed(seed: int) -> None:
    draw, engine = random.Random(seed), Engine(wild_region(seed, students=12, sites=2))
    for turn in range(10):
        answer = applied_and_judged(engine, wild_change(draw, engine.region, turn), NOBODY_MOVES)
        assert not any(one.is_moved for one in answer.moved)


def test_a_chain_is_as_long_as_the_budget_and_no_longer() -> None:
    """Who lost a place fits where the first is, the first where the second is, the second where there is room."""
    places = [*(workplace(number, number, seats={"2026-S1": 1}) for number in (1, 2, 3)), workplace(4, 1)]
    people = [*(supervisor(f"v{number}", number) for number in (1, 2, 3)), supervisor("v4", 1)]
    trainers = [trainer("t1"), trainer("i1")]
    pairs = {1: ("01AA03",), 2: ("01AA01",), 3: ("01AA02", "01AA03")}
    students = [student(number, not_sites=list(sites)) for number, sites in pairs.items()]
    for most, is_placed in ((1, False), (2, True)):
        held = [placement(1, 1, "v1"), placement(2, 2, "v2"), placement(3, 4, "v4")]
        engine = Engine(region([site(), site(2), site(3), *places, *people, *trainers, *students, *held]))
        answer = applied_and_judged(engine, Change(workplaces={WorkplaceId("w4"): None}), Budget(0, most))
        assert sum(one.is_moved for one in answer.moved) == (2 if is_placed else 0)
        assert all((one.after is not None) == is_placed for one in answer.moved if one.has_lost)


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


def test_of_many_changes_at_once_only_for_who_lost_a_place_somebody_moves() -> None:
    """Each fits only where somebody is who could be elsewhere; alone both get a place, and in a crowd who had one does."""
    places = [workplace(number, number, seats={"2026-S1": 1}) for number in (1, 2, 3, 4)]
    places.append(workplace(5, 3, seats={"2026-S1": 1}))
    people = [*(supervisor(f"v{number}", number) for number in (1, 2, 3, 4)), supervisor("v5", 3)]
    there = [student(1, not_sites=["01AA03", "01AA04"]), student(3, not_sites=["01AA01", "01AA02"])]
    loser, news = student(7, only_sites=["01AA03"]), [student(number, only_sites=["01AA01"]) for number in (5, 6)]
    held = [placement(1, 1, "v1"), placement(3, 3, "v3"), placement(7, 5, "v5")]
    for number, placed in ((1, {"s5", "s7"}), (2, {"s7"})):
        sites, trainers = [site(one) for one in (1, 2, 3, 4)], [trainer("t1"), trainer("i1")]
        engine = Engine(region([*sites, *places, *people, *trainers, *there, loser, *held]))
        students = {one.id: one for one in news[:number]}
        answer = applied_and_judged(engine, Change(students=students, workplaces={WorkplaceId("w5"): None}))
        assert {one.student for one in answer.moved if one.after and one.student not in {"s1", "s3"}} == placed
