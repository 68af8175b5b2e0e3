"""Who is free to move after an event: the touched, the unplaced, their competitors, and not too many."""

from dataclasses import replace

from services.matcher.adapters.solver.cp_sat import CpSatSolver
from services.matcher.adapters.solver.neighbourhood import MOST_FREE, Touched, choose_free
from services.matcher.domain.limits import SolveLimits
from services.matcher.domain.plan import Placement, Plan
from services.matcher.domain.region import Region
from tests.support.regions import invented_region, placement, plan, region, site, student, supervisor, workplace


def solved(seed: int, students: int, sites: int, scarcity: float) -> tuple[Region, Plan]:
    facts = invented_region(seed, students, sites, scarcity)
    made = CpSatSolver().solve(facts, Plan(facts.id, facts.today), SolveLimits(0.1))
    return replace(facts, placements=made.placements), made


def two_schools() -> Region:
    people = [supervisor(f"{tier}{number}", number) for tier in "vti" for number in (1, 2)]
    places = [workplace(number, number, seats={"2026-S1": 1}) for number in (1, 2)]
    return region([site(1), site(2, lat=53.5), *places, *people, student(1), student(2, lat=53.5), student(3)])


def second() -> Placement:
    return placement(2, at=2, by="v2", so=supervisor("t2").id, io=supervisor("i2").id)


def test_a_newcomer_competes_with_those_in_reach_only() -> None:
    facts = two_schools()
    made = plan(facts, placement(1), second())
    touched = Touched(students=frozenset([student(3).id]))
    assert choose_free(facts, made, touched) == {"s3", "s1"}


def test_those_guided_by_somebody_who_is_touched_are_free() -> None:
    facts = two_schools()
    made = plan(facts, placement(1), second(), placement(3))
    assert choose_free(facts, made, Touched(supervisors=frozenset([supervisor("v2").id]))) == {"s2"}
    assert choose_free(facts, made, Touched(sites=frozenset([site(1).id]))) == {"s1", "s3"}
    assert choose_free(facts, made, Touched(workplaces=frozenset([workplace(2).id]))) == {"s2"}


def test_partners_of_the_touched_are_free_with_them() -> None:
    facts = two_schools()
    facts = replace(facts, students={**facts.students, student(1).id: student(1, apart=["s2"])})
    made = plan(facts, placement(1), second())
    assert "s1" in choose_free(facts, made, Touched(students=frozenset([student(2).id])))


def test_the_neighbourhood_is_small_and_the_same_each_time() -> None:
    facts, made = solved(5, 80, 10, 1.8)
    one = made.placements[0]
    touched = Touched(students=frozenset([one.student]), supervisors=frozenset([one.wpb[0].supervisor]))
    free = choose_free(facts, made, touched)
    assert one.student in free
    assert len(free) <= MOST_FREE
    turned = replace(facts, students=dict(reversed(list(facts.students.items()))))
    assert choose_free(turned, made, touched) == free


def test_ids_that_are_gone_do_no_harm() -> None:
    facts = two_schools()
    touched = Touched(frozenset([student(9).id]), frozenset([workplace(9).id]), frozenset([supervisor("v9").id]))
    assert choose_free(facts, plan(facts, placement(1)), touched) <= set(facts.students)
