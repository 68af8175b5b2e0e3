"""Rounds over components: what they prove adds up to the least primary cost, never above it, and what they offer is allowed."""

from dataclasses import fields, replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver import component_rounds
from services.matcher.adapters.solver.board import Board, Turn
from services.matcher.adapters.solver.component_rounds import ComponentRounds, components
from services.matcher.adapters.solver.portfolio import default_parts
from services.matcher.adapters.solver.portfolio_parts import Annealing
from services.matcher.domain.checker import check
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.region import Region
from services.matcher.domain.settings import Costs, Step
from services.matcher.domain.vocabulary import SiteRole
from tests.support.brute_force import least_cost
from tests.support.effort import examples
from tests.support.wild_regions import wild_region

PROMISES = ("unplaced", "break_started", "break_settled", "drop_proposed")
OTHERS = {one.name: 0 for one in fields(Costs) if one.name not in (*PROMISES, "travel", "wish", "load")}
STEEP = tuple(Step(Decimal(part) / 10, 10_000 * part) for part in (2, 4, 6, 8, 10))
"""Each next one of a few costs more."""


def only_primary(facts: Region) -> Region:
    """The same, where nothing costs but who is left out, fairness and broken promises."""
    costs = replace(facts.settings.costs, **OTHERS, travel=((30, 0),), wish=(0,), load=(0,))
    related = tuple(replace(one, cost=0) for one in facts.settings.related)
    return replace(facts, settings=replace(facts.settings, costs=costs, related=related))


def in_two(facts: Region) -> Region:
    """The same, where half of the students and people have to do with the one school alone, and half with the other."""
    one, other = facts.sites
    sites = {name: replace(site, role=SiteRole.NONE, core=None) for name, site in facts.sites.items()}
    people = {
        name: replace(person, sites=(other if number % 2 else one,), lendable=False)
        for number, (name, person) in enumerate(facts.supervisors.items())
    }
    students = {
        name: replace(student, not_sites=(one if number % 2 else other,))
        for number, (name, student) in enumerate(facts.students.items())
    }
    return replace(facts, sites=sites, supervisors=people, students=students, placements=())


def after_all(board: Board) -> Board:
    """When the rounds have nothing more to say."""
    rounds = ComponentRounds()
    for number in range(50):
        if rounds.take(board, Turn(number, 1 + number)) is None:
            return board
    raise AssertionError("they do not end")


def board_of(facts: Region) -> Board:
    return Board(facts, lambda _: None, lambda: False)


@effort(max_examples=examples(12, 80), deadline=None)
@given(st.integers(0, 10**6))
def test_of_a_tiny_region_the_least_primary_cost_is_proven(seed: int) -> None:
    facts = only_primary(wild_region(seed, students=4, sites=2))
    assert after_all(board_of(facts)).primary_bound == least_cost(facts)


@effort(max_examples=examples(12, 80), deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_proven_of_two_components_adds_up_to_no_more_than_the_least_of_both(seed: int) -> None:
    facts = only_primary(in_two(wild_region(seed, students=6, sites=2)))
    fair = replace(facts.settings.fairness, min_size=3, steps=STEEP)
    facts = replace(facts, settings=replace(facts.settings, fairness=fair))
    assert after_all(board_of(facts)).primary_bound == least_cost(facts)


@effort(max_examples=examples(6, 30), deadline=None)
@given(st.integers(0, 10**6))
def test_no_plan_of_a_tiny_region_is_cheaper_than_what_they_prove(seed: int) -> None:
    facts = wild_region(seed, students=4, sites=2)
    assert after_all(board_of(facts)).bound <= least_cost(facts)


def test_however_short_their_tries_are_they_prove_no_more_than_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = invent(Wanted(60, Family.TRAINERS, 2)).region
    whole = after_all(board_of(facts))
    found = []
    for effort_ in (0.0001, 0.001, 0.01):
        monkeypatch.setattr(component_rounds, "EFFORTS", (effort_, effort_))
        found.append(after_all(board_of(facts)).primary_bound)
    assert whole.is_primary_proven
    assert all(one <= other for one, other in pairwise([0, *sorted(found), whole.primary]))


def test_they_end_at_a_plan_with_the_least_primary_cost_that_is_allowed() -> None:
    board = board_of(invent(Wanted(80, Family.TRAINERS, 1)).region)
    Annealing().take(board, Turn(0, 1))
    after_all(board)
    assert board.is_primary_proven
    assert not check(board.region, board.best)


def test_the_same_region_has_the_same_course() -> None:
    facts = invent(Wanted(60, Family.TRAINERS, 1)).region
    first, again = after_all(board_of(facts)), after_all(board_of(facts))
    assert (first.best, first.bound) == (again.best, again.bound)


def test_who_shares_nobody_and_no_school_is_apart_and_nobody_is_forgotten() -> None:
    board = board_of(invent(Wanted(150, Family.TRAINERS, 1)).region)
    found = components(board.atlas, board.places)
    sites = [{place.site for student in one for place in board.places[student]} for one in found]
    assert len(found) > 1
    assert sum(len(one) for one in sites) == len(set[str]().union(*sites))
    assert sorted(student for one in found for student in one) == [one for one, at in board.places.items() if at]


def test_who_stops_does_not_wait_for_a_long_search(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def stops() -> bool:
        looks.append(1)
        return len(looks) > 3

    monkeypatch.setattr(component_rounds, "EFFORTS", (1e6,))
    board = Board(invent(Wanted(300, Family.TRAINERS, 1)).region, lambda _: None, stops)
    rounds = ComponentRounds()
    rounds.take(board, Turn(0, 1))
    assert rounds.take(board, Turn(1, 1)) is not None


def test_they_take_turns_where_trainers_are_scarce_and_nowhere_else() -> None:
    chosen = {}
    for family in (Family.TRAINERS, Family.HOURS, Family.LEVERS):
        parts = default_parts(board_of(invent(Wanted(100, family, 1)).region))
        chosen[family] = any(isinstance(one, ComponentRounds) for one in parts.bounders)
    assert chosen == {Family.TRAINERS: True, Family.HOURS: False, Family.LEVERS: False}
