"""The compiled search: what it counts is what the checker sums, what it finds is allowed, the same every time."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from services.matcher.adapters.solver.compiled.loading import cache_folder
from services.matcher.adapters.solver.compiled.search import (
    EjectionSearch,
    SearchLimits,
    fixed_of,
    improve,
    rows_of,
)
from services.matcher.adapters.solver.compiled.tables import tables_of
from services.matcher.adapters.solver.repair import drop_invalid
from services.matcher.domain.atlas import Atlas
from services.matcher.domain.checker import check, cost_parts
from services.matcher.domain.ids import StudentId
from services.matcher.domain.inventing import Family, Wanted, invent
from services.matcher.domain.ledger import Ledger
from services.matcher.domain.plan import Plan
from services.matcher.domain.region import Region
from services.matcher.domain.vocabulary import Relief
from tests.support.brute_force import least_cost
from tests.support.effort import examples
from tests.support.regions import (
    ALL_ON,
    invented_region,
    placement,
    plan,
    region,
    settings,
    site,
    student,
    supervisor,
    workplace,
)
from tests.support.wild_regions import wild_region

SOFT = {"site-minimum"}
"""While it searches a site may be below its minimum; the best plan never is."""


def held(facts: Region) -> Plan:
    return drop_invalid(facts, Plan(facts.id, facts.today, facts.placements))[0]


def search_of(facts: Region, seed: int = 1) -> EjectionSearch:
    atlas = Atlas(facts)
    search = EjectionSearch(atlas, tables_of(atlas), Ledger(atlas), facts.students, seed)
    search.begin(held(facts).placements)
    return search


def value(facts: Region, found: Plan) -> int:
    return sum(cost_parts(facts, found).values())


@effort(max_examples=examples(50, 100), deadline=None)
@given(st.integers(0, 10**6), st.floats(1, 1e6))
def test_after_any_steps_the_cost_is_what_the_checker_sums(seed: int, temperature: float) -> None:
    facts = wild_region(seed, students=12, sites=4)
    search = search_of(facts)
    for _ in range(3):
        search.run(97, (0, 97), (temperature, temperature))
        now = plan(facts, *search.placements(of_best=False))
        assert search.value == value(facts, now)
        assert {one.rule for one in check(facts, now)} <= SOFT
        best = plan(facts, *search.placements())
        assert search.best == value(facts, best)
        assert check(facts, best) == []


@effort(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.6, 2))
def test_in_a_crowded_region_the_plan_stays_exact(seed: int, scarcity: float) -> None:
    facts = invented_region(seed, 60, 6, scarcity)
    search = search_of(facts)
    search.run(5_000, (0, 5_000), (50_000.0, 5.0))
    for of_best, counted in ((True, search.best), (False, search.value)):
        found = plan(facts, *search.placements(of_best=of_best))
        assert check(facts, found) == []
        assert counted == value(facts, found)


@effort(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_tiny_region_without_minimums_gets_its_cheapest_plan(seed: int) -> None:
    facts = wild_region(seed, students=3, sites=2)
    facts = replace(facts, sites={name: replace(one, min_students=0) for name, one in facts.sites.items()})
    assert value(facts, improve(facts, held(facts), SearchLimits(20_000))) == least_cost(facts)


@effort(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_an_improved_plan_is_allowed_and_costs_no_more(seed: int) -> None:
    facts = wild_region(seed, students=15, sites=5)
    before = held(facts)
    after = improve(facts, before, SearchLimits(3_000))
    assert check(facts, after) == []
    assert value(facts, after) <= value(facts, before)


def test_the_same_seed_gives_the_same_plan_whatever_the_order_of_the_input() -> None:
    facts = invented_region(3, 80, 8, 1.3)
    backwards = replace(
        facts,
        sites=dict(reversed(list(facts.sites.items()))),
        supervisors=dict(reversed(list(facts.supervisors.items()))),
        students=dict(reversed(list(facts.students.items()))),
    )
    nothing = plan(facts)
    found = [improve(one, nothing, SearchLimits(20_000, 7)).placements for one in (facts, facts, backwards)]
    assert found[0] == found[1] == found[2]


def test_a_stop_ends_it_at_the_next_block_with_the_best_so_far() -> None:
    facts = invented_region(3, 80, 8, 1.3)
    told: list[tuple[int, int]] = []
    found = improve(facts, plan(facts), SearchLimits(10**9), lambda *news: told.append(news), lambda: len(told) == 2)
    assert len(told) == 2
    assert told[1][0] == value(facts, found)


def test_a_duo_stays_as_it_is() -> None:
    duo = [student(number, duo=True) for number in (1, 2)]
    people = [supervisor("v1", qh={"2026-S1": 9}), supervisor("t1"), supervisor("i1")]
    facts = region([site(), workplace(seats={"2026-S1": 3}), *people, *duo, student(3)], settings(levers=ALL_ON))
    pair = [
        placement(1, qh=5, duo_with=StudentId("s2")),
        placement(2, qh=4, duo_with=StudentId("s1")),
    ]
    found = improve(facts, plan(facts, *pair), SearchLimits(2_000))
    assert found.placements == tuple(pair)


def test_seniors_stay_where_they_relieve_juniors() -> None:
    senior = student(2, phase="lio")
    facts = region(
        [*region().sites.values(), workplace(), *region().supervisors.values(), student(), senior],
        settings(levers={"senior": {"on": True}}),
    )
    relieved = plan(facts, placement(1, qh=5, relief=Relief.SENIOR), placement(2))
    assert check(facts, relieved) == []
    atlas = Atlas(facts)
    assert fixed_of(atlas, tables_of(atlas), relieved) == {"s1", "s2"}
    assert fixed_of(atlas, tables_of(atlas), plan(facts, placement(2))) == set()


def test_a_site_with_a_minimum_is_opened_when_that_places_more() -> None:
    facts = region(
        [
            site(min_students=3),
            workplace(seats={"2026-S1": 4}),
            supervisor("v1"),
            supervisor("t1"),
            supervisor("i1"),
            *(student(number) for number in range(1, 5)),
        ]
    )
    assert len(improve(facts, plan(facts), SearchLimits(5_000)).placements) == 4


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_trainers_are_scarce_whole_visits_are_given_up_and_the_plan_stays_exact(seed: int) -> None:
    facts = invent(Wanted(90, Family.TRAINERS, seed)).region
    search = search_of(facts, seed)
    search.gives_up_visits = True
    search.run(60_000, (0, 60_000), (40_000.0, 5.0))
    for of_best, counted in ((True, search.best), (False, search.value)):
        found = plan(facts, *search.placements(of_best=of_best))
        assert check(facts, found) == []
        assert counted == value(facts, found)


def test_only_in_a_large_region_where_trainers_are_scarce_are_visits_given_up_unasked() -> None:
    sizes = ((420, Family.TRAINERS, True), (300, Family.TRAINERS, False), (420, Family.HOURS, False))
    for students, family, gives_up in sizes:
        assert search_of(invent(Wanted(students, family, 1)).region).gives_up_visits is gives_up


def test_giving_up_visits_leaves_fewer_out() -> None:
    facts, found = invent(Wanted(300, Family.TRAINERS, 2)).region, list[int]()
    for gives_up in (False, True):
        search = search_of(facts)
        search.gives_up_visits = gives_up
        search.run(200_000, (0, 200_000), (60_000.0, 5.0))
        assert search.best is not None
        found.append(search.best)
    assert found[1] < found[0]


@pytest.mark.parametrize("changed", [{"workplace": "w9"}, {"so": None}, {"io": "t1"}, {"wpb": ()}, {"student": "s9"}])
def test_what_is_no_option_has_no_rows(changed: dict[str, object]) -> None:
    tables = tables_of(Atlas(region()))
    assert rows_of(tables, placement()) == (0, 0, 0, 1, 0, -1, -1, 6)
    assert rows_of(tables, replace(placement(), **changed)) is None  # type: ignore[arg-type]


def test_a_region_in_which_nobody_can_move_is_left_as_it_is() -> None:
    facts = region([student()])
    assert improve(facts, plan(facts), SearchLimits(1_000)).placements == ()


def test_numba_is_loaded_only_when_a_solve_begins() -> None:
    code = "import sys, services.matcher.adapters.solver.compiled.search; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_cache_is_named_after_the_code_and_is_elsewhere_when_home_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert (cache_folder() or Path()).is_relative_to(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    folder = cache_folder()
    assert folder is not None
    assert not folder.is_relative_to(tmp_path)
